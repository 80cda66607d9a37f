#include "zones/store/format.h"

#include <stdio.h>
#include <string.h>
#include "base/buffer.h"
#include "base/log.h"
#include "zones/store/digest.h"

#define FORMAT_KEY    "format"
#define FORMAT_OLDEST 1 /* that is taken over */
#define TOKEN_MAX     ((size_t)1 << 20)

/* A token as it was stored, or NULL when its role stays. */
static struct doc *with_new_role(const MDB_val *value, struct arena *a)
{
        struct problems none = PROBLEMS_INIT;
        struct doc *token = doc_parse(a, value->mv_data, value->mv_size, DOC_JSON, &none);
        const char *role = token && token->type == DOC_MAP ? doc_get_string(token, "role") : NULL;

        problems_free(&none);
        if (!role || strcmp(role, "operate"))
                return NULL;
        doc_set(token, "role", doc_string(a, "edit"));
        return token;
}

/* Up to format 2 the role operate also changed the configuration; that is the role edit. */
static int raise_roles(struct store *s, MDB_txn *txn)
{
        struct buffer text = BUFFER_INIT(TOKEN_MAX);
        struct arena *a = arena_new(0);
        MDB_cursor *cursor = NULL;
        MDB_val key, value;
        int code = mdb_cursor_open(txn, s->kinds[KIND_TOKENS], &cursor);

        while (!code && !(code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT))) {
                struct doc *token = with_new_role(&value, a);
                if (!token)
                        continue;
                log_info("store", "the token \"%.*s\" has role edit now: operate changes no configuration any more",
                         (int)key.mv_size, (const char *)key.mv_data);
                buffer_clear(&text);
                doc_write_json(token, &text, 0);
                value = (MDB_val){text.length, text.data};
                code = mdb_cursor_put(cursor, &key, &value, MDB_CURRENT);
        }
        if (cursor)
                mdb_cursor_close(cursor);
        buffer_free(&text);
        arena_free(a);
        return code == MDB_NOTFOUND ? 0 : code;
}

/* Counts the bytes of a history that was kept without counting. */
static int measure_history(struct store *s, MDB_txn *txn)
{
        MDB_val key, value;
        uint64_t bytes = 0;
        MDB_cursor *cursor;
        int code = mdb_cursor_open(txn, s->history, &cursor);

        if (code)
                return code;
        while (!(code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)))
                bytes += value.mv_size;
        mdb_cursor_close(cursor);
        if (code != MDB_NOTFOUND)
                return code;
        key = (MDB_val){strlen(HISTORY_BYTES_KEY), HISTORY_BYTES_KEY};
        value = (MDB_val){sizeof(bytes), &bytes};
        return mdb_put(txn, s->meta, &key, &value, 0);
}

/* Format 1 kept whole documents in its history, uncounted. Its entries stay and are read as they are. */
static int take_over(struct store *s, MDB_txn *txn, uint32_t from)
{
        MDB_val key = {strlen(FORMAT_KEY), FORMAT_KEY}, value;
        uint32_t format = STORE_FORMAT;
        int code = from < 2 ? measure_history(s, txn) : 0;

        if (!code && from < 3)
                code = raise_roles(s, txn);
        if (!code && from < 4)
                code = digest_begin(&(struct store_txn){.store = s, .txn = txn});
        value = (MDB_val){sizeof(format), &format};
        if (!code)
                code = mdb_put(txn, s->meta, &key, &value, 0);
        if (!code)
                log_info("store", "the store has format %u now, it had %u: programs that know only that do not open it",
                         format, from);
        return code;
}

bool format_check(struct store *s, MDB_txn *txn, int *code, char *error, size_t error_size)
{
        MDB_val key = {strlen(FORMAT_KEY), FORMAT_KEY}, value;
        uint32_t format = STORE_FORMAT;

        *code = mdb_get(txn, s->meta, &key, &value);
        if (*code == MDB_NOTFOUND && !s->read_only) {
                value = (MDB_val){sizeof(format), &format};
                *code = mdb_put(txn, s->meta, &key, &value, 0);
                return !*code;
        }
        if (*code)
                return false;
        if (value.mv_size == sizeof(format))
                memcpy(&format, value.mv_data, sizeof(format));
        if (value.mv_size == sizeof(format) && format == STORE_FORMAT)
                return true;
        if (value.mv_size == sizeof(format) && format >= FORMAT_OLDEST && format < STORE_FORMAT) {
                *code = s->read_only ? 0 : take_over(s, txn, format);
                return !*code;
        }
        snprintf(error, error_size,
                 "the store has format %u, this program knows %d: use the program that wrote it, or a newer one",
                 format, STORE_FORMAT);
        return false;
}
