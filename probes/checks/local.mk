# The drivers: one check of each type.
probes_libprobes_a_SOURCES += \
	probes/checks/agent.c probes/checks/agent.h probes/checks/check.h probes/checks/check_agent.c probes/checks/check_composite.c \
	probes/checks/check_dns.c probes/checks/check_drivers.c probes/checks/check_exec.c probes/checks/check_grpc.c \
	probes/checks/check_http.c probes/checks/check_icmp.c probes/checks/check_metrics.c probes/checks/check_run.h \
	probes/checks/check_tcp.c probes/checks/check_tls.c probes/checks/check_udp.c probes/checks/content.c probes/checks/content.h \
	probes/checks/exec.h probes/checks/exposition.c probes/checks/exposition.h probes/checks/http_transfer.c \
	probes/checks/http_transfer.h probes/checks/socket_run.c probes/checks/socket_run.h probes/checks/state.c probes/checks/state.h probes/checks/timing.c \
	probes/checks/timing.h probes/checks/verdict.c probes/checks/verdict.h
