# HTTP as the API speaks it: connections, requests, replies, tokens.
admin_libadmin_a_SOURCES += \
	admin/http/auth.c admin/http/auth.h admin/http/body.c admin/http/body.h admin/http/connection.c admin/http/connection.h admin/http/connection_private.h \
	admin/http/failures.c admin/http/failures.h admin/http/form.c admin/http/head.c admin/http/head.h admin/http/host.c admin/http/host.h admin/http/http.c admin/http/http.h admin/http/hub.h admin/http/lane.c admin/http/lane.h admin/http/peer.c admin/http/peer.h admin/http/precondition.c admin/http/request.c admin/http/request.h \
	admin/http/running.c admin/http/running.h admin/http/sending.c admin/http/sending.h admin/http/server.c admin/http/server.h admin/http/status.c admin/http/status.h \
	admin/http/token_set.c admin/http/token_set.h
