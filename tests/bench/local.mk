# Figures, on demand: `make bench`. Nothing here decides whether a build is good.
EXTRA_PROGRAMS = tests/bench/answer_bench tests/bench/scale_bench tests/bench/policy_bench
CLEANFILES += $(EXTRA_PROGRAMS)
tests_bench_scale_bench_SOURCES = tests/bench/scale_bench.c
tests_bench_scale_bench_LDADD = $(ZONES_LIBS) $(BASE_LIBS)
tests_bench_policy_bench_SOURCES = tests/bench/policy_bench.c
tests_bench_policy_bench_LDADD = $(ZONES_LIBS) $(BASE_LIBS)
tests_bench_answer_bench_SOURCES = tests/bench/answer_bench.c tests/unit/ask.h tests/unit/ask.c tests/unit/world.h tests/unit/world.c
tests_bench_answer_bench_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_bench_answer_bench_LDADD = $(ANSWER_TEST_LIBS)
EXTRA_DIST += tests/bench/peers tests/bench/probe_bench

.PHONY: bench
bench: all $(EXTRA_PROGRAMS)
	@for program in $(EXTRA_PROGRAMS); do echo "== $$program"; ./$$program || exit 1; done
	@echo "== probe_bench"
	@$(srcdir)/tests/bench/probe_bench .
	@echo "== peers"
	@$(srcdir)/tests/bench/peers gslbd/gslbd admin/gslbctl
