#include "zones/store/note.h"

#include <string.h>
#include "zones/store/store_private.h"

bool store_note(struct store_txn *t, const char *name, int64_t time_ms)
{
        MDB_val key = {strlen(name), (void *)name}, value = {sizeof(time_ms), &time_ms};
        int code = time_ms ? mdb_put(t->txn, t->store->notes, &key, &value, 0)
                           : mdb_del(t->txn, t->store->notes, &key, NULL);

        return !code || code == MDB_NOTFOUND;
}

void store_notes_each(struct store_txn *t, store_note_visit *visit, void *context)
{
        char name[STORE_KEY_MAX + 1];
        MDB_cursor *cursor;
        MDB_val key, value;
        int64_t time;

        if (mdb_cursor_open(t->txn, t->store->notes, &cursor))
                return;
        while (!mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
                if (value.mv_size != sizeof(time))
                        continue;
                memcpy(name, key.mv_data, key.mv_size);
                name[key.mv_size] = '\0';
                memcpy(&time, value.mv_data, sizeof(time));
                visit(context, name, time);
        }
        mdb_cursor_close(cursor);
}
