# The control plane: the one writer.
admin_libadmin_a_SOURCES += \
	admin/control/build.c admin/control/build.h admin/control/build_make.c admin/control/build_private.h admin/control/build_states.c \
	admin/control/change.c admin/control/change_whole.c admin/control/change_whole.h admin/control/commit.c admin/control/commit.h admin/control/control.c admin/control/control.h admin/control/control_private.h \
	 admin/control/edit.c admin/control/edit.h admin/control/edit_states.c admin/control/edit_states.h admin/control/events.c admin/control/findings.h \
	 admin/control/foresee.c admin/control/foresee.h admin/control/geo_reload.c admin/control/guard.c admin/control/guard.h admin/control/health.c \
	admin/control/holds.c admin/control/holds.h admin/control/holds_write.c \
	admin/control/prepare.c admin/control/ready.c admin/control/start.c admin/control/states.c admin/control/terms.h
