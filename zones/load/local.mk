# From documents to a checked model.
zones_libzones_a_SOURCES += \
	zones/load/edit_concerned.c zones/load/edit_decode.c zones/load/edit_link.c zones/load/edit_private.h \
	zones/load/export.c zones/load/load.c zones/load/load.h zones/load/load_bindings.c zones/load/load_document.c zones/load/load_link.c \
	zones/load/load_monitors.c zones/load/load_private.h zones/load/load_records.c \
	zones/load/load_rest.c zones/load/load_services.c zones/load/model_edit.c zones/load/model_edit.h zones/load/model_problem.c zones/load/model_problem.h zones/load/numbers.c zones/load/numbers.h zones/load/over.c zones/load/over.h zones/load/references.c zones/load/references.h \
	zones/load/serials.c zones/load/serials.h zones/load/serials_edit.c zones/load/serials_edit.h zones/load/set.c zones/load/set.h
