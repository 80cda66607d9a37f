# Harnesses for foreign bytes. `make check` replays their corpus; tests/fuzz/run fuzzes with libFuzzer.
check_PROGRAMS += tests/fuzz/fuzz_document tests/fuzz/fuzz_query
tests_fuzz_fuzz_document_SOURCES = tests/fuzz/fuzz_document.c tests/fuzz/replay.c
tests_fuzz_fuzz_query_SOURCES = tests/fuzz/fuzz_query.c tests/fuzz/replay.c
EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus_document tests/fuzz/corpus_query
