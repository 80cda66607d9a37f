# What is known of endpoints besides their configuration and health: what operators say, clocks, load figures, addresses; what
# is to be told of it; uses of tokens.
admin_libadmin_a_SOURCES += \
	admin/states/covering.c admin/states/covering.h admin/states/drains.c admin/states/drains.h admin/states/figures.c admin/states/figures.h \
	admin/states/flattening.c admin/states/flattening.h \
	admin/states/hold_list.c admin/states/hold_list.h admin/states/schedules.c admin/states/schedules.h \
	admin/states/token_uses.c admin/states/token_uses.h admin/states/untold.c admin/states/untold.h
