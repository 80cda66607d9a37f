/* The part `admin`. */
#include <pwd.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>
#include "gslbd/settings_admin.h"
#include "zones/config/model.h"
#include "zones/config/schemas.h"

#define UNIX_PREFIX "unix:"
#define MIB_MOST    256

/* "127.0.0.1:8053", "unix:/run/gslbd/admin.sock" */
static bool listen_parse(const char *text, struct http_listen *out)
{
        size_t prefix = sizeof(UNIX_PREFIX) - 1;

        *out = (struct http_listen){0};
        if (strncmp(text, UNIX_PREFIX, prefix) != 0)
                return address_port_parse(text, &out->address, &out->port);
        out->path = text + prefix;
        return *out->path == '/' && strlen(out->path) < sizeof(((struct sockaddr_un *)0)->sun_path);
}

static void check_listen(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct http_listen listen;

        doc_each (one, at) {
                if (!listen_parse(one->string, &listen))
                        doc_problem(problems, one, NULL,
                                    "expected an address and port such as 127.0.0.1:8053, or "
                                    "unix:/run/gslbd/admin.sock, got \"%s\"",
                                    one->string);
        }
        if (!at->count)
                doc_problem(problems, at, NULL, "expected at least one address and port");
}

static void check_role(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        if (*(int *)out == ROLE_PROBER)
                doc_problem(problems, at, NULL, "expected read, operate, edit or admin, got \"prober\"");
}

static const struct field user_fields[] = {
        REQUIRED_STRING("user", settings_admin_user, user, "name of a user of this machine", .max = 100),
        ENUM("role", settings_admin_user, role, ROLE_READ, role_names, "what that user may do", .check = check_role),
        {0},
};
static const struct schema settings_admin_user_schema = {
        .name = "user", .size = sizeof(struct settings_admin_user), .fields = user_fields};

static const struct field client_fields[] = {
        REQUIRED_STRING("name", settings_admin_client, name,
                        "what the certificate says: common name, or a name of a host, of mail or a URI", .max = 255),
        ENUM("role", settings_admin_client, role, ROLE_READ, role_names, "what that client may do",
             .check = check_role),
        {0},
};
static const struct schema settings_admin_client_schema = {
        .name = "client", .size = sizeof(struct settings_admin_client), .fields = client_fields};

static void check_tls(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct settings_admin_tls *tls = out;

        if (tls->clients.count && !tls->client_authority)
                doc_problem(problems, at, "client_authority", "expected who signs the certificates of clients");
}

static const struct field tls_fields[] = {
        REQUIRED_STRING("certificate", settings_admin_tls, certificate, "PEM file, leaf first"),
        REQUIRED_STRING("key", settings_admin_tls, key, "PEM file"),
        OPTIONAL_STRING("client_authority", settings_admin_tls, client_authority,
                        "PEM file of who signs certificates of clients; they are not asked for when not given"),
        MAPS("clients", settings_admin_tls, clients, settings_admin_client,
             "clients that need no token beside their certificate", .max = 1000),
        {0},
};
static const struct schema settings_admin_tls_schema = {
        .name = "tls", .size = sizeof(struct settings_admin_tls), .fields = tls_fields, .check = check_tls};

static const struct field admin_fields[] = {
        STRINGS("listen", settings_admin, listen_text,
                "addresses and ports of the admin API, and paths of Unix sockets such as unix:/run/gslbd/admin.sock",
                .max = API_LISTEN_MAX, .fallback.document = ONE_TEXT("127.0.0.1:8053"), .check = check_listen),
        OPTIONAL_STRING("token_file", settings_admin, token_file,
                        "where the first admin token is written; STORE/admin.token when not given"),
        BOOL("allow_plain", settings_admin, allow_plain, false, "plain HTTP on an address other than loopback"),
        STRINGS("hosts", settings_admin, hosts,
                "names by which clients call the admin API in plain HTTP, beside localhost and its address", .max = 64),
        OPTIONAL_MAP("tls", settings_admin, tls, settings_admin_tls, "certificate for HTTPS"),
        MAPS("users", settings_admin, users, settings_admin_user,
             "users of this machine who need no token over a Unix socket; root has role admin", .max = 64),
        INT("connections", settings_admin, connections, 256, 8, 10000, "at once"),
        INT("connections_per_address", settings_admin, connections_per_address, 64, 1, 10000,
            "at once from one address (IPv6: one /64), or from one user over a Unix socket"),
        INT("max_body_mib", settings_admin, max_body_mib, MIB_MOST, 1, MIB_MOST,
            "MiB of a body from who may send it; most calls take less"),
        DURATION("request_timeout", settings_admin, request_timeout_ms, 600000, 1000, 86400000,
                 "from the first byte of a request to its last"),
        {0},
};
const struct schema settings_admin_schema = {
        .name = "admin", .size = sizeof(struct settings_admin), .fields = admin_fields};

static void find_users(struct settings_admin *s, struct arena *a, struct problems *problems)
{
        s->api_users = ARENA_ARRAY(a, struct api_user, s->users.count + 1);
        for (uint32_t i = 0; i < s->users.count; i++) {
                const struct settings_admin_user *one = &s->users.items[i];
                const struct passwd *found = getpwnam(one->user);
                if (found)
                        s->api_users[i] = (struct api_user){found->pw_uid, one->user, one->role};
                else
                        problems_add(problems, arena_printf(a, "admin.users[%u].user", i), 0, "there is no user %s",
                                     one->user);
        }
}

static void keep_clients(struct settings_admin *s, struct arena *a)
{
        s->api_clients = ARENA_ARRAY(a, struct api_client, s->tls.clients.count + 1);
        for (uint32_t i = 0; i < s->tls.clients.count; i++)
                s->api_clients[i] = (struct api_client){s->tls.clients.items[i].name, s->tls.clients.items[i].role};
}

static bool is_loopback(const struct address *a)
{
        static const uint8_t six[16] = {[15] = 1};
        return a->family == ADDRESS_V4 ? a->bytes[0] == 127 : !memcmp(a->bytes, six, 16);
}

/* Tokens do not go over a network in the clear. */
static void refuse_plain(const struct settings_admin *s, struct problems *problems)
{
        char text[ADDRESS_TEXT_MAX];

        for (uint32_t i = 0; i < s->listen_text.count; i++)
                if (!s->listen[i].path && !s->tls.certificate && !s->allow_plain && !is_loopback(&s->listen[i].address))
                        problems_add(problems, "admin.listen", 0,
                                     "%s is not a loopback address, so the API needs admin.tls (or admin.allow_plain: "
                                     "true)",
                                     address_format(&s->listen[i].address, text));
}

void settings_admin_finish(struct settings_admin *s, const char *store, struct arena *a, struct problems *problems)
{
        s->listen = ARENA_ARRAY(a, struct http_listen, s->listen_text.count);
        for (uint32_t i = 0; i < s->listen_text.count; i++)
                listen_parse(s->listen_text.items[i], &s->listen[i]);
        if (!s->token_file)
                s->token_file = arena_printf(a, "%s/admin.token", store);
        find_users(s, a, problems);
        keep_clients(s, a);
        refuse_plain(s, problems);
}
