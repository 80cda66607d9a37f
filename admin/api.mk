# The HTTP API over it.
admin_libadmin_a_SOURCES += admin/api.h
