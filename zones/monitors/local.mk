# What a check is: what all have in common, and each type of its own.
zones_libzones_a_SOURCES += \
	zones/monitors/figures.h zones/monitors/monitor.c zones/monitors/monitor.h zones/monitors/monitor_agent.c \
	zones/monitors/monitor_agent.h zones/monitors/monitor_composite.c zones/monitors/monitor_composite.h \
	zones/monitors/monitor_dns.c zones/monitors/monitor_dns.h zones/monitors/monitor_exec.c zones/monitors/monitor_exec.h \
	zones/monitors/monitor_external.c zones/monitors/monitor_external.h zones/monitors/monitor_grpc.c \
	zones/monitors/monitor_grpc.h zones/monitors/monitor_http.c zones/monitors/monitor_http.h \
	zones/monitors/monitor_metrics.c zones/monitors/monitor_metrics.h zones/monitors/monitor_reply.c \
	zones/monitors/monitor_reply.h zones/monitors/monitor_tcp.c zones/monitors/monitor_tcp.h zones/monitors/monitor_tls.c \
	zones/monitors/monitor_tls.h zones/monitors/monitor_udp.c zones/monitors/monitor_udp.h \
	zones/monitors/schema_monitors.c zones/monitors/state_names.h
