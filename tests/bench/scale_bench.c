/* How long a large configuration takes to load, what it weighs, and how fast a change of health is in the answers.
 * usage: scale_bench [SERVICES [POOLS]]    prints figures; never fails for them */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/memory.h"
#include "base/rcu.h"
#include "zones/load/load.h"
#include "zones/answers/snapshot.h"
#include "zones/steering/steering.h"
#include "zones/store/owner.h"
#include "zones/store/store.h"

#define FLIPS 200

static double since_ms(uint64_t start_us)
{
        return (double)(clock_us() - start_us) / 1000;
}

static void write_pools(struct buffer *b, int pools)
{
        static const char *const regions[] = {"eu", "us", "ap"};

        buffer_text(b, "regions: [{name: eu, fallback: [us, ap]}, {name: us, fallback: [eu, ap], default: true}, "
                       "{name: ap, fallback: [us, eu]}]\npools:\n");
        for (int i = 0; i < pools; i++) {
                buffer_printf(b, "  - {name: p%d, region: %s, endpoints: [", i, regions[i % 3]);
                for (int e = 1; e <= 4; e++)
                        buffer_printf(b, "%s{name: e%d, address: 192.0.2.%d, weight: %d}", e > 1 ? ", " : "", e, e,
                                      10 * e);
                buffer_text(b, "]}\n");
        }
}

static char *configuration(int services, int pools)
{
        struct buffer b = BUFFER_INIT((size_t)1 << 30);

        write_pools(&b, pools);
        buffer_text(&b, "zones: [{name: example.com, ns: [ns1.example.net]}]\nservices:\n");
        for (int i = 0; i < services; i++) {
                int first = i * 3 % (pools > 3 ? pools - 3 : 1);
                buffer_printf(&b, "  - {name: s%06d.example.com, pools: [p%d, p%d, p%d]}\n", i, first, first + 1,
                              first + 2);
        }
        return buffer_take(&b);
}

static void fail(const char *what, const struct problems *problems)
{
        fprintf(stderr, "scale_bench: %s: %s\n", what, problems && problems->count ? problems->list[0].message : "");
        exit(EXIT_FAILURE);
}

static void fill(struct store *store, int services, int pools)
{
        struct problems problems = PROBLEMS_INIT;
        char error[STORE_ERROR_MAX] = "";
        struct arena *a = arena_new(0);
        char *text = configuration(services, pools);
        struct change *changes;
        size_t count;
        bool retry = true;
        struct doc *d = doc_parse(a, text, strlen(text), DOC_YAML, &problems);

        if (!d || !document_changes(d, a, &changes, &count, &problems))
                fail("configuration", &problems);
        while (retry) {
                struct store_txn *txn = store_write(store, error, sizeof(error));
                struct revision r = {1, 1, "bench", "", changes, count};
                bool applied = txn && store_apply(txn, &r, error, sizeof(error));
                if (applied && store_commit(txn, error, sizeof(error)))
                        break;
                if (txn && !applied)
                        store_end(txn);
                if (!retry)
                        fail(error, NULL);
        }
        free(text);
        arena_free(a);
}

static long resident_kb(void)
{
        long pages = 0, resident = 0;
        FILE *f = fopen("/proc/self/statm", "re");

        if (f && fscanf(f, "%ld %ld", &pages, &resident) != 2)
                resident = 0;
        if (f)
                fclose(f);
        return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static struct snapshot *load(struct store *store)
{
        struct problems problems = PROBLEMS_INIT;
        char error[STORE_ERROR_MAX] = "";
        long before = resident_kb();
        uint64_t start = clock_us();
        struct store_txn *txn = store_read(store, error, sizeof(error));
        struct model *model = txn ? model_load(txn, NULL, &problems) : NULL;

        if (!model)
                fail("model", &problems);
        store_end(txn);
        double model_ms = since_ms(start);
        start = clock_us();
        struct snapshot *s = snapshot_build(model, NULL, NULL, &problems);
        if (!s)
                fail("snapshot", &problems);
        printf("load: model %.0f ms, snapshot %.0f ms, together %.0f ms; %ld MB\n", model_ms, since_ms(start),
               model_ms + since_ms(start), (resident_kb() - before) / 1024);
        return s;
}

static int compare_doubles(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;
        return x < y ? -1 : x > y;
}

/* From the new state to the moment when a reader's next query sees it: the update returns when it is published. */
static void flip(struct snapshot *s)
{
        uint32_t count = s->model->endpoint_count;
        struct endpoint_state *states = memory_alloc((count + 1) * sizeof(*states));
        double times[FLIPS];
        size_t choices = 0;

        memcpy(states, steering_states(s->steering), count * sizeof(*states));
        for (int i = 0; i < FLIPS; i++) {
                uint32_t e = (uint32_t)i * 7919 % count;
                uint64_t start = clock_us();
                states[e].health = states[e].health == HEALTH_DOWN ? HEALTH_UP : HEALTH_DOWN;
                steering_set(s->steering, e, &states[e]);
                choices += steering_publish(s->steering);
                times[i] = since_ms(start);
        }
        qsort(times, FLIPS, sizeof(*times), compare_doubles);
        printf("flip of one endpoint: median %.3f ms, worst of %d %.3f ms, %.1f choices each\n", times[FLIPS / 2],
               FLIPS, times[FLIPS - 1], (double)choices / FLIPS);
        uint64_t start = clock_us();
        for (uint32_t e = 0; e < count; e++)
                states[e].health = HEALTH_DOWN;
        choices = steering_update(s->steering, states);
        printf("storm: %u endpoints down at once in %.1f ms, %zu choices\n", count, since_ms(start), choices);
        free(states);
}

int main(int argc, char **argv)
{
        int services = argc > 1 ? atoi(argv[1]) : 100000, pools = argc > 2 ? atoi(argv[2]) : 1000;
        char path[] = "/tmp/gslbd-bench.XXXXXX", error[STORE_ERROR_MAX], file[64];
        static const char *const names[] = {"data.mdb", "lock.mdb", OWNER_FILE};

        if (services < 1 || pools < 4 || !mkdtemp(path)) {
                fprintf(stderr, "usage: scale_bench [SERVICES [POOLS]]\n");
                return 2;
        }
        printf("%d services over %d pools of 4 endpoints\n", services, pools);
        struct store *store = store_open(path, false, error, sizeof(error));
        if (!store)
                fail(error, NULL);
        for (int i = 0; i < 3; i++) { /* it is open: nothing stays behind, however this ends */
                snprintf(file, sizeof(file), "%s/%s", path, names[i]);
                unlink(file);
        }
        rmdir(path);
        fill(store, services, pools);
        struct snapshot *s = load(store);
        flip(s);
        snapshot_free(s);
        store_close(store);
        rcu_drain();
        return EXIT_SUCCESS;
}
