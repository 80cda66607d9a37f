#include "tests/unit/world.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/memory.h"
#include "tests/unit/must.h"
#include "tests/unit/scratch.h"
#include "zones/load/load.h"
#include "zones/dns/name.h"
#include "zones/store/store.h"

#define ERROR_MAX 600

static bool apply(struct store *store, const char *yaml, struct problems *problems)
{
        struct arena *arena = arena_new(0);
        struct doc *d = doc_parse(arena, yaml, strlen(yaml), DOC_YAML, problems);
        struct revision revision = {.number = 1, .time_ms = 1, .author = "test", .comment = ""};
        char error[ERROR_MAX] = "";
        bool good = d && document_changes(d, arena, &revision.changes, &revision.change_count, problems);

        if (good) {
                struct store_txn *txn = store_write(store, error, sizeof(error));
                must(txn != NULL, "%s", error);
                good = store_apply(txn, &revision, error, sizeof(error));
                if (good)
                        good = store_commit(txn, error, sizeof(error));
                else
                        store_end(txn);
        }
        must(!error[0] || good, "%s", error);
        arena_free(arena);
        return good;
}

struct model *world_model(const char *yaml, const struct model *previous, char **text)
{
        char path[SCRATCH_PATH], error[ERROR_MAX] = "";
        struct problems problems = PROBLEMS_INIT;
        struct model *model = NULL;

        scratch_make(path, "world");
        struct store *store = scratch_store(path, false);
        if (apply(store, yaml, &problems)) {
                struct store_txn *txn = store_read(store, error, sizeof(error));
                must(txn != NULL, "%s", error);
                model = model_load(txn, previous, &problems);
                store_end(txn);
        }
        store_close(store);
        scratch_remove(path);
        *text = problems_text(&problems);
        problems_free(&problems);
        return model;
}

struct world *world_new(const char *yaml, const struct world *previous)
{
        struct world *w = memory_alloc(sizeof(*w));
        struct problems problems = PROBLEMS_INIT;
        char *text;
        struct model *model = world_model(yaml, previous ? previous->snapshot->model : NULL, &text);

        must(model != NULL, "%s", text);
        free(text);
        w->snapshot = snapshot_build(model, NULL, previous ? previous->snapshot : NULL, &problems);
        text = problems_text(&problems);
        must(w->snapshot != NULL, "%s", text);
        free(text);
        problems_free(&problems);
        w->states = memory_alloc((w->snapshot->model->endpoint_count + 1) * sizeof(*w->states));
        for (uint32_t i = 0; i < w->snapshot->model->endpoint_count; i++)
                w->states[i].figures = FIGURES_UNKNOWN;
        random_seed(&w->picker.random, 1);
        return w;
}

void world_free(struct world *w)
{
        if (!w)
                return;
        rcu_drain();
        snapshot_free(w->snapshot);
        free(w->states);
        free(w);
}

size_t world_update(struct world *w)
{
        return steering_update(w->snapshot->steering, w->states);
}

uint32_t world_endpoint(const struct world *w, const char *id)
{
        uint32_t number = endpoint_number(w->snapshot->model, id);

        must(number != MODEL_NONE, "no endpoint %s", id);
        return number;
}

uint32_t world_pool(const struct world *w, const char *name)
{
        uint32_t pool = model_find(w->snapshot->model, KIND_POOLS, name);

        must(pool != MODEL_NONE, "no pool %s", name);
        return pool;
}

void world_health(struct world *w, const char *id, enum health health)
{
        w->states[world_endpoint(w, id)].health = (uint8_t)health;
        world_update(w);
}

void world_drain(struct world *w, const char *id, bool drained)
{
        w->states[world_endpoint(w, id)].drained = drained;
        world_update(w);
}

const struct node *world_node(const struct world *w, const char *name)
{
        uint8_t wire[NAME_WIRE_MAX];
        const char *why;
        struct lookup found;
        unsigned length = name_parse(name, NULL, wire, &why);

        if (!length)
                ck_abort_msg("%s is no name", name);
        snapshot_lookup(w->snapshot, wire, length, &found);
        return found.exact;
}

static struct client client_of(const struct world *w, const char *text)
{
        struct client client = {.version = CLIENT_NEWEST};

        if (!prefix_parse(text, &client.prefix))
                ck_abort_msg("%s is no address", text);
        client_locate(w->snapshot->locator, &client);
        return client;
}

struct pick world_pick(struct world *w, const char *service, uint16_t type, const char *client_text)
{
        struct client client = client_of(w, client_text);
        const struct node *node = world_node(w, service);
        struct pick pick;

        if (!node || !node_route(node))
                ck_abort_msg("no service %s", service);
        route_pick(node_route(node), type, &client, &w->picker, &pick);
        return pick;
}

const char *world_answer(struct world *w, const char *service, const char *client)
{
        static char text[ADDRESS_TEXT_MAX];
        struct pick pick = world_pick(w, service, TYPE_A, client);
        struct address address = {.family = ADDRESS_V4};

        if (!pick.count)
                return "";
        ck_assert_uint_eq(pick.targets[0]->rdata_length, 4);
        memcpy(address.bytes, pick.targets[0]->rdata, 4);
        return address_format(&address, text);
}

void world_count(struct world *w, const char *service, const char *client_text, unsigned n, unsigned *counts)
{
        struct client client = client_of(w, client_text);
        const struct node *node = world_node(w, service);
        struct pick pick;

        memset(counts, 0, w->snapshot->model->endpoint_count * sizeof(*counts));
        for (; n; n--) {
                route_pick(node_route(node), 1, &client, &w->picker, &pick);
                if (!pick.count) /* an assertion each time would write a file each time */
                        ck_abort_msg("%s gave nothing", service);
                counts[pick.targets[0]->endpoint]++;
        }
}

double chi_square(const unsigned *counts, const double *shares, unsigned n)
{
        double total = 0, all = 0, sum = 0;

        for (unsigned i = 0; i < n; i++) {
                total += counts[i];
                all += shares[i];
        }
        for (unsigned i = 0; i < n; i++) {
                double expected = total * shares[i] / all;
                if (shares[i] > 0)
                        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
                else
                        ck_assert_uint_eq(counts[i], 0);
        }
        return sum;
}

struct world *world_of_pool(const char *options, const char *endpoints)
{
        size_t size = strlen(options) + strlen(endpoints) + 400;
        char *yaml = memory_alloc(size);

        snprintf(yaml, size,
                 WORLD_HEAD "pools: [{name: p, region: eu, %s, endpoints: [%s]}]\n"
                            "services: [{name: " WORLD_SERVICE ", pools: [p]}]\n",
                 options, endpoints);
        struct world *w = world_new(yaml, NULL);
        free(yaml);
        return w;
}

int world_run(Suite *suite)
{
        SRunner *runner = srunner_create(suite);

        srunner_set_fork_status(runner, CK_NOFORK);
        srunner_run_all(runner, CK_NORMAL);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        rcu_drain();
        return failed != 0;
}
