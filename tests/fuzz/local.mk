# Harnesses for foreign bytes. `make check` replays their corpus; tests/fuzz/run fuzzes with libFuzzer.
check_PROGRAMS += tests/fuzz/fuzz_query
tests_fuzz_fuzz_query_SOURCES = tests/fuzz/fuzz_query.c tests/fuzz/replay.c tests/unit/world.h tests/unit/world.c
tests_fuzz_fuzz_query_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_fuzz_fuzz_query_LDADD = $(ANSWER_TEST_LIBS)
EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus_query
