#include "zones/store/kind.h"

#include <string.h>

static const char *const names[KIND_COUNT] = {
        [KIND_REGIONS] = "regions",
        [KIND_NETWORKS] = "networks",
        [KIND_MONITORS] = "monitors",
        [KIND_POOLS] = "pools",
        [KIND_ZONES] = "zones",
        [KIND_SERVICES] = "services",
        [KIND_PROBERS] = "probers",
        [KIND_TOKENS] = "tokens",
        [KIND_DRAINS] = "drains",
};

const char *kind_name(enum kind kind)
{
        return names[kind];
}

bool kind_parse(const char *plural, enum kind *kind)
{
        for (int i = 0; i < KIND_COUNT; i++)
                if (!strcmp(plural, names[i])) {
                        *kind = (enum kind)i;
                        return true;
                }
        return false;
}
