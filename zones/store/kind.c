#include "zones/store/kind.h"

#include <string.h>

static const struct {
        const char *name;
        enum kind_class class;
} kinds[KIND_COUNT] = {
        [KIND_REGIONS] = {"regions", CLASS_CONFIGURATION},   [KIND_NETWORKS] = {"networks", CLASS_CONFIGURATION},
        [KIND_MONITORS] = {"monitors", CLASS_CONFIGURATION}, [KIND_POOLS] = {"pools", CLASS_CONFIGURATION},
        [KIND_ZONES] = {"zones", CLASS_CONFIGURATION},       [KIND_SERVICES] = {"services", CLASS_CONFIGURATION},
        [KIND_PROBERS] = {"probers", CLASS_CONFIGURATION},   [KIND_RULES] = {"rules", CLASS_CONFIGURATION},
        [KIND_TOKENS] = {"tokens", CLASS_IDENTITY},          [KIND_DRAINS] = {"drains", CLASS_OPERATION},
        [KIND_HOLDS] = {"holds", CLASS_OPERATION},           [KIND_CONFIRMS] = {"confirms", CLASS_OPERATION},
        [KIND_SHIFTS] = {"shifts", CLASS_OPERATION},
};

const char *kind_name(enum kind kind)
{
        return kinds[kind].name;
}

enum kind_class kind_class(enum kind kind)
{
        return kinds[kind].class;
}

bool kind_is_duty(enum kind kind)
{
        return kind == KIND_CONFIRMS || kind == KIND_SHIFTS;
}

const char *kind_only_key(enum kind kind)
{
        return kind == KIND_RULES ? "standing" : NULL;
}

bool kind_parse(const char *plural, enum kind *kind)
{
        for (int i = 0; i < KIND_COUNT; i++)
                if (!strcmp(plural, kinds[i].name)) {
                        *kind = (enum kind)i;
                        return true;
                }
        return false;
}
