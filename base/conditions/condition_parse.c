/* From a text to a condition: one pass, each function reads what it is named after. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/conditions/condition_private.h"

const char *const measure_word_names[] = {MEASURE_WORDS(NAMED_TEXT) NULL};
const char *const measure_kind_names[] = {MEASURE_KINDS(NAMED_TEXT) NULL};
static const char *const compare_names[] = {COMPARES(NAMED_TEXT) NULL};

#define MEASURES_EXPECTED "a figure such as down(POOL), healthy(SERVICE), rate(pool NAME) or errors()"

/* What is read next: a word, a sign, or the end. */
struct parsing {
        struct arena *arena;
        const char *text, *at; /* behind the token */
        const char *token;     /* "": the end */
        bool word;             /* or quoted */
        unsigned column;
        unsigned depth;
        char *error;
};

static bool is_of_word(char c)
{
        return isalnum((unsigned char)c) || (c && strchr("._-/:@*", c)) || (unsigned char)c >= 0x80;
}

static void fail(struct parsing *r, const char *expected)
{
        if (!*r->error && *r->token)
                snprintf(r->error, CONDITION_ERROR_MAX, "column %u: expected %s, got \"%.40s\"", r->column, expected,
                         r->token);
        else if (!*r->error)
                snprintf(r->error, CONDITION_ERROR_MAX, "column %u: expected %s, but it ends there", r->column,
                         expected);
}

static void take_quoted(struct parsing *r)
{
        const char *begin = r->at + 1, *end = strchr(begin, '"');

        if (!end) {
                r->token = arena_strdup(r->arena, r->at);
                fail(r, "a second \" behind the name");
                r->token = "";
                return;
        }
        r->token = arena_strndup(r->arena, begin, (size_t)(end - begin));
        r->at = end + 1;
}

static void next(struct parsing *r)
{
        size_t length = 0;

        r->at += strspn(r->at, " \t\n");
        r->column = (unsigned)(r->at - r->text) + 1;
        r->word = is_of_word(*r->at) || *r->at == '"';
        if (*r->at == '"') {
                take_quoted(r);
                return;
        }
        while (is_of_word(r->at[length]))
                length++;
        if (!length && *r->at)
                length = strchr("<>!=", *r->at) && r->at[1] == '=' ? 2 : 1;
        r->token = arena_strndup(r->arena, r->at, length);
        r->at += length;
}

static bool is(const struct parsing *r, const char *token)
{
        return !strcmp(r->token, token);
}

static bool take(struct parsing *r, const char *token)
{
        if (!is(r, token))
                return false;
        next(r);
        return true;
}

/* The index of the token in a table of names, or -1. */
static int index_of(const struct parsing *r, const char *const *names)
{
        for (int i = 0; names[i]; i++)
                if (is(r, names[i]) && *names[i])
                        return i;
        return -1;
}

static struct condition *node(struct parsing *r, enum condition_kind kind, struct condition *left,
                              struct condition *right)
{
        struct condition *c = ARENA_NEW(r->arena, struct condition);

        *c = (struct condition){.kind = kind, .left = left, .right = right};
        return c;
}

/* "(web-eu)", "(pool web-eu)", "()" */
static void take_subject(struct parsing *r, struct measure *f)
{
        f->kind = MEASURE_BY_NAME;
        f->column = r->column;
        if (!take(r, "("))
                fail(r, "( behind the figure");
        f->column = r->column;
        int kind = r->word ? index_of(r, measure_kind_names) : -1;
        if (r->word) {
                f->name = r->token;
                next(r);
        }
        if (kind >= 0 && r->word) {
                f->kind = (enum measure_kind)kind;
                f->name = r->token;
                f->column = r->column;
                next(r);
        }
        if (!take(r, ")"))
                fail(r, f->name ? ") behind the name" : "a name, or )");
}

static void take_number(struct parsing *r, struct condition *c)
{
        char *end;

        c->number = strtod(r->token, &end);
        if (!isdigit((unsigned char)*r->token) || *end || !isfinite(c->number) || c->number > 1e12) {
                fail(r, "a number such as 2, 0.5 or 50%");
                return;
        }
        next(r);
        c->share = is(r, "%");
        if (c->share && (c->figure.word == MEASURE_RATE || c->number > 100))
                fail(r, c->number > 100 ? "a share of at most 100%" : "answers a second: of a rate there is no share");
        if (c->share)
                next(r);
}

static struct condition *comparison(struct parsing *r)
{
        struct condition *c = node(r, CONDITION_COMPARES, NULL, NULL);
        int word = index_of(r, measure_word_names);

        if (word < 0) {
                fail(r, MEASURES_EXPECTED);
                return c;
        }
        c->figure.word = (enum measure_word)word;
        next(r);
        take_subject(r, &c->figure);
        if (is(r, "=="))
                r->token = "=";
        int compare = index_of(r, compare_names);
        if (compare < 0) {
                fail(r, "one of > >= < <= = !=");
                return c;
        }
        c->compare = (enum compare)compare;
        next(r);
        take_number(r, c);
        return c;
}

static struct condition *any_of(struct parsing *r);

static struct condition *single(struct parsing *r)
{
        struct condition *c;

        if (++r->depth > CONDITION_DEPTH_MAX)
                fail(r, "a condition that is not so deep");
        if (*r->error) {
                c = node(r, CONDITION_COMPARES, NULL, NULL);
        } else if (take(r, "not")) {
                c = node(r, CONDITION_NOT, single(r), NULL);
        } else if (take(r, "(")) {
                c = any_of(r);
                if (!*r->error && !take(r, ")"))
                        fail(r, "and, or, for, or )");
        } else {
                c = comparison(r);
        }
        r->depth--;
        return c;
}

/* "... for 1m" */
static struct condition *lasting(struct parsing *r)
{
        struct condition *c = single(r);
        int64_t ms = 0;

        if (*r->error || !take(r, "for"))
                return c;
        if (!duration_parse(r->token, &ms) || ms <= 0 || ms > CONDITION_FOR_MOST)
                fail(r, "a time from 1ms to 24h such as 30s or 2m");
        next(r);
        c = node(r, CONDITION_FOR, c, NULL);
        c->for_ms = (uint64_t)ms;
        return c;
}

static struct condition *all_of(struct parsing *r)
{
        struct condition *c = lasting(r);

        while (!*r->error && take(r, "and"))
                c = node(r, CONDITION_AND, c, lasting(r));
        return c;
}

static struct condition *any_of(struct parsing *r)
{
        struct condition *c = all_of(r);

        while (!*r->error && take(r, "or"))
                c = node(r, CONDITION_OR, c, all_of(r));
        return c;
}

struct condition *condition_parse(struct arena *a, const char *text, char error[CONDITION_ERROR_MAX])
{
        struct parsing r = {.arena = a, .text = text, .at = text, .error = error};

        *error = '\0';
        if (strlen(text) > CONDITION_TEXT_MAX) {
                snprintf(error, CONDITION_ERROR_MAX, "column %d: expected at most %d characters",
                         CONDITION_TEXT_MAX + 1, CONDITION_TEXT_MAX);
                return NULL;
        }
        next(&r);
        struct condition *c = any_of(&r);
        if (!*error && (*r.token || r.word))
                fail(&r, "and, or, for, or the end");
        return *error ? NULL : c;
}
