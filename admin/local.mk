noinst_LIBRARIES += admin/libadmin.a
admin_libadmin_a_SOURCES =
include admin/control.mk
include admin/api.mk
