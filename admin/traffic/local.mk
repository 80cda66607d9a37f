# How much goes where: what the workers' taps say, counted.
admin_libadmin_a_SOURCES += \
	admin/traffic/clients.c admin/traffic/clients.h admin/traffic/crowds.c admin/traffic/crowds.h admin/traffic/flows.c admin/traffic/flows.h \
	admin/traffic/foretell.c admin/traffic/foretell.h \
	admin/traffic/history.c admin/traffic/history.h admin/traffic/series.c admin/traffic/series.h admin/traffic/sums.c admin/traffic/take.c \
	admin/traffic/traffic.c admin/traffic/traffic.h admin/traffic/traffic_private.h
