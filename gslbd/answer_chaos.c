/* Class CHAOS: who answers, for people who look for it (RFC 4892). Refused unless the operator gives a text. */
#include <string.h>
#include "gslbd/answer_private.h"

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

void answer_chaos(struct asking *a)
{
        const struct answer_settings *s = a->context->settings;
        const char *text = NULL;
        uint8_t rdata[256];

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
