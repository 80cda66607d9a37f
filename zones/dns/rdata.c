#include "zones/dns/rdata.h"

#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/address.h"
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"

uint16_t rdata_type(const char *text)
{
        /* Types that only stand in questions or in the message itself. */
        static const uint16_t no_record[] = {0,         TYPE_OPT,   TYPE_TKEY,  TYPE_TSIG, TYPE_IXFR,
                                             TYPE_AXFR, TYPE_MAILB, TYPE_MAILA, TYPE_ANY};
        char *end;
        unsigned type;

        if (!strncasecmp(text, "TYPE", 4) && text[4] >= '0' && text[4] <= '9') {
                unsigned long number = strtoul(text + 4, &end, 10);
                if (*end || number > 65535)
                        return 0;
                type = (unsigned)number;
        } else {
                type = (unsigned)ldns_get_rr_type_by_name(text);
        }
        for (size_t i = 0; i < sizeof(no_record) / sizeof(*no_record); i++)
                if (type == no_record[i])
                        return 0;
        return (uint16_t)type;
}

char *rdata_type_name(uint16_t type, char *out, size_t size)
{
        const ldns_rr_descriptor *d = ldns_rr_descript(type);

        if (d && d->_name)
                snprintf(out, size, "%s", d->_name);
        else
                snprintf(out, size, "TYPE%u", type);
        return out;
}

static const uint8_t *prefixed(struct arena *a, const uint8_t *data, size_t length)
{
        uint8_t *out = arena_bytes(a, 2 + length);

        out[0] = (uint8_t)(length >> 8);
        out[1] = (uint8_t)length;
        if (length)
                memcpy(out + 2, data, length);
        return out;
}

/* A new rdf list in wire form, uncompressed. */
static const uint8_t *to_wire(const ldns_rr *rr, struct arena *a, char *error, size_t error_size)
{
        ldns_buffer *wire = ldns_buffer_new(512);
        const uint8_t *out = NULL;
        ldns_status status = LDNS_STATUS_MEM_ERR;

        if (wire)
                status = ldns_rr_rdata2buffer_wire(wire, rr);
        if (status != LDNS_STATUS_OK)
                snprintf(error, error_size, "%s", ldns_get_errorstr_by_id(status));
        else if (ldns_buffer_position(wire) > RDATA_MAX)
                snprintf(error, error_size, "longer than %d bytes", RDATA_MAX);
        else
                out = prefixed(a, ldns_buffer_begin(wire), ldns_buffer_position(wire));
        ldns_buffer_free(wire);
        return out;
}

/* RFC 9460 2.2: keys in ascending order, none twice. ldns takes duplicates. */
static bool svc_params_good(const uint8_t *rdata, char *error, size_t error_size)
{
        size_t length = (size_t)rdata[0] << 8 | rdata[1], at = 2;
        const uint8_t *p = rdata + 2;
        int last = -1;

        at += name_length(p + 2);
        while (at + 4 <= length) {
                int key = p[at] << 8 | p[at + 1];
                if (key <= last) {
                        snprintf(error, error_size, "a SvcParam stands twice");
                        return false;
                }
                last = key;
                at += 4 + ((size_t)p[at + 2] << 8 | p[at + 3]);
        }
        return true;
}

static const uint8_t *parse_by_ldns(uint16_t type, const char *text, const uint8_t *origin, struct arena *a,
                                    char *error, size_t error_size)
{
        char type_name[24];
        const uint8_t *out = NULL;
        ldns_rr *rr = NULL;
        ldns_rdf *origin_rdf = ldns_dname_new_frm_data((uint16_t)name_length(origin), origin);
        char *whole = NULL;

        rdata_type_name(type, type_name, sizeof(type_name));
        if (!origin_rdf || asprintf(&whole, ". 0 IN %s %s", type_name, text) < 0) {
                snprintf(error, error_size, "out of memory");
                ldns_rdf_deep_free(origin_rdf);
                return NULL;
        }
        ldns_status status = ldns_rr_new_frm_str(&rr, whole, 0, origin_rdf, NULL);
        if (status != LDNS_STATUS_OK)
                snprintf(error, error_size, "%s", ldns_get_errorstr_by_id(status));
        else
                out = to_wire(rr, a, error, error_size);
        ldns_rr_free(rr);
        ldns_rdf_deep_free(origin_rdf);
        free(whole);
        if (out && (type == TYPE_SVCB || type == TYPE_HTTPS) && !svc_params_good(out, error, error_size))
                return NULL;
        return out;
}

const uint8_t *rdata_parse(uint16_t type, const char *text, const uint8_t *origin, struct arena *a, char *error,
                           size_t error_size)
{
        struct address address;

        if (strpbrk(text, "\r\n")) {
                snprintf(error, error_size, "expected one line");
                return NULL;
        }
        /* The frequent types without the way through a whole line of zone file. */
        if ((type == TYPE_A || type == TYPE_AAAA) && strncmp(text, "\\#", 2)) {
                if (!address_parse(text, &address) || (address.family == ADDRESS_V4) != (type == TYPE_A)) {
                        snprintf(error, error_size, "expected an %s address", type == TYPE_A ? "IPv4" : "IPv6");
                        return NULL;
                }
                return prefixed(a, address.bytes, address.family == ADDRESS_V4 ? 4 : 16);
        }
        return parse_by_ldns(type, text, origin, a, error, error_size);
}

const char *rdata_format(uint16_t type, const uint8_t *rdata, unsigned length, struct arena *arena)
{
        uint8_t wire[1 + 10 + RDATA_MAX] = {0}; /* owner: the root */
        const char *out = NULL;
        ldns_rr *rr = NULL;
        size_t at = 0;

        wire[1] = (uint8_t)(type >> 8);
        wire[2] = (uint8_t)type;
        wire[4] = CLASS_IN;
        wire[9] = (uint8_t)(length >> 8);
        wire[10] = (uint8_t)length;
        memcpy(wire + 11, rdata, length);
        if (ldns_wire2rr(&rr, wire, 11 + length, &at, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK)
                return arena_printf(arena, "%u bytes", length);
        for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
                char *text = ldns_rdf2str(ldns_rr_rdf(rr, i));
                out = out ? arena_printf(arena, "%s %s", out, text ? text : "") : arena_strdup(arena, text ? text : "");
                free(text);
        }
        ldns_rr_free(rr);
        return out ? out : "";
}
