/* gslbd/settings_admin.h: the part `admin` of gslbd.yaml. */
#ifndef GSLBD_SETTINGS_ADMIN_H
#define GSLBD_SETTINGS_ADMIN_H

#include "admin/api/api.h"
#include "base/arena.h"
#include "base/documents/problems.h"
#include "base/documents/schema.h"

struct settings_admin_user {
        const char *user;
        int role; /* enum role */
};

struct settings_admin_client {
        const char *name;
        int role; /* enum role */
};

struct settings_admin {
        struct strings listen_text;
        struct http_listen *listen;
        const char *token_file;
        bool allow_plain;
        struct strings hosts;
        LIST(struct settings_admin_user) users;
        struct api_user *api_users; /* the same, as the system knows them */
        int64_t connections, connections_per_address, max_body_mib, request_timeout_ms;
        struct settings_admin_tls {
                const char *certificate, *key, *client_authority;
                LIST(struct settings_admin_client) clients;
        } tls;
        struct api_client *api_clients; /* as tls.clients */
};

extern const struct schema settings_admin_schema;
/* What the plain types do not hold. `store`: where the token is unless it says another place. */
void settings_admin_finish(struct settings_admin *, const char *store, struct arena *, struct problems *);

#endif
