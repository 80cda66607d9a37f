# What probers are to check.
admin_libadmin_a_SOURCES += \
	admin/plans/local_prober.c admin/plans/local_prober.h admin/plans/plan_make.c admin/plans/plan_make.h \
	admin/plans/plan_offer.c admin/plans/plan_offer.h admin/plans/tries.c admin/plans/tries.h admin/plans/tries_tell.c \
	admin/plans/tries_tell.h
