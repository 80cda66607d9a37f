#include "zones/dns/zonefile.h"

#include <ctype.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/hash.h"
#include "base/memory.h"
#include "zones/dns/master_file.h"
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"
#include "zones/dns/rdata.h"

#define TTL_DEFAULT 3600u /* of a record for which the file has none */

/* --- reading --- */

/* A zone file under way. */
struct reading {
        struct arena *arena;
        struct problems *problems;
        struct doc *zone, *ns, *records;
        const struct zonefile_options *options;
        ldns_rdf *origin; /* of the next entry */
        char *origin_text;
        ldns_rdf *apex;     /* from the SOA */
        struct map *by_set; /* records by owner and type, in lower case */
};

/* Text of an rdf, in the arena. */
static const char *rdf_text(struct reading *r, const ldns_rdf *rdf)
{
        char *text = ldns_rdf2str(rdf);
        const char *copy = arena_strdup(r->arena, text ? text : "");

        free(text);
        return copy;
}

static const char *rr_data(struct reading *r, const ldns_rr *rr)
{
        struct buffer text = BUFFER_INIT(200000);

        for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
                if (i)
                        buffer_text(&text, " ");
                buffer_text(&text, rdf_text(r, ldns_rr_rdf(rr, i)));
        }
        const char *copy = arena_strdup(r->arena, text.data ? text.data : "");
        buffer_free(&text);
        return copy;
}

/* The owner relative to the apex: "@", "www", or absolute outside of it. */
static const char *relative_owner(struct reading *r, const ldns_rdf *owner)
{
        const char *text = rdf_text(r, owner), *apex = rdf_text(r, r->apex);
        size_t n = strlen(text), m = strlen(apex);

        if (!strcasecmp(text, apex))
                return "@";
        if (n > m + 1 && !strcasecmp(text + n - m, apex) && text[n - m - 1] == '.' && strcmp(apex, "."))
                return arena_strndup(r->arena, text, n - m - 1);
        return text;
}

static void take_soa(struct reading *r, const ldns_rr *rr)
{
        static const char *const names[] = {"refresh", "retry", "expire", "minimum"};
        struct doc *soa = doc_new(r->arena, DOC_MAP);
        const char *apex = rdf_text(r, ldns_rr_owner(rr));
        size_t n = strlen(apex);

        ldns_rdf_deep_free(r->apex);
        r->apex = ldns_rdf_clone(ldns_rr_owner(rr));
        doc_add_string(r->arena, r->zone, "name", n > 1 ? arena_strndup(r->arena, apex, n - 1) : apex);
        doc_add(r->zone, "ns", r->ns);
        doc_add_int(r->arena, r->zone, "ttl", ldns_rr_ttl(rr));
        doc_add_string(r->arena, soa, "mname", rdf_text(r, ldns_rr_rdf(rr, 0)));
        doc_add_string(r->arena, soa, "rname", rdf_text(r, ldns_rr_rdf(rr, 1)));
        doc_add_int(r->arena, soa, "serial", (int64_t)ldns_rdf2native_int32(ldns_rr_rdf(rr, 2)));
        for (size_t i = 0; i < 4; i++)
                doc_add_int(r->arena, soa, names[i], ldns_rdf2native_int32(ldns_rr_rdf(rr, 3 + i)));
        doc_add(r->zone, "soa", soa);
}

static struct doc *record_for(struct reading *r, const char *owner, const char *type, int64_t ttl)
{
        char *key = memory_printf("%s %s", owner, type);

        for (char *c = key; *c; c++)
                *c = (char)tolower((unsigned char)*c);
        struct doc *d = map_get(r->by_set, key);
        if (!d) {
                d = doc_add_map(r->arena, r->records, NULL);
                doc_add_string(r->arena, d, "name", owner);
                doc_add_string(r->arena, d, "type", type);
                doc_add_int(r->arena, d, "ttl", ttl);
                doc_add_list(r->arena, d, "data");
                map_set(r->by_set, key, d);
        }
        free(key);
        return d;
}

/* DNSSEC records of a signed file would be lies with our answers: they are left out. */
static bool is_signature(uint16_t type)
{
        return type == TYPE_RRSIG || type == TYPE_NSEC || type == TYPE_NSEC3 || type == TYPE_NSEC3PARAM ||
               type == TYPE_DNSKEY || type == TYPE_ZONEMD;
}

static void take_rr(struct reading *r, const ldns_rr *rr, int line)
{
        uint16_t type = (uint16_t)ldns_rr_get_type(rr);
        char name[24];

        if (!r->apex && type != TYPE_SOA) {
                problems_add(r->problems, "", (unsigned)line, "expected the SOA record first");
                return;
        }
        if (type == TYPE_SOA) {
                if (r->apex)
                        problems_add(r->problems, "", (unsigned)line, "a second SOA record");
                else
                        take_soa(r, rr);
                return;
        }
        if (type == TYPE_NS && !ldns_dname_compare(ldns_rr_owner(rr), r->apex)) {
                doc_add_string(r->arena, r->ns, NULL, rdf_text(r, ldns_rr_rdf(rr, 0)));
                return;
        }
        if (is_signature(type))
                return;
        rdata_type_name(type, name, sizeof(name));
        struct doc *record = record_for(r, relative_owner(r, ldns_rr_owner(rr)), name, ldns_rr_ttl(rr));
        doc_add_string(r->arena, doc_get(record, "data"), NULL, rr_data(r, rr));
}

/* Whether r->origin is now that of the entry. */
static bool follow_origin(struct reading *r, const struct master_entry *entry)
{
        if (r->origin_text && !strcmp(r->origin_text, entry->origin))
                return true;
        free(r->origin_text);
        ldns_rdf_deep_free(r->origin);
        r->origin_text = memory_strdup(entry->origin);
        r->origin = ldns_dname_new_frm_str(entry->origin);
        return r->origin != NULL;
}

static void take_entry(void *context, const struct master_entry *entry)
{
        struct reading *r = context;
        ldns_rr *rr = NULL;

        if (r->options->foreign && r->options->foreign(r->options->context, entry))
                return;
        if (!follow_origin(r, entry)) {
                problems_add(r->problems, "", entry->line, "expected a domain name, got \"%s\"", entry->origin);
                return;
        }
        const uint32_t otherwise = r->options->ttl ? r->options->ttl : TTL_DEFAULT;
        char *text = memory_printf("%s %u %s", entry->owner, entry->has_ttl ? entry->ttl : otherwise, entry->rest);
        ldns_status status = ldns_rr_new_frm_str(&rr, text, TTL_DEFAULT, r->origin, NULL);
        free(text);
        if (status == LDNS_STATUS_OK)
                take_rr(r, rr, (int)entry->line);
        else
                problems_add(r->problems, "", entry->line, "%s", ldns_get_errorstr_by_id(status));
        ldns_rr_free(rr);
}

struct doc *zonefile_read(FILE *f, const struct zonefile_options *options, struct arena *a, struct problems *problems)
{
        struct reading r = {.arena = a, .problems = problems, .options = options};
        const struct master_options master = {
                .path = options->path, .origin = options->origin, .of_gdnsd = options->of_gdnsd};
        ldns_rdf *origin = ldns_dname_new_frm_str(options->origin ? options->origin : ".");

        if (!origin) {
                problems_add(problems, "origin", 0, "expected a domain name, got \"%s\"", options->origin);
                return NULL;
        }
        ldns_rdf_deep_free(origin);
        r.zone = doc_new(a, DOC_MAP);
        r.ns = doc_new(a, DOC_LIST);
        r.records = doc_new(a, DOC_LIST);
        r.by_set = map_new();
        master_file_read(f, &master, a, problems, take_entry, &r);
        if (!r.apex && !problems->count)
                problems_add(problems, "", 0, "there is no SOA record");
        doc_add(r.zone, "records", r.records);
        map_free(r.by_set);
        free(r.origin_text);
        ldns_rdf_deep_free(r.origin);
        ldns_rdf_deep_free(r.apex);
        return problems->count ? NULL : r.zone;
}

/* --- writing --- */

static int64_t number_or(const struct doc *d, const char *key, int64_t fallback)
{
        doc_get_int(d, key, &fallback);
        return fallback;
}

static void write_absolute(FILE *f, const char *name)
{
        fprintf(f, "%s%s", name, name[strlen(name) - 1] == '.' ? "" : ".");
}

static void write_soa(FILE *f, const struct doc *zone, const char *name, uint32_t serial)
{
        const struct doc *soa = doc_get(zone, "soa"), *ns = doc_get(zone, "ns");
        const char *mname = doc_get_string(soa, "mname"), *rname = doc_get_string(soa, "rname");

        fprintf(f, "@ SOA ");
        write_absolute(f, mname ? mname : ns->type == DOC_LIST ? ns->first->string : ns->string);
        fprintf(f, " ");
        if (rname)
                write_absolute(f, rname);
        else
                fprintf(f, "hostmaster.%s", name);
        fprintf(f, " %u %lld %lld %lld %lld\n", serial, (long long)number_or(soa, "refresh", 3600),
                (long long)number_or(soa, "retry", 900), (long long)number_or(soa, "expire", 1209600),
                (long long)number_or(soa, "minimum", 60));
        doc_each_or_one (one, ns) {
                fprintf(f, "@ NS ");
                write_absolute(f, one->string);
                fprintf(f, "\n");
        }
}

bool zonefile_write(FILE *f, const struct doc *zone, uint32_t serial, struct problems *problems)
{
        const char *name = doc_get_string(zone, "name");
        const struct doc *records = doc_get(zone, "records"), *ns = doc_get(zone, "ns");
        char text[NAME_TEXT_MAX];

        if (!name || !name_key(name, text) || !ns || !(ns->type == DOC_STRING || ns->first)) {
                problems_add(problems, "", 0, "this is not a zone document");
                return false;
        }
        if (strcmp(text, "."))
                strcat(text, ".");
        fprintf(f, "$ORIGIN %s\n$TTL %lld\n", text, (long long)number_or(zone, "ttl", 3600));
        write_soa(f, zone, text, serial);
        if (records)
                doc_each (record, records) {
                        int64_t ttl = number_or(record, "ttl", -1);
                        const struct doc *data = doc_get(record, "data");
                        const char *owner = doc_get_string(record, "name"), *type = doc_get_string(record, "type");
                        if (!data || !owner || !type)
                                continue;
                        doc_each_or_one (one, data) {
                                fprintf(f, "%s ", owner);
                                if (ttl >= 0)
                                        fprintf(f, "%lld ", (long long)ttl);
                                fprintf(f, "IN %s %s\n", type, one->string);
                        }
                }
        if (fflush(f) || ferror(f)) {
                problems_add(problems, "", 0, "cannot write the zone file");
                return false;
        }
        return true;
}
