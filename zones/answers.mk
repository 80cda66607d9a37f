# What is answered from: snapshot, steering, explain.
zones_libzones_a_SOURCES += zones/snapshot.h zones/snapshot.c zones/names.h zones/names.c zones/render.h zones/render.c zones/explain_bindings.c \
	zones/views.h zones/views.c zones/classes.c zones/picker.h zones/picker.c zones/steering.h zones/steering_build.h \
	zones/steering_build.c zones/steering_tables.h zones/steering_pools.c zones/steering_figures.c zones/steering_routes.c \
	zones/steering_pick.c zones/steering_update.c zones/steering_carry.c zones/steering_addresses.c zones/explain.h zones/explain_private.h \
	zones/explain.c zones/explain_client.c zones/explain_options.c zones/explain_pools.c zones/explain_brief.c

WORLD = tests/unit/world.h tests/unit/world.c
check_PROGRAMS += tests/unit/steering_test
tests_unit_steering_test_SOURCES = tests/unit/steering_test.c $(WORLD)
tests_unit_steering_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -DDOCS_DIR='"$(abs_top_srcdir)/docs"'
tests_unit_steering_test_LDADD = $(ZONES_LIBS) $(BASE_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/unit/explain_test
tests_unit_explain_test_SOURCES = tests/unit/explain_test.c $(WORLD)
tests_unit_explain_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_explain_test_LDADD = $(ZONES_LIBS) $(BASE_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/unit/balance_test tests/unit/balance_figures_test
tests_unit_balance_figures_test_SOURCES = tests/unit/balance_figures_test.c $(WORLD)
tests_unit_balance_figures_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_balance_figures_test_LDADD = $(ZONES_LIBS) $(BASE_LIBS) $(CHECK_LIBS)
tests_unit_balance_test_SOURCES = tests/unit/balance_test.c $(WORLD)
tests_unit_balance_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_balance_test_LDADD = $(ZONES_LIBS) $(BASE_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/unit/simulator_test
tests_unit_simulator_test_SOURCES = tests/unit/simulator_test.c $(WORLD)
tests_unit_simulator_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_simulator_test_LDADD = gslbd/libgslbd.a $(ZONES_LIBS) $(BASE_LIBS) $(CHECK_LIBS)
