/* Applying revisions. */
#include <string.h>
#include "zones/store/digest.h"
#include "zones/store/history.h"
#include "zones/store/kept.h"
#include "zones/store/store_private.h"
#include "zones/store/touched.h"

#define DOCUMENT_TEXT_MAX ((size_t)1 << 30)

static int put_document(struct store_txn *t, const struct change *c, struct digester *digester, struct digest *digest,
                        struct buffer *text)
{
        MDB_dbi dbi = t->store->kinds[c->kind];
        MDB_val key = {strlen(c->key), (void *)c->key}, value;
        int code = mdb_get(t->txn, dbi, &key, &value);

        if (!code)
                digest_subtract_stored(digester, digest, c->kind, c->key, value.mv_data, value.mv_size);
        else if (code != MDB_NOTFOUND)
                return code;
        kept_put(t->store, (int)c->kind, c->key, code ? NULL : &value);
        if (!c->document)
                return code == MDB_NOTFOUND ? 0 : mdb_del(t->txn, dbi, &key, NULL);
        digest_add(digester, digest, c->kind, c->key, c->document);
        buffer_clear(text);
        doc_write_json(c->document, text, 0);
        value = (MDB_val){text->length, text->data};
        return mdb_put(t->txn, dbi, &key, &value, 0);
}

static int put_documents(struct store_txn *t, const struct revision *r, struct buffer *text)
{
        struct digester *digester = digester_new();
        struct digest digest;
        int code = store_digest(t, &digest) ? 0 : MDB_CORRUPTED;

        for (size_t i = 0; i < r->change_count && !code; i++)
                code = put_document(t, &r->changes[i], digester, &digest, text);
        digester_free(digester);
        return code ? code : digest_put(t, &digest);
}

static int put_meta(struct store_txn *t, const struct revision *r)
{
        MDB_val key = {strlen("revision"), "revision"}, value = {sizeof(r->number), (void *)&r->number};
        int code = mdb_put(t->txn, t->store->meta, &key, &value, 0);

        key = (MDB_val){strlen("time"), "time"};
        value = (MDB_val){sizeof(r->time_ms), (void *)&r->time_ms};
        return code ? code : mdb_put(t->txn, t->store->meta, &key, &value, 0);
}

static bool written(int code, char *error, size_t error_size)
{
        if (code)
                store_error(error, error_size, "cannot write to the store", code);
        return !code;
}

bool store_apply(struct store_txn *t, const struct revision *r, char *error, size_t error_size)
{
        struct buffer text = BUFFER_INIT(DOCUMENT_TEXT_MAX);
        int code = history_put(t, r, &text); /* first: it reads the old documents */

        if (!code)
                code = put_documents(t, r, &text);
        if (!code)
                code = touched_put(t, r);
        if (!code)
                code = put_meta(t, r);
        buffer_free(&text);
        return written(code, error, error_size);
}

bool store_forced(struct store_txn *t, uint64_t number, const char *reason, const struct doc *forced, char *error,
                  size_t error_size)
{
        struct buffer text = BUFFER_INIT(DOCUMENT_TEXT_MAX);
        int code = history_forced(t, number, reason, forced, &text);

        buffer_free(&text);
        return written(code, error, error_size);
}

int64_t store_revision_time(struct store_txn *t)
{
        MDB_val key = {strlen("time"), "time"}, value;
        int64_t time = 0;

        if (!mdb_get(t->txn, t->store->meta, &key, &value) && value.mv_size == sizeof(time))
                memcpy(&time, value.mv_data, sizeof(time));
        return time;
}

/* --- serials of zones --- */

bool store_serial(struct store_txn *t, const char *zone, struct zone_serial *kept)
{
        MDB_val key = {strlen(zone), (void *)zone}, value;

        if (mdb_get(t->txn, t->store->serials, &key, &value) || value.mv_size != sizeof(*kept))
                return false;
        memcpy(kept, value.mv_data, sizeof(*kept));
        return true;
}

bool store_serial_set(struct store_txn *t, const char *zone, const struct zone_serial *kept, char *error,
                      size_t error_size)
{
        struct zone_serial whole;
        MDB_val key = {strlen(zone), (void *)zone}, value;
        int code = mdb_get(t->txn, t->store->serials, &key, &value);

        if (code && code != MDB_NOTFOUND)
                return written(code, error, error_size);
        kept_put(t->store, KEPT_SERIALS, zone, code ? NULL : &value);
        memset(&whole, 0, sizeof(whole)); /* what lies between the members, too */
        whole.serial = kept->serial;
        memcpy(whole.contents, kept->contents, sizeof(whole.contents));
        value = (MDB_val){sizeof(whole), &whole};
        code = mdb_put(t->txn, t->store->serials, &key, &value, 0);
        return written(code, error, error_size);
}
