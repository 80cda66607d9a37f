/* Any bytes as a TZif file: memory safe; it is refused with a reason, or its clocks never go back by more than they
 * were put on, and reaching a time never comes before reaching an earlier one. */
#include <stdlib.h>
#include <string.h>
#include "base/time_zones/time_zone.h"
#include "tests/fuzz/must.h"

#define DAY  86400
#define DAYS 800

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const int64_t start = INT64_C(1700000000);
        uint8_t *exact = malloc(size ? size : 1);
        const char *why = NULL;
        int64_t until, before = INT64_MIN;

        must(exact != NULL);
        memcpy(exact, data, size);
        struct time_zone *z = time_zone_read(exact, size, &why);
        must(z || why);
        for (int64_t day = 0; z && day < DAYS; day += 7) {
                const int64_t at = start + day * DAY;
                int32_t offset = time_zone_offset(z, at, &until);
                must(until > at && offset > -2 * DAY && offset < 2 * DAY);
                int64_t reached = time_zone_reached(z, at);
                must(reached >= before);
                before = reached;
        }
        time_zone_free(z);
        free(exact);
        return 0;
}
