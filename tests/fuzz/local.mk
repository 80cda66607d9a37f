# Harnesses for foreign bytes. `make check` replays their corpora; `make fuzz SECONDS=n` fuzzes each for so long.
FUZZED = condition document gdnsd http mmdb proxy query reply report signed time_zone zonefile
check_PROGRAMS += tests/fuzz/fuzz_condition tests/fuzz/fuzz_document tests/fuzz/fuzz_gdnsd tests/fuzz/fuzz_http tests/fuzz/fuzz_mmdb tests/fuzz/fuzz_proxy tests/fuzz/fuzz_query tests/fuzz/fuzz_reply tests/fuzz/fuzz_report tests/fuzz/fuzz_signed tests/fuzz/fuzz_time_zone tests/fuzz/fuzz_zonefile
tests_fuzz_fuzz_condition_SOURCES = tests/fuzz/fuzz_condition.c tests/fuzz/must.h tests/fuzz/replay.c
tests_fuzz_fuzz_document_SOURCES = tests/fuzz/fuzz_document.c tests/fuzz/replay.c
tests_fuzz_fuzz_gdnsd_SOURCES = tests/fuzz/fuzz_gdnsd.c tests/fuzz/must.h tests/fuzz/replay.c admin/ctl/moving/vscf.c
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz_http.c tests/fuzz/must.h tests/fuzz/replay.c
tests_fuzz_fuzz_mmdb_SOURCES = tests/fuzz/fuzz_mmdb.c tests/fuzz/must.h tests/fuzz/replay.c
tests_fuzz_fuzz_proxy_SOURCES = tests/fuzz/fuzz_proxy.c tests/fuzz/must.h tests/fuzz/replay.c
tests_fuzz_fuzz_query_SOURCES = tests/fuzz/fuzz_query.c tests/fuzz/must.h tests/fuzz/replay.c
tests_fuzz_fuzz_reply_SOURCES = tests/fuzz/fuzz_reply.c tests/fuzz/must.h tests/fuzz/replay.c
tests_fuzz_fuzz_report_SOURCES = tests/fuzz/fuzz_report.c tests/fuzz/must.h tests/fuzz/replay.c
tests_fuzz_fuzz_signed_SOURCES = tests/fuzz/fuzz_signed.c tests/fuzz/must.h tests/fuzz/replay.c
tests_fuzz_fuzz_time_zone_SOURCES = tests/fuzz/fuzz_time_zone.c tests/fuzz/must.h tests/fuzz/replay.c
tests_fuzz_fuzz_zonefile_SOURCES = tests/fuzz/fuzz_zonefile.c tests/fuzz/must.h tests/fuzz/replay.c
EXTRA_DIST += tests/fuzz/run $(FUZZED:%=tests/fuzz/corpus_%)

# What tests/fuzz/run links a harness of: its objects but replay's main, and libraries.
.PHONY: fuzz $(FUZZED:%=fuzz-links-%)
$(FUZZED:%=fuzz-links-%): fuzz-links-%: tests/fuzz/fuzz_%
	@echo $(filter-out %replay.$(OBJEXT),$(tests_fuzz_fuzz_$*_OBJECTS)) $(LDADD)
fuzz:
	@$(srcdir)/tests/fuzz/run $(or $(SECONDS),60) $(FUZZED)
