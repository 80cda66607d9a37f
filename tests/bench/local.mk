noinst_PROGRAMS += tests/bench/policy_bench
tests_bench_policy_bench_SOURCES = tests/bench/policy_bench.c
tests_bench_policy_bench_LDADD = $(ZONES_LIBS) $(BASE_LIBS)
