noinst_LIBRARIES += admin/libadmin.a
admin_libadmin_a_SOURCES =
include admin/node.mk
include admin/api.mk
