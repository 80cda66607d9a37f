# The HTTP API over it.
admin_libadmin_a_SOURCES += admin/api.h admin/api.c admin/http.h admin/http.c admin/router.h admin/router.c admin/auth.h \
	admin/auth.c admin/handlers.h admin/handle_change.c admin/handle_items.c admin/handle_parts.c admin/handle_apply.c \
	admin/handle_drain.c admin/handle_tokens.c admin/handle_bulk.c admin/handle_figures.c admin/handle_observe.c admin/handle_revisions.c admin/handle_probers.c \
	admin/handle_geo.c admin/metrics.c
