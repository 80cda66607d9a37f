#include "geo/mmdb.h"

#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "geo/mmdb_walk.h"

struct geo_open_file {
        char *path;
        MMDB_s db;
        bool opened;
};

struct geo {
        size_t count;
        struct geo_open_file files[GEO_FILES_MAX];
};

/* --- facts of one record --- */

static bool text_at(MMDB_entry_s *entry, char *out, size_t size, const char *const *path)
{
        MMDB_entry_data_s data;

        if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data ||
            data.type != MMDB_DATA_TYPE_UTF8_STRING || !data.data_size || data.data_size >= size)
                return false;
        memcpy(out, data.utf8_string, data.data_size);
        out[data.data_size] = '\0';
        return true;
}

static bool number_at(MMDB_entry_s *entry, uint32_t *out, const char *const *path)
{
        MMDB_entry_data_s data;

        if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data || data.type != MMDB_DATA_TYPE_UINT32)
                return false;
        *out = data.uint32;
        return true;
}

static bool degrees_at(MMDB_entry_s *entry, float *out, double limit, const char *const *path)
{
        MMDB_entry_data_s data;
        double value;

        if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data)
                return false;
        if (data.type == MMDB_DATA_TYPE_DOUBLE)
                value = data.double_value;
        else if (data.type == MMDB_DATA_TYPE_FLOAT)
                value = (double)data.float_value;
        else
                return false;
        *out = (float)value;
        return value >= -limit && value <= limit;
}

#define PATH(...) ((const char *const[]){__VA_ARGS__, NULL})

/* MaxMind's City, Country, Enterprise, ASN and ISP layouts, and DB-IP's, which has the same keys but no ISO code of
 * subdivisions. Facts that another file gave already stay. */
static void read_facts(MMDB_entry_s *entry, struct geo_facts *f)
{
        char part[4];

        if (!f->continent[0])
                text_at(entry, f->continent, sizeof(f->continent), PATH("continent", "code"));
        if (!f->country[0] && !text_at(entry, f->country, sizeof(f->country), PATH("country", "iso_code")))
                text_at(entry, f->country, sizeof(f->country), PATH("registered_country", "iso_code"));
        if (!f->subdivision[0] && f->country[0] &&
            text_at(entry, part, sizeof(part), PATH("subdivisions", "0", "iso_code")))
                snprintf(f->subdivision, sizeof(f->subdivision), "%s-%s", f->country, part);
        if (!f->asn && !number_at(entry, &f->asn, PATH("autonomous_system_number")))
                number_at(entry, &f->asn, PATH("traits", "autonomous_system_number"));
        if (!f->has_location)
                f->has_location = degrees_at(entry, &f->latitude, 90, PATH("location", "latitude")) &&
                                  degrees_at(entry, &f->longitude, 180, PATH("location", "longitude"));
}

void mmdb_facts(const struct geo *geo, size_t file, uint32_t record, struct geo_facts *facts)
{
        MMDB_entry_s entry = {&geo->files[file].db, record};
        read_facts(&entry, facts);
}

/* --- walking the search tree --- */

struct walk {
        MMDB_s *db;
        mmdb_visit *visit;
        void *context;
        uint32_t ipv4_node; /* of an IPv6 tree: where ::/96 begins; other ways there are aliases */
        char *error;
        size_t error_size;
        uint64_t visited; /* nodes; a damaged tree may have cycles or share subtrees without end */
};

static bool damaged(struct walk *w, const char *what)
{
        snprintf(w->error, w->error_size, "the search tree is damaged: %s", what);
        return false;
}

static bool walk_node(struct walk *w, uint32_t node, struct prefix at, unsigned depth);

static bool walk_record(struct walk *w, uint8_t type, uint64_t record, const MMDB_entry_s *entry, struct prefix at)
{
        static const uint8_t zero[12];

        switch (type) {
        case MMDB_RECORD_TYPE_SEARCH_NODE:
                /* An alias (::ffff:0:0/96, 2002::/16, ...) leads into the IPv4 tree from elsewhere. */
                if (w->ipv4_node && record == w->ipv4_node && (at.length != 96 || memcmp(at.address.bytes, zero, 12)))
                        return true;
                return walk_node(w, (uint32_t)record, at, at.length);
        case MMDB_RECORD_TYPE_DATA:
                w->visit(w->context, &at, entry->offset);
                return true;
        case MMDB_RECORD_TYPE_EMPTY:
                return true;
        default:
                return damaged(w, "a record points nowhere");
        }
}

static bool walk_node(struct walk *w, uint32_t node, struct prefix at, unsigned depth)
{
        MMDB_search_node_s n;
        unsigned bits = w->db->metadata.ip_version == 4 ? 32 : 128;

        if (depth >= bits)
                return damaged(w, "it is deeper than an address is long");
        if (++w->visited > w->db->metadata.node_count)
                return damaged(w, "it has more nodes than it says");
        if (MMDB_read_node(w->db, node, &n) != MMDB_SUCCESS)
                return damaged(w, "a node cannot be read");
        struct prefix right = at;
        at.length++;
        right.length++;
        right.address.bytes[depth / 8] |= (uint8_t)(0x80 >> depth % 8);
        return walk_record(w, n.left_record_type, n.left_record, &n.left_record_entry, at) &&
               walk_record(w, n.right_record_type, n.right_record, &n.right_record_entry, right);
}

/* IPv4 networks of an IPv6 tree lie under ::/96: they come out as IPv4. */
struct turning {
        mmdb_visit *visit;
        void *context;
};

static void turn_ipv4(void *context, const struct prefix *p, uint32_t record)
{
        static const uint8_t zero[12];
        struct turning *t = context;
        struct prefix v4 = {.address.family = ADDRESS_V4};

        if (p->length < 96 || memcmp(p->address.bytes, zero, 12)) {
                t->visit(t->context, p, record);
                return;
        }
        memcpy(v4.address.bytes, p->address.bytes + 12, 4);
        v4.length = (uint8_t)(p->length - 96);
        t->visit(t->context, &v4, record);
}

bool mmdb_walk(const struct geo *geo, size_t file, mmdb_visit *visit, void *context, char *error, size_t error_size)
{
        MMDB_s *db = (MMDB_s *)&geo->files[file].db;
        struct turning turning = {visit, context};
        bool v4 = db->metadata.ip_version == 4;
        struct walk w = {.db = db,
                         .visit = v4 ? visit : turn_ipv4,
                         .context = v4 ? context : &turning,
                         .error = error,
                         .error_size = error_size,
                         .ipv4_node = v4 ? 0 : db->ipv4_start_node.node_value};
        struct prefix all = {.address.family = v4 ? ADDRESS_V4 : ADDRESS_V6};

        if (w.ipv4_node >= db->metadata.node_count || db->ipv4_start_node.netmask != 96)
                w.ipv4_node = 0;
        return walk_node(&w, 0, all, 0);
}

/* --- opening --- */

struct verifying {
        MMDB_s *db;
        uint8_t *seen; /* a bit per offset into the data section: records are shared by many networks */
        const char *bad;
};

/* Decodes a record whole, so that what is damaged in it is found now. */
static void verify_record(void *context, const struct prefix *p, uint32_t record)
{
        struct verifying *v = context;
        MMDB_entry_s entry = {v->db, record};
        MMDB_entry_data_list_s *list = NULL;

        if (v->bad)
                return;
        if (record >= v->db->data_section_size) {
                v->bad = "it lies outside of the file";
                return;
        }
        if (v->seen[record / 8] & 1 << record % 8)
                return;
        v->seen[record / 8] |= (uint8_t)(1 << record % 8);
        int code = MMDB_get_entry_data_list(&entry, &list);
        if (code != MMDB_SUCCESS)
                v->bad = MMDB_strerror(code);
        MMDB_free_entry_data_list(list);
}

static bool verify(const struct geo *geo, size_t file, char *error, size_t error_size)
{
        MMDB_s *db = (MMDB_s *)&geo->files[file].db;
        struct verifying v = {db, memory_alloc(db->data_section_size / 8 + 1), NULL};
        bool good = mmdb_walk(geo, file, verify_record, &v, error, error_size);

        if (good && v.bad)
                snprintf(error, error_size, "a record is damaged: %s", v.bad);
        free(v.seen);
        return good && !v.bad;
}

static bool open_file(struct geo *geo, size_t i, const char *path, char *error, size_t error_size)
{
        struct geo_open_file *f = &geo->files[i];
        char why[200];

        f->path = memory_strdup(path);
        geo->count = i + 1;
        int code = MMDB_open(path, MMDB_MODE_MMAP, &f->db);
        if (code != MMDB_SUCCESS) {
                snprintf(error, error_size, "%s: %s", path, MMDB_strerror(code));
                return false;
        }
        f->opened = true;
        if (f->db.metadata.ip_version != 4 && f->db.metadata.ip_version != 6) {
                snprintf(error, error_size, "%s: expected IP version 4 or 6, got %u", path, f->db.metadata.ip_version);
                return false;
        }
        if (!verify(geo, i, why, sizeof(why))) {
                snprintf(error, error_size, "%s: %s", path, why);
                return false;
        }
        return true;
}

struct geo *geo_open(const char *const *paths, size_t count, char *error, size_t error_size)
{
        struct geo *geo = memory_alloc(sizeof(*geo));

        for (size_t i = 0; i < count && i < GEO_FILES_MAX; i++)
                if (!open_file(geo, i, paths[i], error, error_size)) {
                        geo_close(geo);
                        return NULL;
                }
        return geo;
}

void geo_close(struct geo *geo)
{
        if (!geo)
                return;
        for (size_t i = 0; i < geo->count; i++) {
                if (geo->files[i].opened)
                        MMDB_close(&geo->files[i].db);
                free(geo->files[i].path);
        }
        free(geo);
}

size_t geo_file_count(const struct geo *geo)
{
        return geo->count;
}

bool geo_file(const struct geo *geo, size_t i, struct geo_file *out)
{
        if (i >= geo->count)
                return false;
        const struct geo_open_file *f = &geo->files[i];
        *out = (struct geo_file){f->path, f->db.metadata.database_type, f->db.metadata.build_epoch};
        return true;
}

bool geo_lookup(const struct geo *geo, const struct address *address, struct geo_facts *facts, uint8_t *length)
{
        struct sockaddr_storage to;
        bool found = false;

        *facts = (struct geo_facts){0};
        *length = 0;
        address_to_sockaddr(address, 0, &to);
        for (size_t i = 0; i < geo->count; i++) {
                MMDB_s *db = (MMDB_s *)&geo->files[i].db;
                int code;
                if (address->family == ADDRESS_V6 && db->metadata.ip_version == 4)
                        continue;
                MMDB_lookup_result_s r = MMDB_lookup_sockaddr(db, (struct sockaddr *)&to, &code);
                if (code != MMDB_SUCCESS || !r.found_entry)
                        continue;
                unsigned bits = r.netmask;
                if (address->family == ADDRESS_V4 && db->metadata.ip_version == 6)
                        bits = bits > 96 ? bits - 96 : 0;
                if (bits > *length)
                        *length = (uint8_t)bits;
                read_facts(&r.entry, facts);
                found = true;
        }
        return found;
}
