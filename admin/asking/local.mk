# What is not in force, and is asked all the same.
admin_libadmin_a_SOURCES += \
	admin/asking/asking.c admin/asking/asking.h admin/asking/health_then.c admin/asking/health_then.h admin/asking/then.c admin/asking/then.h
