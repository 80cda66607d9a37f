# The control plane: the one writer.
admin_libadmin_a_SOURCES += admin/node.h admin/node.c admin/node_private.h admin/node_state.c admin/node_describe.c \
	admin/plan_make.h admin/plan_make.c admin/local_prober.h admin/local_prober.c
