/* Any bytes as a zone file: memory safe; it is refused with lines, or it is the same zone when it is written and read
 * again. What names other files is left out: the harness reads none. */
#include <stdlib.h>
#include <string.h>
#include "tests/fuzz/must.h"
#include "zones/dns/zonefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct doc *read_zone(char *text, size_t length, const char *origin, struct arena *a, struct problems *problems)
{
        const struct zonefile_options options = {.origin = origin};
        FILE *f = fmemopen(text, length, "r");

        must(f != NULL);
        struct doc *d = zonefile_read(f, &options, a, problems);
        fclose(f);
        return d;
}

/* Of the name in words, with its escapes: ldns reads no longer ones back. */
#define NAME_MOST 200

static void check_again(struct doc *zone, struct arena *a, struct problems *problems)
{
        const char *name = doc_get_string(zone, "name");

        if (!name || strlen(name) > NAME_MOST)
                return;
        char *text = NULL;
        size_t length = 0;
        FILE *f = open_memstream(&text, &length);

        must(f != NULL);
        bool written = zonefile_write(f, zone, 7, problems);
        fclose(f);
        if (written) {
                struct doc *again = read_zone(text, length, NULL, a, problems);
                must(again && !problems->count);
                must(doc_equal(doc_get(zone, "records"), doc_get(again, "records")));
        }
        free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *text = malloc(size + 1);

        must(text != NULL);
        memcpy(text, data, size);
        text[size] = '\0';
        if (size && strlen(text) == size && !strstr(text, "$I") && !strstr(text, "$i") && !strstr(text, "000-") &&
            !strstr(text, "-9")) {
                struct arena *a = arena_new(0);
                struct problems problems = PROBLEMS_INIT;
                struct doc *zone = read_zone(text, size, "example.com.", a, &problems);
                must(!zone == (problems.count != 0));
                if (zone)
                        check_again(zone, a, &problems);
                problems_free(&problems);
                arena_free(a);
        }
        free(text);
        return 0;
}
