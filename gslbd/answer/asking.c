#include "gslbd/answer/asking.h"

#include <string.h>

enum step asking_follow(struct asking *a, const struct node *from, const uint8_t *target, size_t rdata_at)
{
        if (a->links == CHAIN_MAX)
                return STEP_DONE;
        a->visited[a->links++] = from;
        a->name_length = name_length(target);
        memcpy(a->target, target, a->name_length);
        name_lower(a->target);
        a->name = a->target;
        a->owner = pointer_to(rdata_at);
        return STEP_FOLLOW;
}

bool asking_visited(const struct asking *a, const struct node *n)
{
        for (unsigned i = 0; i < a->links; i++)
                if (a->visited[i] == n)
                        return true;
        return false;
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
        a->client.version = a->context->snapshot->version;
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
