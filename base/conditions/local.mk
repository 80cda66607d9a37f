# Conditions over figures, as people write them.
base_libbase_a_SOURCES += \
	base/conditions/condition.h base/conditions/condition_look.c base/conditions/condition_parse.c base/conditions/condition_private.h
