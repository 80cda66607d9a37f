# The control plane: the one writer.
admin_libadmin_a_SOURCES += admin/node.h
