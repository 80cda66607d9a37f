# Threads that work for another.
base_libbase_a_SOURCES += base/threads/background.c base/threads/background.h
