#include "probes/checks/state.h"

struct check_state check_state_next(struct check_state now, bool passed, uint32_t rise, uint32_t fall)
{
        enum verdict_state wanted = passed ? VERDICT_UP : VERDICT_DOWN;

        if (now.state == VERDICT_UNKNOWN)
                return (struct check_state){wanted, 0};
        if (now.state == wanted)
                return (struct check_state){wanted, 0};
        if (now.streak + 1 >= (passed ? rise : fall))
                return (struct check_state){wanted, 0};
        return (struct check_state){now.state, now.streak + 1};
}
