/* Class CHAOS: who answers, for people who look for it (RFC 4892). Refused unless the operator gives a text. */
#include "gslbd/answer/answer_chaos.h"

#include <string.h>
#include "zones/explain/explain_brief.h"

static const struct {
        const char *name; /* wire */
        size_t length;
        bool version;
} names[] = {
        {"\007version\004bind", 14, true},
        {"\007version\006server", 16, true},
        {"\002id\006server", 11, false},
        {"\010hostname\004bind", 15, false},
};

/* --- explain.NAME: why a client gets what it gets --- */

static const uint8_t explain_label[] = "\007explain";

static bool asks_explain(const struct asking *a)
{
        const struct answer_settings *s = a->context->settings;

        if (a->name_length <= sizeof(explain_label) - 1 || memcmp(a->name, explain_label, sizeof(explain_label) - 1))
                return false;
        for (unsigned i = 0; i < s->explain_count; i++)
                if (prefix_contains(&s->explain_to[i], &a->peer->address))
                        return true;
        return false;
}

static void answer_explain(struct asking *a)
{
        const struct snapshot *snapshot = a->context->snapshot;
        uint8_t rdata[1 + BRIEF_LINE_MAX];
        struct lookup found;
        struct brief brief;

        if (!asking_proven(a)) { /* it costs more than an answer does */
                asking_challenge(a);
                return;
        }
        snapshot_lookup(snapshot, a->name + sizeof(explain_label) - 1,
                        a->name_length - (unsigned)sizeof(explain_label) + 1, &found);
        if (!found.zone) {
                a->reply->rcode = RCODE_REFUSED;
                return;
        }
        client_locate(snapshot->locator, &a->client);
        a->reply->flags |= FLAG_AA;
        a->reply->scope = a->client.scope;
        if (a->query->type != TYPE_TXT && a->query->type != TYPE_ANY)
                return;
        explain_brief(snapshot, &found, &a->client, &brief);
        for (unsigned i = 0; i < brief.count; i++) {
                size_t length = strlen(brief.lines[i]);
                rdata[0] = (uint8_t)length;
                memcpy(rdata + 1, brief.lines[i], length);
                reply_record(a->reply, SECTION_ANSWER, a->owner, TYPE_TXT, CLASS_CH, 0, rdata, (uint16_t)(length + 1));
        }
}

void answer_chaos(struct asking *a)
{
        const struct answer_settings *s = a->context->settings;
        const char *text = NULL;
        uint8_t rdata[256];

        if (asks_explain(a)) {
                answer_explain(a);
                return;
        }
        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
                if (a->name_length == names[i].length && !memcmp(a->name, names[i].name, names[i].length))
                        text = names[i].version ? s->version : s->server_id;
        if (!text) {
                a->reply->rcode = RCODE_REFUSED;
                return;
        }
        a->reply->flags |= FLAG_AA;
        if (a->query->type != TYPE_TXT && a->query->type != TYPE_ANY)
                return;
        size_t length = strlen(text);
        if (length > 255)
                length = 255;
        rdata[0] = (uint8_t)length;
        memcpy(rdata + 1, text, length);
        reply_record(a->reply, SECTION_ANSWER, a->owner, TYPE_TXT, CLASS_CH, 0, rdata, (uint16_t)(length + 1));
}
