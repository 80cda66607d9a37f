#include "gslbd/answer/asking.h"

#include <string.h>

static bool been_there(const struct asking *a, const uint8_t *name)
{
        if (name_equal(name, a->query->name))
                return true;
        for (unsigned i = 0; i < a->links; i++)
                if (name_equal(name, a->chain[i]))
                        return true;
        return false;
}

enum step asking_follow(struct asking *a, const uint8_t *target, size_t rdata_at)
{
        if (a->links == CHAIN_MAX)
                return STEP_DONE;
        uint8_t *name = a->chain[a->links];
        unsigned length = name_length(target);
        memcpy(name, target, length);
        name_lower(name);
        if (been_there(a, name))
                return STEP_DONE;
        a->links++;
        a->name = name;
        a->name_length = length;
        a->owner = pointer_to(rdata_at);
        return STEP_FOLLOW;
}

bool asking_proven(const struct asking *a)
{
        return a->peer->transport != TRANSPORT_UDP || a->cookie == COOKIE_VALID;
}

void asking_challenge(struct asking *a)
{
        if (a->cookie == COOKIE_NONE)
                a->reply->flags |= FLAG_TC; /* TCP proves the address as well */
        else
                a->reply->rcode = RCODE_BADCOOKIE;
}

void asking_locate(struct asking *a)
{
        if (a->located)
                return;
        client_locate(a->context->snapshot->locator, &a->client);
        a->located = true;
}

void asking_tell_stale(struct asking *a, const struct address_set *set)
{
        if (!set->stale || a->reply->ede)
                return;
        a->reply->ede = EDE_STALE + 1;
        a->reply->ede_text = "nobody answers for the host name";
}
