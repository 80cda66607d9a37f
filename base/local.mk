noinst_LIBRARIES += base/libbase.a
# What every room stands on.
base_libbase_a_SOURCES = \
	base/address.c base/address.h base/arena.c base/arena.h base/best.h base/buffer.c base/buffer.h base/clock.c base/clock.h base/counters.c \
	base/counters.h base/event_thread.c base/event_thread.h base/hash.c base/hash.h base/hex.c base/hex.h base/landlock.c base/landlock.h base/log.c base/log.h base/mailbox.c base/mailbox.h base/memory.c base/memory.h base/named.h base/pattern.c base/pattern.h base/pieces.h base/random.c base/random.h base/rcu.c \
	base/rcu.h base/resolver.c base/resolver.h base/retry.h base/sha256.c base/sha256.h base/tap.c base/tap.h base/tls_server.c base/tls_server.h base/utf8.c base/utf8.h
include base/documents/local.mk
include base/threads/local.mk
include base/conditions/local.mk
include base/time_zones/local.mk
