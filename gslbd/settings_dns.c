#include <stddef.h>
#include <string.h>
#include <openssl/evp.h>
#include "base/hex.h"
#include "base/random.h"
#include "gslbd/settings.h"
#include "zones/dns/name.h"
#include "zones/config/schemas.h"
#include "gslbd/serve/tsig.h"

static const char *const require_names[] = {
        [COOKIES_WELCOME] = "never", [COOKIES_UNDER_LOAD] = "under_load", [COOKIES_ALWAYS] = "always", NULL};

static bool read_secret(const char *text, uint8_t out[COOKIE_SECRET_SIZE])
{
        size_t length;

        return hex_decode(text, out, COOKIE_SECRET_SIZE, &length) && length == COOKIE_SECRET_SIZE;
}

/* The message does not repeat what was given: it is a secret, or nearly one. */
static void check_secrets(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        uint8_t secret[COOKIE_SECRET_SIZE];

        doc_each (one, at) {
                if (!read_secret(one->string, secret))
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
        STRINGS("secrets", settings_cookies, secrets,
                "secrets shared by a fleet, 32 hexadecimal digits each: the first signs, all verify; none: a random "
                "one",
                .max = COOKIE_SECRETS_MAX, .check = check_secrets),
        ENUM("require", settings_cookies, require, COOKIES_WELCOME, require_names,
             "whether UDP clients must show a valid cookie (RFC 7873 5.2.3)"),
        {0},
};
static const struct schema settings_cookies_schema = {
        .name = "cookies", .size = sizeof(struct settings_cookies), .fields = cookie_fields};

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
        REQUIRED_STRING("name", tsig_setting, name, "the key's name, a domain name", .check = check_agent),
        ENUM("algorithm", tsig_setting, algorithm, TSIG_SHA256, algorithm_names, "of RFC 8945"),
        REQUIRED_STRING("secret", tsig_setting, secret, "base64, as tsig-keygen or keymgr make it", .max = 100,
                        .check = check_secret),
        {0},
};
static const struct schema tsig_setting_schema = {
        .name = "TSIG key", .size = sizeof(struct tsig_setting), .fields = tsig_fields};

#define MAX_UDP(name, family)                                                                                          \
        INT(name, settings_max_udp, family, ANSWER_UDP_MAX, 512, ANSWER_UDP_MAX, "most bytes of a reply over UDP")

static const struct field max_udp_fields[] = {MAX_UDP("ipv4", ipv4), MAX_UDP("ipv6", ipv6), {0}};
static const struct schema settings_max_udp_schema = {
        .name = "max_udp", .size = sizeof(struct settings_max_udp), .fields = max_udp_fields};

static const struct field dns_fields[] = {
        OPTIONAL_STRING("nsid", settings_dns, nsid, "NSID (RFC 5001) of this server", .max = 128),
        OPTIONAL_STRING("version", settings_dns, version, "what version.bind says; refused when not given", .max = 255),
        OPTIONAL_STRING("server_id", settings_dns, server_id, "what id.server says (RFC 4892); refused when not given",
                        .max = 255),
        STRINGS_AS("explain_to", settings_dns, explain_to, struct prefix, check_prefixes,
                   "networks that may ask CH TXT explain.NAME; refused to all others", .max = 100),
        OPTIONAL_STRING("report_agent", settings_dns, report_agent,
                        "agent domain to which resolvers report errors (RFC 9567)", .max = 1023, .check = check_agent),
        MAPS("tsig_keys", settings_dns, tsig_keys, tsig_setting, "keys of zone transfers (RFC 8945)", .max = 100),
        MAP("max_udp", settings_dns, max_udp, settings_max_udp,
            "how large replies over UDP get; larger ones come by TCP"),
        MAP("cookies", settings_dns, cookies, settings_cookies, "DNS cookies (RFC 7873, RFC 9018)"),
        {0},
};
const struct schema settings_dns_schema = {.name = "dns", .size = sizeof(struct settings_dns), .fields = dns_fields};

static void read_cookies(const struct settings *s, struct cookie_settings *out)
{
        const char *const *secrets = s->dns.cookies.secrets.items;

        out->require = (enum cookie_require)s->dns.cookies.require;
        out->secret_count = s->dns.cookies.secrets.count;
        for (unsigned i = 0; i < out->secret_count; i++)
                read_secret(secrets[i], out->secrets[i]); /* as check_secrets saw */
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
                .udp_max_v4 = (uint16_t)s->dns.max_udp.ipv4,
                .udp_max_v6 = (uint16_t)s->dns.max_udp.ipv6,
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
