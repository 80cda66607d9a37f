/* Any bytes as a condition: memory safe; it is taken, or refused with a column that lies in it; what is taken can be
 * looked at and told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/conditions/condition.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_figure(void *context, const struct measure *f, struct measure_value *v)
{
        const size_t *size = context;

        must(f->column >= 1 && f->column <= *size + 1);
        *v = (struct measure_value){(double)(f->column % 3), (double)(f->column % 5)};
        return f->column % 7 != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new(0);
        struct buffer told = BUFFER_INIT(1 << 20);
        char error[CONDITION_ERROR_MAX], *text = malloc(size + 1);
        unsigned column = 0;

        memcpy(text, data, size);
        text[size] = '\0';
        struct condition *c = condition_parse(a, text, error);
        must(!c == (*error != '\0'));
        must(c || (sscanf(error, "column %u: expected", &column) == 1 && column >= 1 && column <= size + 1));
        for (uint64_t now = 0; c && now < 3; now++)
                condition_look(c, read_figure, &size, now * 1000);
        if (c)
                condition_tell(c, &told);
        buffer_free(&told);
        free(text);
        arena_free(a);
        return 0;
}
