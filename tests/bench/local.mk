# Figures, on demand: `make bench`. Nothing here decides whether a build is good.
EXTRA_PROGRAMS = tests/bench/answer_bench tests/bench/limit_bench tests/bench/scale_bench tests/bench/policy_bench
CLEANFILES += $(EXTRA_PROGRAMS)
EXTRA_DIST += tests/bench/abuse_bench tests/bench/bench.py tests/bench/change_bench tests/bench/change_soak tests/bench/make_cities tests/bench/peers tests/bench/probe_bench

.PHONY: bench bench-changes soak-memory
bench: all $(EXTRA_PROGRAMS)
	@for program in $(EXTRA_PROGRAMS); do echo "== $$program"; ./$$program || exit 1; done
	@echo "== probe_bench"
	@$(srcdir)/tests/bench/probe_bench .
	@echo "== change_bench"
	@$(srcdir)/tests/bench/change_bench . --only changes,region,verdict
	@echo "== abuse_bench"
	@$(srcdir)/tests/bench/abuse_bench .
	@echo "== peers"
	@$(srcdir)/tests/bench/peers gslbd/gslbd admin/gslbctl

# What a change costs up to 100,000 services, 1,000,000 names and a storm of changes: takes long, and 4 GB.
bench-changes: all
	@$(srcdir)/tests/bench/change_bench . --sizes 1000,10000,100000

# 100,000 changes over the API of one gslbd: nothing is left behind.
soak-memory: all
	@$(srcdir)/tests/bench/change_soak .
