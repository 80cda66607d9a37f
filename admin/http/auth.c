#include "admin/http/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "admin/control/control.h"
#include "base/log.h"
#include "base/random.h"
#include "base/sha256.h"

static void hex(const uint8_t *data, size_t n, char *out)
{
        for (size_t i = 0; i < n; i++)
                snprintf(out + 2 * i, 3, "%02x", data[i]);
}

/* The secret has 256 random bits, so no slow hash is needed. */
static void hash_secret(const char *salt, const char *secret, char out[SHA256_TEXT])
{
        sha256_text(salt, strlen(salt), secret, strlen(secret), out);
}

void token_make(char secret[TOKEN_SECRET_MAX], char hash[TOKEN_HASH_MAX])
{
        uint8_t random[32 + 8];
        char text[65], salt[17], digest[SHA256_TEXT];

        random_bytes(random, sizeof(random));
        hex(random, 32, text);
        hex(random + 32, 8, salt);
        snprintf(secret, TOKEN_SECRET_MAX, "gslbd_%s", text);
        hash_secret(salt, secret, digest);
        snprintf(hash, TOKEN_HASH_MAX, "sha256:%s:%s", salt, digest);
}

bool token_fits(const char *hash, const char *secret)
{
        char salt[64], digest[SHA256_TEXT];
        const char *colon = strncmp(hash, "sha256:", 7) ? NULL : strchr(hash + 7, ':');
        size_t length = colon ? (size_t)(colon - hash - 7) : sizeof(salt);

        if (length >= sizeof(salt) || strlen(colon + 1) != SHA256_TEXT - 1)
                return false;
        memcpy(salt, hash + 7, length);
        salt[length] = '\0';
        hash_secret(salt, secret, digest);
        return CRYPTO_memcmp(digest, colon + 1, SHA256_TEXT - 1) == 0;
}

const char *role_name(enum role role)
{
        return role_names[role];
}

bool role_allows(enum role role, enum role needed)
{
        if (needed == ROLE_PROBER || role == ROLE_PROBER)
                return role == ROLE_ADMIN || (needed == ROLE_PROBER && role == ROLE_PROBER);
        return role >= needed;
}

static bool write_secret(const char *path, const char *secret, char *error, size_t error_size)
{
        char temporary[1024];
        size_t length = strlen(secret);

        snprintf(temporary, sizeof(temporary), "%s.new", path);
        unlink(temporary);
        int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        bool good = fd >= 0 && write(fd, secret, length) == (ssize_t)length && write(fd, "\n", 1) == 1 && !fsync(fd);
        if (fd >= 0)
                good &= !close(fd);
        if (!good || rename(temporary, path)) {
                snprintf(error, error_size, "cannot write the admin token to %s: %s", path, strerror(errno));
                unlink(temporary);
                return false;
        }
        return true;
}

static void made(void *good, enum control_result result, const struct change_outcome *outcome)
{
        (void)outcome;
        *(bool *)good = result == CONTROL_OK;
}

bool token_first(struct control *control, const char *path, char *error, size_t error_size)
{
        char secret[TOKEN_SECRET_MAX], hash[TOKEN_HASH_MAX];
        struct problems problems = PROBLEMS_INIT;
        struct change change = {KIND_TOKENS, "admin", NULL};
        size_t count = 1;
        bool good = false;
        const struct change_terms terms = {
                .author = "gslbd", .comment = "first admin token", .force = true, .done = made, .context = &good};
        struct change_outcome outcome;
        bool exists = model_find(snapshot_current()->model, KIND_TOKENS, "admin") != MODEL_NONE;

        if (exists && !access(path, F_OK))
                return true;
        token_make(secret, hash);
        if (!write_secret(path, secret, error, error_size))
                return false;
        struct arena *a = arena_new(0);
        struct doc *d = doc_new(a, DOC_MAP);
        doc_add_string(a, d, "name", "admin");
        doc_add_string(a, d, "role", "admin");
        doc_add_string(a, d, "hash", hash);
        change.document = d;
        good = control_change(control, &change, &count, &terms, &outcome, &problems) == CONTROL_OK;
        control_settle(control);
        if (!good)
                snprintf(error, error_size, "cannot store the admin token: %s",
                         problems.count ? problems.list[0].message : "");
        else
                log_info("admin", "wrote a new admin token to %s", path);
        arena_free(a);
        problems_free(&problems);
        return good;
}
