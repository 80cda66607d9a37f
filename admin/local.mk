noinst_LIBRARIES += admin/libadmin.a
admin_libadmin_a_SOURCES =
include admin/control/local.mk
include admin/http/local.mk
include admin/api/local.mk
