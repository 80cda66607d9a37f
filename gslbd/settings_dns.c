#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <openssl/evp.h>
#include "base/random.h"
#include "gslbd/settings.h"
#include "zones/dns/name.h"
#include "zones/config/schemas.h"
#include "gslbd/serve/tsig.h"

#define AT(member)         offsetof(typeof(((struct settings *)0)->dns), member)
#define AT_COOKIES(member) offsetof(typeof(((struct settings *)0)->dns.cookies), member)

static const char *const require_names[] = {
        [COOKIES_WELCOME] = "never", [COOKIES_UNDER_LOAD] = "under_load", [COOKIES_ALWAYS] = "always", NULL};

static bool is_secret(const char *text)
{
        return strlen(text) == 2 * COOKIE_SECRET_SIZE && strspn(text, "0123456789abcdefABCDEF") == strlen(text);
}

/* The message does not repeat what was given: it is a secret, or nearly one. */
static void check_secrets(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        doc_each (one, at) {
                if (!is_secret(one->string))
                        doc_problem(problems, one, NULL, "expected a secret of %d hexadecimal digits",
                                    2 * COOKIE_SECRET_SIZE);
        }
}

static void check_agent(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        uint8_t wire[NAME_WIRE_MAX];
        const char *why = "the root is no agent domain";

        if (name_parse(at->string, NULL, wire, &why) <= 1)
                doc_problem(problems, at, NULL, "expected a domain name such as errors.example.net, got \"%s\": %s",
                            at->string, why);
}

static const struct field cookie_fields[] = {
        {.name = "secrets",
         .type = FIELD_STRINGS,
         .offset = AT_COOKIES(secrets),
         .fallback = "[]",
         .max = COOKIE_SECRETS_MAX,
         .check = check_secrets,
         .help = "secrets shared by a fleet, 32 hexadecimal digits each: the first signs, all verify; none: a random "
                 "one"},
        {.name = "require",
         .type = FIELD_ENUM,
         .offset = AT_COOKIES(require),
         .fallback = "\"never\"",
         .names = require_names,
         .help = "whether UDP clients must show a valid cookie (RFC 7873 5.2.3)"},
        {0},
};
static const struct schema cookie_schema = {
        .name = "cookies", .size = sizeof(((struct settings *)0)->dns.cookies), .fields = cookie_fields};

static const char *const algorithm_names[] = {"hmac-sha1", "hmac-sha256", "hmac-sha384", "hmac-sha512", NULL};

/* The bytes of a secret, 0 when it is none. */
static size_t secret_read(const char *base64, uint8_t out[TSIG_SECRET_MAX])
{
        uint8_t bytes[TSIG_SECRET_MAX + 8];
        size_t length = strlen(base64),
               padding = length > 1 && base64[length - 2] == '=' ? 2 : length && base64[length - 1] == '=';

        if (!length || length % 4 || length / 4 * 3 > sizeof(bytes))
                return 0;
        int n = EVP_DecodeBlock(bytes, (const uint8_t *)base64, (int)length);
        if (n <= (int)padding || (size_t)n - padding > TSIG_SECRET_MAX)
                return 0;
        memcpy(out, bytes, (size_t)n - padding);
        return (size_t)n - padding;
}

static void check_secret(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        uint8_t secret[TSIG_SECRET_MAX];

        if (!secret_read(at->string, secret))
                doc_problem(problems, at, NULL, "expected 1 to %d bytes in base64", TSIG_SECRET_MAX);
}

static const struct field tsig_fields[] = {
        {.name = "name",
         .type = FIELD_STRING,
         .offset = offsetof(struct tsig_setting, name),
         .required = true,
         .check = check_agent,
         .help = "the key's name, a domain name"},
        {.name = "algorithm",
         .type = FIELD_ENUM,
         .offset = offsetof(struct tsig_setting, algorithm),
         .fallback = "\"hmac-sha256\"",
         .names = algorithm_names,
         .help = "of RFC 8945"},
        {.name = "secret",
         .type = FIELD_STRING,
         .offset = offsetof(struct tsig_setting, secret),
         .required = true,
         .max = 100,
         .check = check_secret,
         .help = "base64, as tsig-keygen or keymgr make it"},
        {0},
};
static const struct schema tsig_schema = {
        .name = "TSIG key", .size = sizeof(struct tsig_setting), .fields = tsig_fields};

static const struct field dns_fields[] = {
        {.name = "nsid",
         .type = FIELD_STRING,
         .offset = AT(nsid),
         .max = 128,
         .help = "NSID (RFC 5001) of this server"},
        {.name = "version",
         .type = FIELD_STRING,
         .offset = AT(version),
         .max = 255,
         .help = "what version.bind says; refused when not given"},
        {.name = "server_id",
         .type = FIELD_STRING,
         .offset = AT(server_id),
         .max = 255,
         .help = "what id.server says (RFC 4892); refused when not given"},
        {.name = "explain_to",
         .type = FIELD_STRINGS,
         .offset = AT(explain_to),
         .fallback = "[]",
         .max = 100,
         .check = check_prefixes,
         .help = "networks that may ask CH TXT explain.NAME; refused to all others"},
        {.name = "report_agent",
         .type = FIELD_STRING,
         .offset = AT(report_agent),
         .max = 1023,
         .check = check_agent,
         .help = "agent domain to which resolvers report errors (RFC 9567)"},
        {.name = "tsig_keys",
         .type = FIELD_LIST,
         .offset = AT(tsig_keys),
         .item = &tsig_schema,
         .fallback = "[]",
         .max = 100,
         .help = "keys of zone transfers (RFC 8945)"},
        {.name = "cookies",
         .type = FIELD_MAP,
         .offset = AT(cookies),
         .item = &cookie_schema,
         .fallback = "{}",
         .help = "DNS cookies (RFC 7873, RFC 9018)"},
        {0},
};
const struct schema settings_dns_schema = {
        .name = "dns", .size = sizeof(((struct settings *)0)->dns), .fields = dns_fields};

static uint8_t digit(char c)
{
        return (uint8_t)(isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10);
}

static void read_cookies(const struct settings *s, struct cookie_settings *out)
{
        const char *const *secrets = s->dns.cookies.secrets.items;

        out->require = (enum cookie_require)s->dns.cookies.require;
        out->secret_count = s->dns.cookies.secrets.count;
        for (unsigned i = 0; i < out->secret_count; i++)
                for (int b = 0; b < COOKIE_SECRET_SIZE; b++)
                        out->secrets[i][b] = (uint8_t)(digit(secrets[i][2 * b]) << 4 | digit(secrets[i][2 * b + 1]));
        if (!out->secret_count) {
                static uint8_t own[COOKIE_SECRET_SIZE]; /* the same whenever the settings are read again */
                static bool made;
                if (!made)
                        random_bytes(own, sizeof(own));
                made = true;
                out->secret_count = 1;
                memcpy(out->secrets[0], own, sizeof(own));
        }
}

static void read_tsig_keys(const struct settings *s, struct arena *a, struct answer_settings *out)
{
        const struct tsig_setting *from = s->dns.tsig_keys.items;
        struct tsig_key *keys = ARENA_ARRAY(a, struct tsig_key, s->dns.tsig_keys.count);
        const char *why;

        for (uint32_t i = 0; i < s->dns.tsig_keys.count; i++) {
                name_parse(from[i].name, NULL, keys[i].name, &why);
                keys[i].algorithm = (enum tsig_algorithm)from[i].algorithm;
                keys[i].secret_length = secret_read(from[i].secret, keys[i].secret);
        }
        out->tsig_keys = keys;
        out->tsig_key_count = s->dns.tsig_keys.count;
}

struct answer_settings settings_answer(const struct settings *s, struct arena *a)
{
        struct answer_settings out = {
                .nsid = s->dns.nsid,
                .version = s->dns.version,
                .server_id = s->dns.server_id,
                .explain_to = s->dns.explain_to.items,
                .explain_count = s->dns.explain_to.count,
                .tcp_idle_ms = (unsigned)s->tcp.idle_timeout_ms,
        };

        read_cookies(s, &out.cookies);
        read_tsig_keys(s, a, &out);
        if (s->dns.report_agent) {
                uint8_t *wire = arena_bytes(a, NAME_WIRE_MAX);
                const char *why;
                name_parse(s->dns.report_agent, NULL, wire, &why);
                out.report_agent = wire;
        }
        return out;
}
