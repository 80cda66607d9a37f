#include "zones/config/names.h"

#include <stddef.h>

const char *const match_kind_names[] = {MATCH_KINDS(NAMED_TEXT) NULL};
const char *const balance_names[] = {BALANCES(NAMED_TEXT) NULL};
const char *const steering_policy_names[] = {STEERING_POLICIES(NAMED_TEXT) NULL};
const char *const when_all_down_names[] = {ALL_DOWN_CHOICES(NAMED_TEXT) NULL};
const char *const failback_names[] = {FAILBACKS(NAMED_TEXT) NULL};
const char *const role_names[] = {ROLES(NAMED_TEXT) NULL};
