noinst_LIBRARIES += base/libbase.a
base_libbase_a_SOURCES = \
	base/address.h base/address.c base/arena.h base/arena.c base/buffer.h base/buffer.c base/clock.h base/clock.c \
	base/counters.h base/counters.c base/hash.h base/hash.c base/log.h base/log.c base/memory.h base/memory.c \
	base/problems.h base/problems.c base/random.h base/random.c base/rcu.h base/rcu.c base/tls_server.h base/tls_server.c
include base/documents.mk
