#include "gslbd/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/landlock.h"
#include "base/log.h"

#define USER_DEFAULT   "gslbd"
#define PRIVILEGED_END 1024 /* ports below need CAP_NET_BIND_SERVICE */

/* --- who --- */

/* Programs of monitors that run as another user need root. */
static bool needs_root(const struct settings *s, const char *user)
{
        return s->probes.exec.directory && s->probes.exec.user && strcmp(s->probes.exec.user, user) != 0;
}

/* Whether the directory is there and another's. */
static bool is_anothers(const char *store, uid_t uid)
{
        struct stat status;

        return !stat(store, &status) && status.st_uid != uid;
}

/* The user that nobody asked for: only where nothing stands against it. */
static const struct passwd *default_user(const struct settings *s)
{
        const struct passwd *user = geteuid() == 0 ? getpwnam(USER_DEFAULT) : NULL;

        if (!user)
                return NULL;
        if (needs_root(s, USER_DEFAULT)) {
                log_warning("gslbd",
                            "stays root, since programs of monitors run as %s: run them as " USER_DEFAULT
                            ", or by a gslb-prober, or write `user: root`",
                            s->probes.exec.user);
                return NULL;
        }
        if (is_anothers(s->store, user->pw_uid)) {
                log_warning("gslbd",
                            "stays root, since %s is not " USER_DEFAULT "'s: chown -R " USER_DEFAULT
                            " it, or write `user: root`",
                            s->store);
                return NULL;
        }
        return user;
}

static bool find_given(const struct settings *s, const struct passwd **user, char *error, size_t error_size)
{
        *user = getpwnam(s->user);
        if (!*user)
                snprintf(error, error_size, "user: there is no user %s", s->user);
        else if (geteuid() != 0 && (*user)->pw_uid != geteuid())
                snprintf(error, error_size, "user: only root can become %s", s->user);
        else if ((*user)->pw_uid && needs_root(s, s->user))
                snprintf(error, error_size, "user: probes.exec.user is another, which needs root: %s",
                         s->probes.exec.user);
        else
                return true;
        return false;
}

bool privileges_find(const struct settings *s, struct privileges *p, char *error, size_t error_size)
{
        const struct passwd *user = NULL;

        *p = (struct privileges){.uid = geteuid(), .gid = getegid()};
        if (s->user ? !find_given(s, &user, error, error_size) : !(user = default_user(s)))
                return !s->user;
        p->changes = user->pw_uid != geteuid();
        p->uid = user->pw_uid;
        p->gid = user->pw_gid;
        return true;
}

bool privileges_prepare(const struct settings *s, struct privileges *p, char *error, size_t error_size)
{
        if (!privileges_find(s, p, error, error_size))
                return false;
        if (p->changes && !mkdir(s->store, 0700) && chown(s->store, p->uid, p->gid)) {
                snprintf(error, error_size, "store: cannot give %s to %s: %s", s->store,
                         s->user ? s->user : USER_DEFAULT, strerror(errno));
                return false;
        }
        return true;
}

/* --- capabilities --- */

/* What is needed from here on: pings, and the port of the admin API. */
static uint64_t needed(const struct settings *s)
{
        uint64_t set = 0;

        if (s->probes.enabled)
                set |= UINT64_C(1) << CAP_NET_RAW;
        for (uint32_t i = 0; i < s->admin.listen_text.count; i++)
                if (s->admin.listen[i].port && s->admin.listen[i].port < PRIVILEGED_END)
                        set |= UINT64_C(1) << CAP_NET_BIND_SERVICE;
        return set;
}

static bool capabilities_get(struct __user_cap_data_struct data[2])
{
        struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};

        return !syscall(SYS_capget, &head, data);
}

/* Keeps of what there is no more than `keep`. Whether that is so, whoever has seen to it. */
static bool capabilities_keep(uint64_t keep)
{
        struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
        struct __user_cap_data_struct data[2], now[2];

        if (!capabilities_get(data))
                return false;
        for (int i = 0; i < 2; i++) {
                data[i].permitted &= (uint32_t)(keep >> 32 * i);
                data[i].effective = data[i].permitted;
                data[i].inheritable = 0;
        }
        (void)!syscall(SYS_capset, &head, data);
        return capabilities_get(now) && !(now[0].permitted & ~data[0].permitted) &&
               !(now[1].permitted & ~data[1].permitted);
}

/* Nor can they be had again, by what is run. Fails without CAP_SETPCAP: then there is nothing to give away. */
static void bounds_drop(uint64_t keep)
{
        for (int c = 0; c <= CAP_LAST_CAP; c++)
                if (!(keep >> c & 1))
                        prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
}

/* --- becoming it --- */

static bool become(const struct privileges *p, const char *name, char *error, size_t error_size)
{
        if (initgroups(name, p->gid) || setresgid(p->gid, p->gid, p->gid) || setresuid(p->uid, p->uid, p->uid) ||
            !setuid(0)) {
                snprintf(error, error_size, "user: cannot become %s: %s", name, strerror(errno));
                return false;
        }
        return true;
}

static bool change_user(const struct settings *s, struct privileges *p, char *error, size_t error_size)
{
        const struct passwd *user = getpwuid(p->uid);

        if (p->changes) {
                bounds_drop(s->harden.capabilities ? needed(s) : UINT64_MAX);
                prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
                if (!user || !become(p, user->pw_name, error, error_size))
                        return false;
        }
        p->user = user ? user->pw_name : NULL;
        if (!faccessat(AT_FDCWD, s->store, R_OK | W_OK | X_OK, AT_EACCESS) || errno == ENOENT)
                return true;
        snprintf(error, error_size, "store: %s cannot write into %s: chown -R %s it", p->user ? p->user : "this user",
                 s->store, p->user ? p->user : "to this user");
        return false;
}

/* Writing is for the store alone, and the directories of the first token and of sockets; running is for nobody. */
static bool confine(const struct settings *s)
{
        const char *writable[API_LISTEN_MAX + 3] = {s->store};
        char beside[API_LISTEN_MAX + 1][PATH_MAX];
        size_t n = 0;

        snprintf(beside[n++], PATH_MAX, "%s", s->admin.token_file);
        for (uint32_t i = 0; i < s->admin.listen_text.count; i++)
                if (s->admin.listen[i].path)
                        snprintf(beside[n++], PATH_MAX, "%s", s->admin.listen[i].path);
        for (size_t i = 0; i < n; i++)
                writable[i + 1] = dirname(beside[i]);
        return landlock_confine(writable);
}

bool privileges_drop(const struct settings *s, struct privileges *p, char *error, size_t error_size)
{
        if (!change_user(s, p, error, error_size))
                return false;
        if (s->harden.capabilities && p->uid)
                p->capabilities = capabilities_keep(needed(s));
        const bool programs = s->probes.exec.directory != NULL;
        /* The operator's programs may be such as gain by being run (ping), and write where they like. */
        if (s->harden.no_new_privs && !programs)
                p->no_new_privs = !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (s->harden.landlock && !programs)
                p->landlock = confine(s);
        if (s->harden.landlock && !programs && !p->landlock)
                log_warning("gslbd", "this kernel has no Landlock: what gslbd may write is up to its user alone");
        if (p->changes)
                log_info("gslbd", "runs as %s", p->user ? p->user : "another user");
        return true;
}

struct doc *privileges_tell(const struct privileges *p, struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP);

        if (p->user)
                doc_add_string(a, d, "user", p->user);
        else
                doc_add_format(a, d, "user", "%u", (unsigned)p->uid);
        doc_add_bool(a, d, "capabilities", p->capabilities);
        doc_add_bool(a, d, "no_new_privs", p->no_new_privs);
        doc_add_bool(a, d, "landlock", p->landlock);
        doc_add_bool(a, d, "seccomp", p->seccomp);
        return d;
}
