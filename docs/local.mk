EXTRA_DIST += docs/steering.md
