#include "geo/mmdb.h"

#include <errno.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/memory.h"
#include "geo/mmdb_data.h"
#include "geo/mmdb_walk.h"

#define GEO_FILE_BYTES_MAX  (1ll << 30)
#define METADATA_MAX        (128 * 1024) /* as the format has it */
#define VALUES_PER_BYTE_MAX 16           /* of a data section; real ones have less than one */

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

static const uint8_t ZERO[12];

/* Of an IPv6 tree: the node where ::/96, the IPv4 part, begins; 0 when it has none. */
static uint32_t ipv4_node(const MMDB_s *db)
{
        bool has = db->metadata.ip_version == 6 && db->ipv4_start_node.netmask == 96 &&
                   db->ipv4_start_node.node_value < db->metadata.node_count;

        return has ? db->ipv4_start_node.node_value : 0;
}

/* ::ffff:0:0/96, 2002::/16 and others lead into the IPv4 part from elsewhere. */
static bool is_alias(uint32_t ipv4, uint64_t node, unsigned length, const uint8_t *bytes)
{
        return ipv4 && node == ipv4 && (length != 96 || memcmp(bytes, ZERO, sizeof(ZERO)));
}

struct walk {
        MMDB_s *db;
        mmdb_visit *visit;
        void *context;
        uint32_t ipv4_node;
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
        switch (type) {
        case MMDB_RECORD_TYPE_SEARCH_NODE:
                if (is_alias(w->ipv4_node, record, at.length, at.address.bytes))
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

/* IPv4 networks of an IPv6 tree lie under ::/96: they come out as IPv4. A network around all of ::/96 comes out as
 * both. */
struct turning {
        mmdb_visit *visit;
        void *context;
};

static void turn_ipv4(void *context, const struct prefix *p, uint32_t record)
{
        struct turning *t = context;
        struct prefix v4 = {.address.family = ADDRESS_V4};
        bool around = p->length < 96, zero = !memcmp(p->address.bytes, ZERO, sizeof(ZERO));

        if (around || !zero)
                t->visit(t->context, p, record);
        if (!zero)
                return;
        memcpy(v4.address.bytes, p->address.bytes + 12, 4);
        v4.length = around ? 0 : (uint8_t)(p->length - 96);
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
                         .ipv4_node = ipv4_node(db)};
        struct prefix all = {.address.family = v4 ? ADDRESS_V4 : ADDRESS_V6};

        return walk_node(&w, 0, all, 0);
}

/* --- opening --- */

struct verifying {
        struct mmdb_data data;
        const char *bad;
};

static void verify_record(void *context, const struct prefix *p, uint32_t record)
{
        struct verifying *v = context;

        if (!v->bad)
                v->bad = mmdb_data_check(&v->data, record);
}

static bool verify(const struct geo *geo, size_t file, char *error, size_t error_size)
{
        const MMDB_s *db = &geo->files[file].db;
        uint64_t size = db->data_section_size;
        struct verifying v = {{db->data_section, size, memory_alloc(size / 8 + 1), VALUES_PER_BYTE_MAX * size}, NULL};
        bool good = mmdb_walk(geo, file, verify_record, &v, error, error_size);

        if (good && v.bad)
                snprintf(error, error_size, "a record is damaged: %s", v.bad);
        free(v.data.checked);
        return good && !v.bad;
}

/* What the library reads while it opens a file. */
static const char *metadata_check(const uint8_t *bytes, size_t size)
{
        static const char marker[] = "\xab\xcd\xefMaxMind.com";
        size_t length = sizeof(marker) - 1, from = size > METADATA_MAX ? size - METADATA_MAX : 0;

        for (size_t at = size; at >= from + length; at--)
                if (!memcmp(bytes + at - length, marker, length)) {
                        struct mmdb_data data = {bytes + at, size - at, NULL, MMDB_RECORD_VALUES_MAX};
                        return mmdb_data_check(&data, 0) ? "its metadata is damaged" : NULL;
                }
        return "it is no MMDB file, or its end is missing";
}

/* libmaxminddb maps files, and a mapped file that is overwritten in place ends the process (SIGBUS) or changes under
 * it: it gets a copy in memory. Returns its descriptor, or -1 with what is wrong. */
static int copy_file(int from, char *why, size_t why_size)
{
        struct stat s;
        int copy = -1;

        if (fstat(from, &s) || !S_ISREG(s.st_mode) || s.st_size <= 0 || s.st_size > GEO_FILE_BYTES_MAX) {
                snprintf(why, why_size, "expected a file of 1 byte to %lld MiB", GEO_FILE_BYTES_MAX >> 20);
                return -1;
        }
        size_t size = (size_t)s.st_size, done = 0;
        uint8_t *bytes = MAP_FAILED;
        copy = memfd_create("mmdb", MFD_CLOEXEC);
        if (copy >= 0 && !ftruncate(copy, s.st_size))
                bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, copy, 0);
        while (bytes != MAP_FAILED && done < size) {
                ssize_t n = read(from, bytes + done, size - done);
                if (n <= 0)
                        break;
                done += (size_t)n;
        }
        const char *wrong = done == size ? metadata_check(bytes, size) : "it cannot be read";
        if (bytes != MAP_FAILED)
                munmap(bytes, size);
        if (!wrong)
                return copy;
        snprintf(why, why_size, "%s", wrong);
        if (copy >= 0)
                close(copy);
        return -1;
}

static bool open_copy(struct geo_open_file *f, char *why, size_t why_size)
{
        char name[40];
        int file = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* not to wait at a pipe */

        if (file < 0) {
                snprintf(why, why_size, "%s", strerror(errno));
                return false;
        }
        int copy = copy_file(file, why, why_size);
        close(file);
        if (copy < 0)
                return false;
        snprintf(name, sizeof(name), "/proc/self/fd/%d", copy);
        int code = MMDB_open(name, MMDB_MODE_MMAP, &f->db);
        if (code != MMDB_SUCCESS)
                snprintf(why, why_size, "%s", MMDB_strerror(code));
        f->opened = code == MMDB_SUCCESS;
        close(copy);
        return f->opened;
}

static bool open_file(struct geo *geo, size_t i, const char *path, char *error, size_t error_size)
{
        struct geo_open_file *f = &geo->files[i];
        char why[200];

        f->path = memory_strdup(path);
        geo->count = i + 1;
        bool good = open_copy(f, why, sizeof(why));
        if (good && f->db.metadata.ip_version != 4 && f->db.metadata.ip_version != 6) {
                snprintf(why, sizeof(why), "expected IP version 4 or 6, got %u", f->db.metadata.ip_version);
                good = false;
        }
        if (!good || !verify(geo, i, why, sizeof(why))) {
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

/* The record of a file for an address, and the length of the network it is for. Sees what mmdb_walk sees: no aliases,
 * and IPv4 only as IPv4. */
static bool find_record(const struct geo *geo, size_t file, const struct address *address, uint32_t *record,
                        unsigned *length)
{
        const MMDB_s *db = &geo->files[file].db;
        unsigned skip = address->family == ADDRESS_V4 && db->metadata.ip_version == 6 ? 96 : 0;
        unsigned bits = address_bits(address) + skip;
        uint8_t key[16] = {0};
        uint64_t node = 0;

        if (address->family == ADDRESS_V6 && db->metadata.ip_version == 4)
                return false;
        memcpy(key + skip / 8, address->bytes, address_bits(address) / 8);
        bool inside_v4 = !memcmp(key, ZERO, sizeof(ZERO));
        for (unsigned depth = 0; depth < bits; depth++) {
                MMDB_search_node_s n;
                if (MMDB_read_node(db, (uint32_t)node, &n) != MMDB_SUCCESS)
                        return false;
                bool right = key[depth / 8] >> (7 - depth % 8) & 1;
                uint8_t type = right ? n.right_record_type : n.left_record_type;
                node = right ? n.right_record : n.left_record;
                if (type == MMDB_RECORD_TYPE_DATA) {
                        *record = right ? n.right_record_entry.offset : n.left_record_entry.offset;
                        *length = depth + 1 > skip ? depth + 1 - skip : 0;
                        return skip || depth + 1 < 96 || !inside_v4 || db->metadata.ip_version == 4;
                }
                if (type != MMDB_RECORD_TYPE_SEARCH_NODE || is_alias(ipv4_node(db), node, depth + 1, key))
                        return false;
        }
        return false;
}

bool geo_lookup(const struct geo *geo, const struct address *address, struct geo_facts *facts, uint8_t *length)
{
        bool found = false;
        uint32_t record;
        unsigned bits;

        *facts = (struct geo_facts){0};
        *length = 0;
        for (size_t i = 0; i < geo->count; i++) {
                if (!find_record(geo, i, address, &record, &bits))
                        continue;
                if (bits > *length)
                        *length = (uint8_t)bits;
                mmdb_facts(geo, i, record, facts);
                found = true;
        }
        return found;
}
