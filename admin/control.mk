# The control plane: the one writer.
admin_libadmin_a_SOURCES += admin/control.h admin/control.c admin/control_private.h admin/control_state.c admin/control_describe.c admin/control_figures.h admin/control_figures.c \
	admin/resolver.h admin/resolver.c admin/plan_make.h admin/plan_make.c admin/local_prober.h admin/local_prober.c
