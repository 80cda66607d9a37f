# The calls of the API.
admin_libadmin_a_SOURCES += \
	admin/api/api.c admin/api/api.h admin/api/api_private.h admin/api/audit.c admin/api/audit.h admin/api/handle_apply.c admin/api/handle_backup.c admin/api/handle_bulk.c admin/api/handle_change.c \
	admin/api/handle_drain.c admin/api/handle_figures.c admin/api/handle_health.c admin/api/handle_items.c admin/api/handle_observe.c \
	admin/api/handle_parts.c admin/api/handle_revisions.c admin/api/handle_rollout.c admin/api/handle_tokens.c admin/api/handle_traffic.c admin/api/handlers.h \
	admin/api/metrics.c admin/api/permit.c admin/api/permit.h admin/api/router.c admin/api/router.h \
	admin/api/routes.c
