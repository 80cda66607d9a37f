# What probers are to check.
admin_libadmin_a_SOURCES += \
	admin/plans/local_prober.c admin/plans/local_prober.h admin/plans/plan_make.c admin/plans/plan_make.h \
	admin/plans/plan_offer.c admin/plans/plan_offer.h
