#include "zones/forecast/asked.h"

static int compare_number(uint64_t a, uint64_t b)
{
        return a < b ? -1 : a > b;
}

static int compare_keys(uint32_t service, uint8_t asked, uint16_t was, uint16_t is, const struct asked_client *other)
{
        int order = compare_number((uint64_t)service << 8 | asked, (uint64_t)other->service << 8 | other->asked);

        return order ? order : compare_number((uint32_t)was << 16 | is, (uint32_t)other->was << 16 | other->is);
}

int asked_compare(const void *client, const void *other)
{
        const struct asked_client *c = client;

        return compare_keys(c->service, c->asked, c->was, c->is, other);
}

void asked_clients_of(const struct asked *a, const struct asked_crowd *crowd, size_t *first, size_t *end)
{
        size_t count = a->client_count;

        for (*first = 0; count;) {
                size_t half = count / 2;
                if (compare_keys(crowd->service, crowd->asked, crowd->was, crowd->is, &a->clients[*first + half]) > 0) {
                        *first += half + 1;
                        count -= half + 1;
                } else {
                        count = half;
                }
        }
        for (*end = *first; *end < a->client_count; ++*end)
                if (compare_keys(crowd->service, crowd->asked, crowd->was, crowd->is, &a->clients[*end]))
                        break;
}
