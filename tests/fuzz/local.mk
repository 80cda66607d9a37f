# Harnesses for foreign bytes. `make check` replays their corpus; tests/fuzz/run fuzzes with libFuzzer.
check_PROGRAMS += tests/fuzz/fuzz_condition tests/fuzz/fuzz_document tests/fuzz/fuzz_proxy tests/fuzz/fuzz_query tests/fuzz/fuzz_signed
tests_fuzz_fuzz_condition_SOURCES = tests/fuzz/fuzz_condition.c tests/fuzz/must.h tests/fuzz/replay.c
tests_fuzz_fuzz_document_SOURCES = tests/fuzz/fuzz_document.c tests/fuzz/replay.c
tests_fuzz_fuzz_proxy_SOURCES = tests/fuzz/fuzz_proxy.c tests/fuzz/must.h tests/fuzz/replay.c
tests_fuzz_fuzz_query_SOURCES = tests/fuzz/fuzz_query.c tests/fuzz/must.h tests/fuzz/replay.c
tests_fuzz_fuzz_signed_SOURCES = tests/fuzz/fuzz_signed.c tests/fuzz/must.h tests/fuzz/replay.c
EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus_condition tests/fuzz/corpus_document tests/fuzz/corpus_proxy tests/fuzz/corpus_query tests/fuzz/corpus_signed
