/* Why a client gets its answer: now, with other documents, or at another time. */
#include <stdio.h>
#include <string.h>
#include "admin/ctl/ctl.h"

/* --- the story --- */

/* gslbd tells it in sentences; tables of endpoints stand in the document (-o json). */
static const char **sentences(struct ctl *c, const struct doc *d, uint32_t *count)
{
        const struct doc *story = d && d->type == DOC_MAP ? doc_get(d, "story") : NULL;
        bool known = story && story->type == DOC_LIST;
        const char **list = ARENA_ARRAY(c->arena, const char *, known ? story->count : 0);

        *count = 0;
        for (const struct doc *one = known ? story->first : NULL; one; one = one->next)
                if (one->type == DOC_STRING)
                        list[(*count)++] = one->string;
        return list;
}

static void tell_story(struct ctl *c, const struct doc *d)
{
        uint32_t count;
        const char **list = sentences(c, d, &count);

        for (uint32_t i = 0; i < count; i++)
                printf("%s\n", list[i]);
}

/* --- two stories, one beside the other --- */

#define COMPARED_MOST 4000 /* sentences of either; beyond that all that differs is told in one piece */

struct lines {
        const char **list;
        uint32_t count;
};

static void tell_lines(const struct ctl *c, char mark, enum tone tone, const char **list, uint32_t count)
{
        const char *on = tone == TONE_PLAIN ? "" : ctl_tone(c, tone), *off = *on ? ctl_tone(c, TONE_PLAIN) : "";

        for (uint32_t i = 0; i < count; i++)
                printf("%s%c %s%s\n", on, mark, list[i], off);
}

/* lengths[i][j]: how many sentences of was[i...] and is[j...] stand in both in the same order. */
static uint16_t *common_lengths(struct ctl *c, const struct lines *was, const struct lines *is)
{
        size_t row = is->count + 1;
        uint16_t *lengths = ARENA_ARRAY(c->arena, uint16_t, (was->count + 1) * row);

        memset(lengths, 0, (was->count + 1) * row * sizeof(*lengths));
        for (size_t i = was->count; i-- > 0;)
                for (size_t j = is->count; j-- > 0;) {
                        uint16_t down = lengths[(i + 1) * row + j], right = lengths[i * row + j + 1];
                        lengths[i * row + j] = !strcmp(was->list[i], is->list[j])
                                                       ? (uint16_t)(lengths[(i + 1) * row + j + 1] + 1)
                                               : down > right ? down
                                                              : right;
                }
        return lengths;
}

/* What is gone stands in front of what comes in its place. */
static void tell_changed(struct ctl *c, struct lines was, struct lines is)
{
        bool compared = was.count <= COMPARED_MOST && is.count <= COMPARED_MOST;
        const uint16_t *lengths = compared ? common_lengths(c, &was, &is) : NULL;
        size_t row = is.count + 1;
        uint32_t i = 0, j = 0;

        while (compared && i < was.count && j < is.count) {
                if (!strcmp(was.list[i], is.list[j])) {
                        tell_lines(c, ' ', TONE_PLAIN, &is.list[j], 1);
                        i++;
                        j++;
                } else if (lengths[(i + 1) * row + j] >= lengths[i * row + j + 1]) {
                        tell_lines(c, '-', TONE_BAD, &was.list[i++], 1);
                } else {
                        tell_lines(c, '+', TONE_GOOD, &is.list[j++], 1);
                }
        }
        tell_lines(c, '-', TONE_BAD, was.list + i, was.count - i);
        tell_lines(c, '+', TONE_GOOD, is.list + j, is.count - j);
}

static void tell_both(struct ctl *c, const struct doc *d)
{
        struct lines was, is;

        was.list = sentences(c, doc_get(d, "now"), &was.count);
        is.list = sentences(c, d, &is.count);
        tell_changed(c, was, is);
        bool same = was.count == is.count && was.count;
        for (uint32_t i = 1; i < is.count && same; i++) /* the first says of what it is */
                same = !strcmp(was.list[i], is.list[i]);
        if (same)
                printf("nothing would be another for this client\n");
}

/* --- the command --- */

static int explain_with(struct ctl *c, const char *path)
{
        struct ctl_body body;
        struct ctl_reply reply;

        if (!ctl_read_files(c, &body))
                return CTL_USAGE;
        int status = ctl_send(c, "POST", path, &body, &reply);
        if (status == CTL_REFUSED)
                ctl_print_problem(&reply);
        if (!status && !ctl_show_as_document(c, reply.document))
                tell_both(c, reply.document);
        return status;
}

int ctl_explain(struct ctl *c)
{
        struct doc *d;

        if (!c->client) {
                fprintf(stderr, "gslbctl: explain: expected NAME --client ADDRESS\n");
                return CTL_USAGE;
        }
        if ((c->at && c->file_count) || (c->watch && (c->at || c->file_count))) {
                fprintf(stderr, "gslbctl: explain: expected at most one of --at, --with and --watch\n");
                return CTL_USAGE;
        }
        const char *path = arena_printf(c->arena, "explain?name=%s&client=%s&type=%s", ctl_escape(c, c->argv[0]),
                                        ctl_escape(c, c->client), c->type ? ctl_escape(c, c->type) : "A");
        if (c->file_count)
                return explain_with(c, path);
        const char *time = c->at ? ctl_time(c, "at", c->at) : "";
        if (!time)
                return CTL_USAGE;
        if (c->at)
                path = arena_printf(c->arena, "%s&at=%s", path, ctl_escape(c, time));
        int status = ctl_call(c, "GET", path, NULL, &d);
        if (status || ctl_show_as_document(c, d))
                return status;
        tell_story(c, d);
        return CTL_OK;
}
