# What is not in force, and is asked all the same.
admin_libadmin_a_SOURCES += \
	admin/asking/asking.c admin/asking/asking.h
