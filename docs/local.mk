dist_man_MANS += docs/man/gslbd.8 docs/man/gslb-prober.8 docs/man/gslbctl.1 docs/man/gslbd.yaml.5 docs/man/gslb.yaml.5
EXTRA_DIST += docs/architecture.md docs/dependencies.md docs/performance.md docs/api.md docs/openapi.in.yaml docs/openapi.yaml docs/steering.md docs/health.md docs/moving.md docs/operate.md docs/rfcs.md docs/security.md
