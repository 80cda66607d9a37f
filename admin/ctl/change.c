/* Changing: what a change is called by, how it is shown, when it is asked for. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "admin/ctl/ctl.h"
#include "zones/store/kind.h"

#define SHOWN_MAX ((size_t)64 << 20)

/* --- values, as a person would say them --- */

static void say(struct buffer *out, const struct doc *d, unsigned depth);

/* "192.0.2.10 weight 5": what names it stands in its path already, an address says what it is. */
static void say_map(struct buffer *out, const struct doc *d, unsigned depth)
{
        const char *sep = "", *address = doc_get_string(d, "address");

        if (address && depth == 0) {
                buffer_text(out, address);
                sep = " ";
        }
        doc_each (one, d) {
                if (depth == 0 &&
                    (!strcmp(one->key, "name") || !strcmp(one->key, "address") || !strcmp(one->key, "type")))
                        continue;
                buffer_printf(out, "%s%s ", sep, one->key);
                say(out, one, depth + 1);
                sep = depth ? ", " : " ";
        }
}

static void say(struct buffer *out, const struct doc *d, unsigned depth)
{
        const char *sep = "";

        if (d->type == DOC_STRING) {
                buffer_text(out, *d->string ? d->string : "\"\"");
        } else if (d->type == DOC_MAP) {
                buffer_text(out, depth ? "{" : "");
                say_map(out, d, depth);
                buffer_text(out, depth ? "}" : "");
        } else if (d->type == DOC_LIST) {
                buffer_text(out, "[");
                doc_each (one, d) {
                        buffer_text(out, sep);
                        say(out, one, depth + 1);
                        sep = ", ";
                }
                buffer_text(out, "]");
        } else {
                doc_write_json(d, out, 0);
        }
}

/* A word of a list says all in its path: "match[country:DE]". */
static bool says_enough(const char *path, const struct doc *d)
{
        size_t n = strlen(path), m = d->type == DOC_STRING ? strlen(d->string) : n;

        return m + 2 <= n && path[n - 1] == ']' && path[n - m - 2] == '[' && !strncmp(path + n - m - 1, d->string, m);
}

/* --- changes --- */

static void show_field(const char *item, const struct doc *field)
{
        const struct doc *old = doc_get(field, "old"), *new = doc_get(field, "new");
        const char *path = doc_get_string(field, "path");
        struct buffer text = BUFFER_INIT(SHOWN_MAX);

        if (!path || (!old && !new))
                return;
        buffer_printf(&text, "  %s %s %s", item, !new ? "-" : !old ? "+" : "~", path);
        if (!old || !new) {
                const struct doc *one = old ? old : new;
                if (!says_enough(path, one)) {
                        buffer_text(&text, " ");
                        say(&text, one, 0);
                }
        } else {
                buffer_text(&text, " ");
                say(&text, old, 1);
                buffer_text(&text, " -> ");
                say(&text, new, 1);
        }
        puts(text.data);
        buffer_free(&text);
}

static bool deletes(const struct doc *change)
{
        const char *action = doc_get_string(change, "action");
        return action && !strcmp(action, "delete");
}

static const struct doc *fields_of(const struct doc *change)
{
        const struct doc *fields = doc_get(change, "fields");
        return fields && fields->type == DOC_LIST ? fields : NULL;
}

static bool is_gone(const struct doc *field)
{
        return !doc_get(field, "new");
}

/* "pools[web-eu]"; of a kind that has one document its name. */
static void name_item(const struct doc *change, char *out, size_t size)
{
        const char *name = doc_get_string(change, "kind"), *key = doc_get_string(change, "key");
        enum kind kind;

        if (name && kind_parse(name, &kind) && kind_only_key(kind))
                snprintf(out, size, "%s", name);
        else
                snprintf(out, size, "%s[%s]", name ? name : "?", key ? key : "?");
}

/* What it takes away, or the rest. */
static void show_half(const struct doc *change, bool gone)
{
        char item[1400];

        name_item(change, item, sizeof(item));
        if (fields_of(change)) {
                doc_each (field, fields_of(change))
                        if (is_gone(field) == gone)
                                show_field(item, field);
        } else if (deletes(change) == gone) {
                const char *action = doc_get_string(change, "action");
                printf("  %s %s\n", gone ? "-" : action && !strcmp(action, "update") ? "~" : "+", item);
        }
}

void ctl_show_changes(const struct doc *changes)
{
        if (!changes || changes->type != DOC_LIST)
                return;
        doc_each (one, changes)
                show_half(one, true);
        doc_each (one, changes)
                show_half(one, false);
}

static bool removes(const struct doc *reply)
{
        const struct doc *changes = doc_get(reply, "changes");

        if (!changes || changes->type != DOC_LIST)
                return false;
        doc_each (one, changes) {
                if (deletes(one))
                        return true;
                if (fields_of(one))
                        doc_each (field, fields_of(one))
                                if (is_gone(field))
                                        return true;
        }
        return false;
}

void ctl_show_forced(const struct doc *d)
{
        const struct doc *forced = doc_get(d, "forced");
        const char *reason = doc_get_string(d, "reason");

        if (!forced || forced->type != DOC_LIST)
                return;
        doc_each (one, forced)
                if (one->type == DOC_STRING)
                        printf("forced: %s\n", one->string);
        if (reason)
                printf("reason: %s\n", reason);
}

int ctl_show_change(struct ctl *c, const struct doc *reply)
{
        const struct doc *changes = doc_get(reply, "changes"), *changed = doc_get(reply, "changed");
        bool raised = doc_get(reply, "raised") != NULL, any = (changes && changes->count) || raised;
        char revision[30];

        ctl_member(reply, "revision", revision, sizeof(revision));
        if (!ctl_show_as_document(c, reply)) {
                ctl_show_changes(changes);
                if (raised)
                        printf("  numbers of revisions and zones go on above those of the backup\n");
                if (!any)
                        printf("nothing to change; revision %s stays\n", revision);
                else if (changed && changed->type == DOC_BOOL && changed->boolean)
                        printf("revision %s\n", revision);
                else
                        printf("dry run: nothing was changed\n");
                ctl_show_forced(reply);
                ctl_show_traffic(c, doc_get(reply, "traffic"));
                ctl_show_confirm(doc_get(reply, "confirm"));
        }
        return any && c->exit_code ? CTL_DIFFERENT : CTL_OK;
}

/* --- asking --- */

/* Whether this is a terminal where somebody can be asked: not with --yes or --dry-run. */
static bool asks(const struct ctl *c)
{
        return !c->yes && !c->dry_run && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* Asks when the reply to a dry run takes something away. */
static bool confirm(const struct doc *reply)
{
        char answer[20];

        if (!removes(reply))
                return true;
        ctl_show_changes(doc_get(reply, "changes"));
        fflush(stdout);
        fprintf(stderr, "This takes something away. Go on? [y/N] ");
        if (fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y'))
                return true;
        fprintf(stderr, "nothing was changed\n");
        return false;
}

/* --- making them --- */

const char *ctl_change_path(struct ctl *c, const char *path)
{
        const char *sep = strchr(path, '?') ? "&" : "?";

        if (c->dry_run) {
                path = arena_printf(c->arena, "%s%sdry_run=true", path, sep);
                sep = "&";
        }
        if (c->force) {
                path = arena_printf(c->arena, "%s%sforce=true", path, sep);
                sep = "&";
        }
        if (c->reason) {
                path = arena_printf(c->arena, "%s%sreason=%s", path, sep, ctl_escape(c, c->reason));
                sep = "&";
        }
        if (c->confirm_within) {
                path = arena_printf(c->arena, "%s%sconfirm_within=%s", path, sep, ctl_escape(c, c->confirm_within));
                sep = "&";
        }
        if (c->check_first) {
                path = arena_printf(c->arena, "%s%scheck_first=true", path, sep);
                sep = "&";
        }
        if (c->check_within) {
                path = arena_printf(c->arena, "%s%scheck_within=%s", path, sep, ctl_escape(c, c->check_within));
                sep = "&";
        }
        if (c->abort_if) {
                path = arena_printf(c->arena, "%s%sabort_if=%s", path, sep, ctl_escape(c, c->abort_if));
                sep = "&";
        }
        return c->comment ? arena_printf(c->arena, "%s%scomment=%s", path, sep, ctl_escape(c, c->comment)) : path;
}

int ctl_change_text(struct ctl *c, const char *method, const char *path, const struct ctl_body *body, struct doc **into)
{
        struct ctl_reply reply;
        int status = ctl_send(c, method, ctl_change_path(c, path), body, &reply);

        if (status == CTL_REFUSED) {
                if (reply.document && ctl_is_table(c))
                        ctl_show_traffic(c, doc_get(reply.document, "traffic"));
                ctl_print_problem(&reply);
        }
        if (into)
                *into = reply.document;
        if (!status && doc_get(reply.document, "trial")) {
                if (ctl_is_table(c))
                        ctl_show_changes(doc_get(reply.document, "changes"));
                fflush(stdout);
                return ctl_follow_trial(c, reply.document);
        }
        return status ? status : ctl_show_change(c, reply.document);
}

int ctl_change(struct ctl *c, const char *method, const char *path, const struct doc *body, struct doc **into)
{
        struct buffer text = BUFFER_INIT(SHOWN_MAX);
        struct ctl_body sent = {0};

        if (body) {
                doc_write_json(body, &text, 0);
                sent = (struct ctl_body){.text = text.data, .length = text.length};
        }
        int status = ctl_change_text(c, method, path, &sent, into);
        buffer_free(&text);
        return status;
}

int ctl_change_asking(struct ctl *c, const char *method, const char *path, const struct ctl_body *body)
{
        bool dry_run = c->dry_run;
        struct ctl_reply reply;

        if (!asks(c))
                return ctl_change_text(c, method, path, body, NULL);
        c->dry_run = true;
        int status = ctl_send(c, method, ctl_change_path(c, path), body, &reply);
        c->dry_run = dry_run;
        if (status == CTL_REFUSED)
                ctl_print_problem(&reply);
        if (status)
                return status;
        return confirm(reply.document) ? ctl_change_text(c, method, path, body, NULL) : CTL_REFUSED;
}
