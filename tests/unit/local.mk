# Unit tests mirror the rooms: each program is one source file, named here, over one library of helpers.
check_LIBRARIES = tests/unit/libtest.a
tests_unit_libtest_a_SOURCES = \
	tests/unit/afresh.c tests/unit/afresh.h tests/unit/ask.c tests/unit/ask.h tests/unit/canned.c tests/unit/canned.h tests/unit/faults.c tests/unit/faults.h tests/unit/mmdb_file.c tests/unit/mmdb_file.h tests/unit/model_text.c tests/unit/model_text.h \
	tests/unit/monitors.c tests/unit/monitors.h tests/unit/must.h tests/unit/name_server.c tests/unit/name_server.h \
	tests/unit/plane.c tests/unit/plane.h tests/unit/questions.c tests/unit/questions.h tests/unit/random_change.c tests/unit/random_change.h \
	tests/unit/random_geo.c tests/unit/random_geo.h tests/unit/random_items.c tests/unit/random_items.h tests/unit/readers.c tests/unit/readers.h tests/unit/same_steering.c tests/unit/same_steering.h tests/unit/scratch.c tests/unit/scratch.h tests/unit/suite.h tests/unit/world.c tests/unit/world.h

check_PROGRAMS += \
	tests/unit/admin/as_afresh_test tests/unit/admin/differential_test tests/unit/admin/drains_test tests/unit/admin/health_then_test tests/unit/admin/holds_test tests/unit/admin/http_test tests/unit/admin/killed_test tests/unit/admin/schedules_test tests/unit/admin/traffic_series_test tests/unit/admin/traffic_test tests/unit/admin/tries_test tests/unit/admin/untold_test tests/unit/admin/weights_test tests/unit/base/base_test tests/unit/base/conditions/condition_test tests/unit/base/documents/differ_test tests/unit/base/documents/documents_test tests/unit/base/documents/take_back_test tests/unit/base/landlock_test tests/unit/base/resolver_test tests/unit/base/threads_test tests/unit/base/time_zones/time_zones_test tests/unit/base/time_zones/when_test tests/unit/geo/geo_test tests/unit/geo/mmdb_made_test \
	tests/unit/geo/mmdb_test tests/unit/geo/watch_test tests/unit/gslbd/answer/answer_alias_test tests/unit/gslbd/answer/answer_bindings_test \
	tests/unit/gslbd/answer/answer_delegation_test \
	tests/unit/gslbd/answer/answer_edns_test tests/unit/gslbd/answer/answer_zone_test tests/unit/gslbd/limits/buckets_test tests/unit/gslbd/limits/limits_test tests/unit/gslbd/serve/client_counts_test tests/unit/gslbd/serve/proxy_test tests/unit/gslbd/serve/signed_test \
	tests/unit/probes/checks/check_http_test tests/unit/probes/checks/exposition_test tests/unit/probes/checks/probes_test \
	tests/unit/probes/health/brake_test tests/unit/probes/health/health_simulation_test tests/unit/probes/health/health_test \
	tests/unit/probes/prober/engine_names_test tests/unit/probes/prober/engine_test tests/unit/probes/prober/plan_test tests/unit/probes/prober/roster_test tests/unit/zones/answers/snapshot_edit_test tests/unit/zones/config/configuration_test tests/unit/zones/config/drain_test \
	tests/unit/zones/explain/explain_equals_answer_test tests/unit/zones/explain/explain_test tests/unit/zones/forecast/forecast_test tests/unit/zones/load/model_edit_test \
	tests/unit/zones/schedules/schedule_test tests/unit/zones/steering/balance_figures_test tests/unit/zones/steering/balance_test tests/unit/zones/steering/losses_test tests/unit/zones/steering/nested_order_test tests/unit/zones/steering/steering_edit_test \
	tests/unit/zones/steering/simulator_test tests/unit/zones/steering/steering_test tests/unit/zones/steering/steering_time_test \
	tests/unit/zones/store/backup_test tests/unit/zones/store/digest_test tests/unit/zones/store/journal_test tests/unit/zones/store/store_test tests/unit/zones/store/touched_test tests/unit/zones/store/walk_test tests/unit/zones/store/writer_test

# Threads wait where a test says.
check_PROGRAMS += tests/unit/admin/build_test
tests_unit_admin_build_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=snapshot_frame

# Memory ends where a test says: tests/unit/faults.c.
tests_unit_admin_differential_test_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=arena_on_failure

tests_unit_zones_steering_steering_test_CPPFLAGS = $(AM_CPPFLAGS) -DDOCS_DIR='"$(abs_top_srcdir)/docs"'

# What programs without libraries of their own are linked with: those of the tests, and benches.
LDADD = tests/unit/libtest.a $(GSLBD_LIBS) $(CHECK_LIBS)

# What ThreadSanitizer cannot see in liburcu.
EXTRA_DIST += tests/tsan.supp
# Machines are slow and shared: a time-out is for what hangs.
AM_TESTS_ENVIRONMENT = CK_DEFAULT_TIMEOUT=120; export CK_DEFAULT_TIMEOUT; TSAN_OPTIONS="suppressions=$(abs_top_srcdir)/tests/tsan.supp $$TSAN_OPTIONS"; export TSAN_OPTIONS;

# Random changes for long, deaths in the middle of them, and 100,000 over the API: SEED=n another run.
.PHONY: soak
soak: tests/unit/admin/differential_test tests/unit/admin/killed_test soak-memory
	@$(AM_TESTS_ENVIRONMENT) GSLBD_DIFFERENTIAL_STEPS=10000 GSLBD_DIFFERENTIAL_SEED=$(or $(SEED),1) ./tests/unit/admin/differential_test
	@$(AM_TESTS_ENVIRONMENT) GSLBD_KILLED_ROUNDS=500 GSLBD_KILLED_SEED=$(or $(SEED),1) ./tests/unit/admin/killed_test
