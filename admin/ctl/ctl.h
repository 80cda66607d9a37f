/* admin/ctl/ctl.h: gslbctl: what its files share. One thread, one command, then the end. */
#ifndef ADMIN_CTL_CTL_H
#define ADMIN_CTL_CTL_H

#include <stdbool.h>
#include "base/arena.h"
#include "base/buffer.h"
#include "base/documents/doc.h"

/* Exit statuses. */
enum { CTL_OK = 0, CTL_REFUSED = 1, CTL_USAGE = 2, CTL_UNREACHABLE = 3, CTL_DIFFERENT = 4 };

enum output { OUTPUT_TABLE, OUTPUT_WIDE, OUTPUT_JSON, OUTPUT_YAML, OUTPUT_NAME };

#define CTL_FILES_MAX 64

struct ctl {
        struct arena *arena;
        const char *server, *token_file, *ca_file, *certificate, *key, *output_name;
        char token[256];
        enum output output;
        const char *timeout; /* of a request, as given; NULL: the command's own */
        /* What commands take; NULL or false when not given. */
        const char *files[CTL_FILES_MAX];
        unsigned file_count;
        const char *comment, *if_match, *for_time, *reason, *type, *client, *origin, *role, *prober, *limit, *region,
                *pool, *label, *cidr, *service, *by, *since, *down, *prune_kind, *state, *at, *over, *interval, *color,
                *author, *kinds, *sort, *confirm_within, *abort_if, *to, *steps, *every;
        const char *zones, *pool_labels; /* with commas */
        const char *check_within;
        bool check_first;
        bool dry_run, exit_code, yes, prune, force, overwrite, replace, with_drains, defaults, follow, watch, changes,
                flapping, now;
        bool colours; /* what is printed has some */
        bool help, version;
        int argc; /* what is left: the arguments of the command */
        char **argv;
};

typedef int command(struct ctl *);

/* --- talking to the server (client.c) --- */

/* Where the lines of a text that several files make are from: list[0] is line 1. file NULL: of none. */
struct ctl_place {
        const char *file;
        uint32_t line;
};
struct ctl_places {
        size_t count;
        struct ctl_place *list;
};

/* What goes with a call; all may be NULL. */
struct ctl_body {
        const char *content_type; /* NULL: JSON */
        const char *text;
        size_t length;
        const char *if_match;
        const struct ctl_places *places; /* NULL: its lines are those of the text */
        struct buffer *reply;            /* takes the text of the reply as it is; no document is made of it */
};

/* A reply: a document (never NULL after CTL_OK), its ETag, the status. After CTL_REFUSED `document` is the problem, or
 * NULL. */
struct ctl_reply {
        struct doc *document;
        char etag[80];
        long status;
        const char *token_file; /* whose token went with it; NULL: none */
        const struct ctl_places *places;
};

/* CTL_OK; or else a message was printed. `path` begins behind "/v1/". */
int ctl_call(struct ctl *, const char *method, const char *path, const struct doc *body, struct doc **out);
/* The same with a body as text. CTL_REFUSED: nothing was printed, ctl_print_problem does that. */
int ctl_send(struct ctl *, const char *method, const char *path, const struct ctl_body *, struct ctl_reply *);
void ctl_print_problem(const struct ctl_reply *);
/* A list, all its pages as one, or as much of it as --limit says. As ctl_call. */
int ctl_pages(struct ctl *, const char *path, struct doc **all);
bool ctl_goes_on(const char *asked, const char *next); /* false: a server goes in a circle; a message was printed */
/* Pages, each `behind` the one before, until there are at least `most`. `path` has parameters already. */
int ctl_pages_until(struct ctl *, const char *path, const char *behind, unsigned long most, struct doc **all);
/* What --region, --pool, --label and --state say, as parameters behind others: "&pool=web-eu". */
const char *ctl_filters(struct ctl *);
/* Escapes a key for a path or a query. */
const char *ctl_escape(struct ctl *, const char *);

/* --- changing (change.c) --- */

/* Makes a call that changes something: with --dry-run and --comment where given; shows what changed by name. `into`
 * (may be NULL) receives the reply. CTL_OK, or with --exit-code CTL_DIFFERENT; or else a message was printed. */
int ctl_change(struct ctl *, const char *method, const char *path, const struct doc *body, struct doc **into);
int ctl_change_text(struct ctl *, const char *method, const char *path, const struct ctl_body *, struct doc **into);
/* The same; where somebody can be asked, one that takes something away is shown and asked for first. */
int ctl_change_asking(struct ctl *, const char *method, const char *path, const struct ctl_body *);
/* `path` with what --dry-run and --comment say. */
const char *ctl_change_path(struct ctl *, const char *path);
/* Prints what a reply to a change says. Returns as ctl_change does. */
int ctl_show_change(struct ctl *, const struct doc *reply);
void ctl_show_changes(const struct doc *changes);
/* What a change does to traffic, as a dry run tells (traffic.c). NULL: nothing is told. */
void ctl_show_traffic(struct ctl *, const struct doc *);
/* Whether it would leave clients with nobody that have somebody now. */
bool ctl_leaves_nobody(const struct doc *traffic);
/* What was forced, and why, of a reply to a change or of a revision. */
void ctl_show_forced(const struct doc *);

/* Of a change that waits for its checks (trial.c): shows how it goes on until it has ended. */
int ctl_follow_trial(struct ctl *, const struct doc *reply);

/* --- naming and reading (input.c, files.c) --- */

/* Reads a whole file, "-" is standard input. NULL: a message was printed. */
char *ctl_read_file(struct ctl *, const char *path, size_t *length);
/* All files of -f as one text: one file as it is; of several, and of directories, one document. false: a message was
 * printed. */
bool ctl_read_files(struct ctl *, struct ctl_body *);
/* Path of what the first arguments name, KIND NAME or the KIND that has one document, which are taken away. NULL: a
 * message was printed. The second: and there is nothing behind them. */
const char *ctl_item(struct ctl *);
const char *ctl_item_alone(struct ctl *);
/* Path of an item, or of a part of it, of "pool" "web-eu", "pool" "web-eu/eu1", "endpoint" "web-eu/eu1". NULL: a
 * message was printed. */
const char *ctl_item_path(struct ctl *, const char *kind, const char *name);

/* A time as people write it ("yesterday 22:00"), for the API (look/history.c). NULL: a message was printed. */
const char *ctl_time(struct ctl *, const char *option, const char *text);

/* What the options of a drain say (drain.c); --reason is said with it then. */
void ctl_drain_form(struct ctl *, struct doc *body);

/* --- showing (show.c) --- */

/* As JSON or YAML where that is wanted. false: a table is, or names. */
bool ctl_show_as_document(struct ctl *, const struct doc *);
/* Whether it is a table (or names) that is wanted. */
bool ctl_is_table(const struct ctl *);
/* Rows of a list as a table. `columns` are "TITLE=member" or "TITLE=member.member", NULL-terminated; one with "+" in
 * front is shown with -o wide alone; "=member/member" is no column, but what -o name says of a row (else the first
 * column). No list, no table. */
void ctl_table(const struct ctl *, const struct doc *rows, const char *const *columns);
/* Colours, where they are wanted: "" or what switches one on. */
enum tone { TONE_PLAIN, TONE_GOOD, TONE_BAD, TONE_NOTE, TONE_STRONG };
const char *ctl_tone(const struct ctl *, enum tone);
const char *ctl_member(const struct doc *, const char *path, char *out, size_t size);
/* The same for people: a time without its milliseconds, no control of a terminal, one line. */
const char *ctl_shown(const struct doc *, const char *path, char *out, size_t size);

/* Until when a revision waits for `gslbctl confirm`. NULL: it does not. */
void ctl_show_confirm(const struct doc *confirm);

/* Runs a command again and again, as --watch says (watch.c). `name`: as it is called. */
int ctl_watch(struct ctl *, const char *name, command *);
bool ctl_interval(const struct ctl *, int64_t *ms); /* what --interval says. false: a message was printed */

/* --- commands --- */
command ctl_get, ctl_apply, ctl_plan, ctl_delete, ctl_schema; /* config.c */
command ctl_set, ctl_patch, ctl_edit;                         /* edit.c */
command ctl_region_drain, ctl_region_restore, ctl_pool_drain, ctl_pool_restore, ctl_endpoint_drain,
        ctl_endpoint_restore, ctl_endpoint_verdict, ctl_health_accept, ctl_drains, ctl_holds, ctl_region_failback,
        ctl_pool_failback, ctl_endpoint_failback, ctl_schedules;                              /* drain.c */
command ctl_bulk_drain, ctl_bulk_restore, ctl_bulk_weight, ctl_bulk_enable, ctl_bulk_disable; /* drain.c */
command ctl_token_list, ctl_token_create, ctl_token_delete, ctl_geo_reload;                   /* admin.c */
command ctl_backup, ctl_restore;                                                              /* backup.c */
command ctl_explain;                                                                          /* look/explain.c */
command ctl_health, ctl_revisions, ctl_revision, ctl_rollback, ctl_revert, ctl_events, ctl_limits,
        ctl_ready;                                          /* observe.c */
command ctl_traffic;                                        /* traffic.c */
command ctl_check;                                          /* look/check.c */
command ctl_top;                                            /* look/top.c */
command ctl_status;                                         /* look/status.c */
command ctl_zone_import, ctl_zone_export, ctl_import_gdnsd; /* foreign.c */
command ctl_trials, ctl_trial, ctl_trial_abort;             /* trial.c */
command ctl_confirm, ctl_confirms, ctl_shift, ctl_shifts, ctl_shift_pause, ctl_shift_resume,
        ctl_shift_abort; /* rollout.c */

#endif
