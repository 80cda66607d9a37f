# Figures, on demand: `make bench`. Nothing here decides whether a build is good.
EXTRA_PROGRAMS = tests/bench/answer_bench tests/bench/scale_bench tests/bench/policy_bench
CLEANFILES += $(EXTRA_PROGRAMS)
EXTRA_DIST += tests/bench/peers tests/bench/probe_bench

.PHONY: bench
bench: all $(EXTRA_PROGRAMS)
	@for program in $(EXTRA_PROGRAMS); do echo "== $$program"; ./$$program || exit 1; done
	@echo "== probe_bench"
	@$(srcdir)/tests/bench/probe_bench .
	@echo "== peers"
	@$(srcdir)/tests/bench/peers gslbd/gslbd admin/gslbctl
