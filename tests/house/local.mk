# Run by ./check: the rules of the house, and what reads the sources.
EXTRA_DIST += tests/house/house.py tests/house/test_house.py tests/house/test_programs.py
EXTRA_DIST += tests/tools/cppcheck.cfg tests/tools/format tests/tools/lint tests/tools/make-openapi tests/tools/valgrind
