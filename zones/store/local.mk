# The configuration on disk.
zones_libzones_a_SOURCES += \
	zones/store/backup.c zones/store/backup.h zones/store/damage.c zones/store/damage.h zones/store/difference.c zones/store/difference.h zones/store/digest.c zones/store/digest.h zones/store/format.c zones/store/format.h zones/store/going_back.c zones/store/history.c \
	zones/store/history.h zones/store/journal.c zones/store/journal.h zones/store/journal_private.h zones/store/journal_read.c \
	zones/store/kept.c zones/store/kept.h zones/store/kind.c zones/store/kind.h zones/store/note.c zones/store/note.h zones/store/opening.c zones/store/owner.c zones/store/owner.h zones/store/pages.c zones/store/pages.h zones/store/store.c \
	zones/store/store.h zones/store/store_private.h zones/store/store_revision.c zones/store/touched.c zones/store/touched.h zones/store/walk.c zones/store/walk.h \
	zones/store/writer.c zones/store/writer.h
