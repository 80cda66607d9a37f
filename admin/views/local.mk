# What of all there is a caller means.
admin_libadmin_a_SOURCES += admin/views/filter.c admin/views/filter.h admin/views/scope.c admin/views/scope.h admin/views/selection.c admin/views/selection.h
