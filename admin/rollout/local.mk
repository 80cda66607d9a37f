# What gslbd does about changes later.
admin_libadmin_a_SOURCES += \
	admin/rollout/acts.c admin/rollout/asked.c admin/rollout/asked.h admin/rollout/confirms.c admin/rollout/figures.c admin/rollout/figures.h admin/rollout/rollout_private.h \
	admin/rollout/rollouts.c admin/rollout/rollouts.h admin/rollout/shift_words.c admin/rollout/shift_words.h admin/rollout/shifts.c admin/rollout/trials.c admin/rollout/trials.h admin/rollout/undo.c admin/rollout/undo.h \
	admin/rollout/weights.c admin/rollout/weights.h
