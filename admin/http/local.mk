# HTTP as the API speaks it: requests, replies, tokens.
admin_libadmin_a_SOURCES += \
	admin/http/auth.c admin/http/auth.h admin/http/http.c admin/http/http.h
