# Run by ./check with pytest; here so that a distribution carries them.
EXTRA_DIST += tests/system
