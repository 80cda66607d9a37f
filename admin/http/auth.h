/* admin/http/auth.h: bearer tokens. A token's secret is shown once; the store holds a salted hash. */
#ifndef ADMIN_HTTP_AUTH_H
#define ADMIN_HTTP_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include "zones/config/model.h"

#define TOKEN_SECRET_MAX 80
#define TOKEN_HASH_MAX   160

/* A new secret ("gslbd_..." with 256 random bits) and its hash. */
void token_make(char secret[TOKEN_SECRET_MAX], char hash[TOKEN_HASH_MAX]);
/* Whether it is the secret of that hash; in constant time. */
bool token_fits(const char *hash, const char *secret);
const char *role_name(enum role);
/* Whether `role` may do what needs `needed`. A prober may do only what needs a prober. */
bool role_allows(enum role role, enum role needed);

struct control;
/* Control thread. At first start, or when the file is missing: makes the token "admin" and writes its secret to `path`,
 * mode 0600. */
bool token_first(struct control *, const char *path, char *error, size_t error_size);

#endif
