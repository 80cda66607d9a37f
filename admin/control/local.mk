# The control plane: the one writer.
admin_libadmin_a_SOURCES += \
	admin/control/control.c admin/control/control.h admin/control/control_describe.c admin/control/control_figures.c \
	admin/control/control_figures.h admin/control/control_health.c admin/control/control_private.h admin/control/control_state.c \
	admin/control/flattening.c admin/control/flattening.h admin/control/local_prober.c admin/control/local_prober.h \
	admin/control/plan_make.c admin/control/plan_make.h
