noinst_LIBRARIES += admin/libadmin.a
admin_libadmin_a_SOURCES =
include admin/views/local.mk
include admin/plans/local.mk
include admin/states/local.mk
include admin/traffic/local.mk
include admin/control/local.mk
include admin/rollout/local.mk
include admin/asking/local.mk
include admin/http/local.mk
include admin/api/local.mk
