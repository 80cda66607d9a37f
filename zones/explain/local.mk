# Why a client gets an answer.
zones_libzones_a_SOURCES += \
	zones/explain/explain.c zones/explain/explain.h zones/explain/explain_bindings.c zones/explain/explain_brief.c \
	zones/explain/explain_brief.h zones/explain/explain_client.c zones/explain/explain_options.c zones/explain/explain_order.c zones/explain/explain_pools.c \
	zones/explain/explain_private.h zones/explain/explain_service.c zones/explain/explain_zone.c zones/explain/question.h zones/explain/standing.c zones/explain/standing.h zones/explain/telling.c \
	zones/explain/telling.h
