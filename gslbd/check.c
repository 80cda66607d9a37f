#include "gslbd/check.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/tls_server.h"
#include "geo/mmdb.h"
#include "gslbd/privileges.h"
#include "gslbd/serve/sockets.h"
#include "zones/load/load.h"
#include "zones/store/owner.h"

#define ERROR_MAX 1024

static bool problem(const char *path, const char *place, const char *error)
{
        fprintf(stderr, "gslbd: %s is not valid:\n%s: %s\n", path, place, error);
        return false;
}

static bool check_certificate(const char *path, const char *place, const struct tls_server_options *o)
{
        char error[ERROR_MAX];

        if (!o->certificate)
                return true;
        struct tls_server *tls = tls_server_open(o, error, sizeof(error));
        if (!tls)
                return problem(path, place, error);
        tls_server_free(tls);
        return true;
}

static bool check_geo(const char *path, const struct settings *s)
{
        char error[ERROR_MAX];

        if (!s->geo.path_count)
                return true;
        struct geo *geo = geo_open(s->geo.paths, s->geo.path_count, error, sizeof(error));
        if (!geo)
                return problem(path, "geo.database", error);
        geo_close(geo);
        return true;
}

/* What the start would serve without: each problem of a stored document. */
static bool check_documents(const char *path, struct store *store, char *error, size_t error_size)
{
        struct problems left_out = PROBLEMS_INIT, problems = PROBLEMS_INIT;
        struct store_txn *txn = store_read(store, error, error_size);

        if (!txn)
                return problem(path, "store", error);
        if (!store_digest_check(txn, error, error_size)) /* it would be served all the same */
                fprintf(stderr, "gslbd: %s:\nstore: WARNING: %s\n", path, error);
        struct model *model = model_load_rest(txn, NULL, NULL, &left_out, &problems);
        store_end(txn);
        bool good = model && !left_out.count;
        if (!good) {
                char *text = problems_text(model ? &left_out : &problems);
                fprintf(stderr, "gslbd: %s:\nstore: what is stored is not valid, %s:\n%s", path,
                        model ? "and would be served without" : "and nothing of it can be served", text);
                free(text);
        }
        model_free(model);
        problems_free(&left_out);
        problems_free(&problems);
        return good;
}

/* Whether files can be made in the directory that a path leads into. */
static bool can_write_beside(const char *path)
{
        char copy[PATH_MAX];

        snprintf(copy, sizeof(copy), "%s", path);
        return !faccessat(AT_FDCWD, dirname(copy), W_OK | X_OK, AT_EACCESS);
}

/* The directory is made at the first start, the one that it is to be in is not. */
static bool check_directory(const char *path, const struct settings *s)
{
        char error[ERROR_MAX];

        if (!faccessat(AT_FDCWD, s->store, R_OK | W_OK | X_OK, AT_EACCESS) ||
            (errno == ENOENT && can_write_beside(s->store)))
                return true;
        snprintf(error, sizeof(error), "cannot %s %s: %s; check who owns the directory",
                 access(s->store, F_OK) ? "make" : "write into", s->store, strerror(errno));
        return problem(path, "store", error);
}

static bool check_token_file(const char *path, const struct settings *s)
{
        char error[ERROR_MAX];
        const char *file = s->admin.token_file;
        size_t length = strlen(s->store);

        if (!access(file, F_OK) || can_write_beside(file) || (!strncmp(file, s->store, length) && file[length] == '/'))
                return true;
        snprintf(error, sizeof(error), "cannot write %s: %s", file, strerror(errno));
        return problem(path, "admin.token_file", error);
}

/* A store that is not there is made at the first start. */
static bool check_store(const char *path, const struct settings *s)
{
        char error[ERROR_MAX], data[PATH_MAX];

        if (!check_directory(path, s))
                return false;
        if (snprintf(data, sizeof(data), "%s/data.mdb", s->store) >= (int)sizeof(data) || access(data, F_OK))
                return true;
        struct store *store = store_open(s->store, true, error, sizeof(error));
        if (!store)
                return problem(path, "store", error);
        bool good = check_documents(path, store, error, sizeof(error));
        store_close(store);
        return good;
}

static bool check_user(const char *path, const struct settings *s)
{
        char error[ERROR_MAX];
        struct privileges privileges;

        if (privileges_find(s, &privileges, error, sizeof(error)))
                return true;
        fprintf(stderr, "gslbd: %s is not valid:\n%s\n", path, error);
        return false;
}

static bool check_ports(const char *path, const struct settings *s, const struct serve_options *serve)
{
        char error[ERROR_MAX];
        struct server *server = serve_open(serve, error, sizeof(error));

        if (!server)
                return problem(path, "listen", error);
        serve_stop(server, 0);
        for (uint32_t i = 0; i < s->admin.listen_text.count; i++) {
                const struct http_listen *at = &s->admin.listen[i];
                int fd = at->path ? -1 : socket_tcp(&at->address, at->port, error, sizeof(error));
                if (at->path && !can_write_beside(at->path))
                        snprintf(error, sizeof(error), "cannot make %s: %s", at->path, strerror(errno));
                else if (at->path || fd >= 0)
                        error[0] = '\0';
                if (fd >= 0)
                        close(fd);
                if (*error)
                        return problem(path, "admin.listen", error);
        }
        return true;
}

bool check_start(const char *path, const struct settings *s, const struct serve_options *serve)
{
        char who[ERROR_MAX];
        const struct settings_admin_tls *admin = &s->admin.tls;
        const struct tls_server_options dns = {s->tls.certificate, s->tls.key, NULL, NULL};
        const struct tls_server_options api = {admin->certificate, admin->key, NULL, admin->client_authority};
        bool good = check_certificate(path, "tls", &dns);

        good &= check_user(path, s);
        good &= check_certificate(path, "admin.tls", &api);
        good &= check_geo(path, s);
        good &= check_store(path, s);
        good &= check_token_file(path, s);
        if (owner_taken(s->store, who, sizeof(who)))
                printf("%s: its ports were not tried\n", who);
        else
                good &= check_ports(path, s, serve);
        if (good)
                printf("%s is valid\n", path);
        return good;
}
