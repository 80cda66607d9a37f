noinst_LIBRARIES += probes/libprobes.a
probes_libprobes_a_SOURCES = probes/plan.h probes/plan.c probes/plan_document.c probes/content.h probes/content.c probes/verdict.h probes/verdict.c probes/state.h probes/state.c probes/timing.h probes/timing.c \
	probes/engine.h probes/engine.c probes/check_run.h probes/check_drivers.c probes/transfer.h probes/transfer.c probes/check_http.c probes/check_grpc.c \
	probes/socket_run.h probes/socket_run.c probes/check_tcp.c probes/check_udp.c probes/check_icmp.c probes/check_dns.c \
	probes/check_tls.c probes/agent.h probes/agent.c probes/check_agent.c probes/exposition.h probes/exposition.c \
	probes/check_metrics.c probes/check_composite.c probes/exec.h probes/check_exec.c probes/resolve.h \
	probes/resolve.c probes/health.h probes/health_private.h \
	probes/health.c probes/health_decide.c probes/health_trust.c probes/health_brake.c probes/health_breaker.c probes/health_describe.c probes/http_client.h probes/http_client.c

sbin_PROGRAMS += probes/gslb-prober
probes_gslb_prober_SOURCES = probes/prober_main.c probes/uplink.h probes/uplink.c
probes_gslb_prober_LDADD = $(PROBES_LIBS) $(ZONES_LIBS) $(BASE_LIBS)

check_PROGRAMS += tests/unit/plan_test tests/unit/health_test
tests_unit_health_test_SOURCES = tests/unit/health_test.c tests/unit/monitors.h tests/unit/monitors.c tests/unit/suite.h
tests_unit_health_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_health_test_LDADD = $(PROBES_LIBS) $(ZONES_LIBS) $(BASE_LIBS) $(CHECK_LIBS)
tests_unit_plan_test_SOURCES = tests/unit/plan_test.c tests/unit/monitors.h tests/unit/monitors.c tests/unit/suite.h
tests_unit_plan_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_plan_test_LDADD = $(PROBES_LIBS) $(ZONES_LIBS) $(BASE_LIBS) $(CHECK_LIBS)

# Checks against servers that say what the test wants.
check_PROGRAMS += tests/unit/engine_test
tests_unit_engine_test_SOURCES = tests/unit/engine_test.c tests/unit/monitors.h tests/unit/monitors.c tests/unit/canned.h tests/unit/canned.c tests/unit/suite.h
tests_unit_engine_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_engine_test_LDADD = $(PROBES_LIBS) $(ZONES_LIBS) $(BASE_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/unit/check_http_test
tests_unit_check_http_test_SOURCES = tests/unit/check_http_test.c tests/unit/monitors.h tests/unit/monitors.c tests/unit/canned.h tests/unit/canned.c tests/unit/suite.h
tests_unit_check_http_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_http_test_LDADD = $(PROBES_LIBS) $(ZONES_LIBS) $(BASE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/exposition_test
tests_unit_exposition_test_SOURCES = tests/unit/exposition_test.c tests/unit/suite.h
tests_unit_exposition_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_exposition_test_LDADD = $(PROBES_LIBS) $(ZONES_LIBS) $(BASE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/brake_test
tests_unit_brake_test_SOURCES = tests/unit/brake_test.c tests/unit/monitors.h tests/unit/monitors.c tests/unit/suite.h
tests_unit_brake_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_brake_test_LDADD = $(PROBES_LIBS) $(ZONES_LIBS) $(BASE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/health_simulation_test
tests_unit_health_simulation_test_SOURCES = tests/unit/health_simulation_test.c tests/unit/monitors.h tests/unit/monitors.c tests/unit/suite.h
tests_unit_health_simulation_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_health_simulation_test_LDADD = $(PROBES_LIBS) $(ZONES_LIBS) $(BASE_LIBS) $(CHECK_LIBS)
