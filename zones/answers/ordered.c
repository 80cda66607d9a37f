#include "zones/answers/ordered.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "zones/dns/name.h"

#define FAN_MAX 64u /* a full one is split */
#define FAN_MIN 16u /* one with fewer joins its neighbour, if both fit */

struct ordered {
        uint16_t count;
        uint8_t level; /* 0: a leaf */
        bool apart;
        const struct node *first[]; /* of a leaf: its nodes; else the first node of each child, then the children */
};

/* A name taken apart, to be compared with others. */
struct labels {
        const uint8_t *name;
        unsigned count;
        uint8_t at[NAME_LABELS_MAX + 1];
};

static void labels_of(const uint8_t *name, struct labels *l)
{
        unsigned at = 0;

        l->name = name;
        for (l->count = 0; name[at]; at += 1u + name[at])
                l->at[l->count++] = (uint8_t)at;
}

static int label_order(const uint8_t *a, const uint8_t *b)
{
        int order = memcmp(a + 1, b + 1, *a < *b ? *a : *b);

        return order ? order : (int)*a - (int)*b;
}

static int labels_order(const struct labels *a, const uint8_t *name)
{
        struct labels b;
        int order = 0;

        labels_of(name, &b);
        for (unsigned i = 1; !order && i <= a->count && i <= b.count; i++)
                order = label_order(a->name + a->at[a->count - i], name + b.at[b.count - i]);
        return order ? order : (int)a->count - (int)b.count;
}

int name_order(const uint8_t *a, const uint8_t *b)
{
        struct labels l;

        labels_of(a, &l);
        return labels_order(&l, b);
}

/* --- one node of the tree --- */

static const struct ordered **children(const struct ordered *o)
{
        return (const struct ordered **)(uintptr_t)(o->first + o->count);
}

static struct ordered *fan_new(struct blocks *blocks, unsigned level, unsigned count)
{
        struct ordered *o = block_new(blocks, sizeof(*o) + count * (level ? sizeof(*o->first) * 2 : sizeof(*o->first)));

        o->count = (uint16_t)count;
        o->level = (uint8_t)level;
        o->apart = !blocks->arena;
        return o;
}

static void fan_replaced(struct blocks *blocks, const struct ordered *o)
{
        if (o->apart)
                block_replaced(blocks, o);
}

/* What stands at a place of a fan: a node, or a child with its first node. */
struct entry {
        const struct node *first;
        const struct ordered *child;
};

static struct entry fan_at(const struct ordered *o, unsigned i)
{
        return (struct entry){o->first[i], o->level ? children(o)[i] : NULL};
}

static void fan_set(struct ordered *o, unsigned i, struct entry e)
{
        o->first[i] = e.first;
        if (o->level)
                children(o)[i] = e.child;
}

static struct entry entry_of(const struct ordered *o)
{
        return (struct entry){o->first[0], o};
}

/* A fan of the entries of `o`, with those from `at` on, `gone` of them, replaced by `added`. */
static struct ordered *fan_with(struct blocks *blocks, const struct ordered *o, unsigned at, unsigned gone,
                                const struct entry *added, unsigned added_count)
{
        struct ordered *made = fan_new(blocks, o->level, o->count - gone + added_count);

        for (unsigned i = 0; i < at; i++)
                fan_set(made, i, fan_at(o, i));
        for (unsigned i = 0; i < added_count; i++)
                fan_set(made, at + i, added[i]);
        for (unsigned i = at + gone; i < o->count; i++)
                fan_set(made, i - gone + added_count, fan_at(o, i));
        fan_replaced(blocks, o);
        return made;
}

/* Entries `from` to `to` of a fan. */
static struct ordered *fan_part(struct blocks *blocks, const struct ordered *o, unsigned from, unsigned to)
{
        struct ordered *made = fan_new(blocks, o->level, to - from);

        for (unsigned i = from; i < to; i++)
                fan_set(made, i - from, fan_at(o, i));
        return made;
}

/* The first place whose name is not below `name`; *exact: it is that name. */
static unsigned fan_search(const struct ordered *o, const struct labels *name, bool *exact)
{
        unsigned low = 0, high = o->count;

        *exact = false;
        while (low < high) {
                unsigned middle = (low + high) / 2;
                int order = labels_order(name, o->first[middle]->name);
                if (!order) {
                        *exact = true;
                        return middle;
                }
                if (order > 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* The child that a name belongs to. */
static unsigned fan_child(const struct ordered *o, const struct labels *name)
{
        bool exact;
        unsigned at = fan_search(o, name, &exact);

        return exact || !at ? at : at - 1;
}

/* --- changing --- */

/* In two, when it is too large. Returns how many entries there are for the level above. */
static unsigned split(struct blocks *blocks, const struct ordered *o, struct entry out[2])
{
        if (o->count <= FAN_MAX) {
                out[0] = entry_of(o);
                return 1;
        }
        out[0] = entry_of(fan_part(blocks, o, 0, o->count / 2u));
        out[1] = entry_of(fan_part(blocks, o, o->count / 2u, o->count));
        fan_replaced(blocks, o);
        return 2;
}

static unsigned put(struct blocks *blocks, const struct ordered *o, const struct labels *name, const struct node *n,
                    struct entry out[2])
{
        struct entry below[2] = {{n, NULL}};
        unsigned at, count = 1;
        bool gone = true;

        if (o->level) {
                at = fan_child(o, name);
                count = put(blocks, children(o)[at], name, n, below);
        } else {
                at = fan_search(o, name, &gone);
        }
        return split(blocks, fan_with(blocks, o, at, gone, below, count), out);
}

const struct ordered *ordered_put(struct blocks *blocks, const struct ordered *o, const struct node *n)
{
        struct entry tops[2] = {{n, NULL}};
        struct labels name;
        struct ordered *top;

        labels_of(n->name, &name);
        if (o && put(blocks, o, &name, n, tops) == 1)
                return tops[0].child;
        top = fan_new(blocks, o ? o->level + 1u : 0, o ? 2 : 1);
        for (unsigned i = 0; i < top->count; i++)
                fan_set(top, i, tops[i]);
        return top;
}

/* A child that became small, together with a neighbour, if both fit in one. */
static const struct ordered *join(struct blocks *blocks, const struct ordered *o, unsigned at)
{
        unsigned left = at ? at - 1 : at;

        if (o->count < 2 || children(o)[at]->count >= FAN_MIN)
                return o;
        const struct ordered *a = children(o)[left], *b = children(o)[left + 1];
        if (a->count + b->count > FAN_MAX * 3 / 4)
                return o;
        struct ordered *both = fan_new(blocks, a->level, a->count + b->count);
        for (unsigned i = 0; i < a->count; i++)
                fan_set(both, i, fan_at(a, i));
        for (unsigned i = 0; i < b->count; i++)
                fan_set(both, a->count + i, fan_at(b, i));
        fan_replaced(blocks, a);
        fan_replaced(blocks, b);
        struct entry one = entry_of(both);
        return fan_with(blocks, o, left, 2, &one, 1);
}

/* NULL: nothing is left. */
static const struct ordered *without(struct blocks *blocks, const struct ordered *o, const struct labels *name)
{
        struct entry one;
        bool exact = false;
        unsigned at = o->level ? fan_child(o, name) : fan_search(o, name, &exact), left = 0;

        if (o->level) {
                const struct ordered *child = without(blocks, children(o)[at], name);
                if (child) {
                        one = entry_of(child);
                        left = 1;
                }
        } else {
                assert(exact);
        }
        if (o->count == 1 && !left) {
                fan_replaced(blocks, o);
                return NULL;
        }
        o = fan_with(blocks, o, at, 1, &one, left);
        return left ? join(blocks, o, at) : o;
}

const struct ordered *ordered_remove(struct blocks *blocks, const struct ordered *o, const uint8_t *name)
{
        struct labels l;

        labels_of(name, &l);
        o = without(blocks, o, &l);
        while (o && o->level && o->count == 1) {
                const struct ordered *only = children(o)[0];
                fan_replaced(blocks, o);
                o = only;
        }
        return o;
}

void ordered_gone(struct blocks *blocks, const struct ordered *o)
{
        for (unsigned i = 0; o && o->level && i < o->count; i++)
                ordered_gone(blocks, children(o)[i]);
        if (o)
                fan_replaced(blocks, o);
}

/* --- building --- */

/* A node with the beginning of its name as it sorts: its labels below the zone's name, the last first, each behind two
 * zero bytes; zero bytes of labels are followed by a one. */
struct sorted {
        uint64_t prefix;
        const struct node *node;
};

static uint64_t sort_prefix(const uint8_t *name, unsigned common)
{
        uint8_t bytes[8 + 2] = {0};
        struct labels l;
        unsigned n = 0;
        uint64_t prefix = 0;

        labels_of(name, &l);
        for (unsigned i = l.count - common; i-- > 0 && n < 8; n += 2) {
                const uint8_t *label = name + l.at[i];
                for (unsigned c = 1; c <= *label && n < 8; c++) {
                        bytes[n++] = label[c];
                        if (!label[c])
                                bytes[n++] = 1;
                }
        }
        for (unsigned i = 0; i < 8; i++)
                prefix = prefix << 8 | bytes[i];
        return prefix;
}

static int compare_sorted(const void *a, const void *b)
{
        const struct sorted *x = a, *y = b;

        if (x->prefix != y->prefix)
                return x->prefix < y->prefix ? -1 : 1;
        return name_order(x->node->name, y->node->name);
}

static bool sort(const struct node **nodes, size_t count)
{
        struct sorted *order = malloc(count * sizeof(*order));
        unsigned common = NAME_LABELS_MAX;

        if (!order)
                return false;
        for (size_t i = 0; i < count; i++) {
                unsigned labels = name_labels(nodes[i]->name);
                if (labels < common) /* the apex, whose name they all end in */
                        common = labels;
        }
        for (size_t i = 0; i < count; i++)
                order[i] = (struct sorted){sort_prefix(nodes[i]->name, common), nodes[i]};
        qsort(order, count, sizeof(*order), compare_sorted);
        for (size_t i = 0; i < count; i++)
                nodes[i] = order[i].node;
        free(order);
        return true;
}

/* The level above `below`, into it; returns how many. */
static size_t build_level(struct blocks *blocks, const struct ordered **below, size_t count)
{
        size_t made = 0;

        for (size_t from = 0; from < count; made++) {
                size_t most = (count - from + FAN_MAX - 1) / FAN_MAX; /* fans still to be made */
                /* cppcheck-suppress zerodiv ; something is left: from < count */
                size_t take = (count - from + most - 1) / most;
                struct ordered *o = fan_new(blocks, below[from]->level + 1u, (unsigned)take);
                for (size_t i = 0; i < take; i++)
                        fan_set(o, (unsigned)i, entry_of(below[from + i]));
                from += take;
                below[made] = o;
        }
        return made;
}

const struct ordered *ordered_build(struct blocks *blocks, const struct node **nodes, size_t count)
{
        size_t leaves = (count + FAN_MAX - 1) / FAN_MAX, made = 0;

        if (!count)
                return NULL;
        if (!sort(nodes, count))
                arena_fail(blocks->arena);
        const struct ordered **level = (const struct ordered **)nodes; /* what is sorted is read before it is written */
        for (size_t from = 0; from < count; made++) {
                size_t take = (count - from + leaves - made - 1) / (leaves - made);
                struct ordered *o = fan_new(blocks, 0, (unsigned)take);
                memcpy(o->first, nodes + from, take * sizeof(*o->first));
                from += take;
                level[made] = o;
        }
        while (made > 1)
                made = build_level(blocks, level, made);
        return level[0];
}

/* --- reading --- */

const struct node *ordered_find(const struct ordered *o, const uint8_t *name)
{
        struct labels l;
        bool exact;
        unsigned at;

        labels_of(name, &l);
        while (o && o->level)
                o = children(o)[fan_child(o, &l)];
        if (!o)
                return NULL;
        at = fan_search(o, &l, &exact);
        return exact ? o->first[at] : NULL;
}

const struct node *ordered_next(const struct ordered *o, const uint8_t *name)
{
        const struct node *next = NULL; /* the first of what stands right of the way down */
        struct labels l;
        bool exact;
        unsigned at;

        labels_of(name, &l);
        for (; o && o->level; o = children(o)[at]) {
                at = fan_child(o, &l);
                if (at + 1 < o->count)
                        next = o->first[at + 1];
        }
        if (!o)
                return NULL;
        at = fan_search(o, &l, &exact);
        at += exact;
        return at < o->count ? o->first[at] : next;
}

void ordered_each(const struct ordered *o, ordered_visit *visit, void *context)
{
        for (unsigned i = 0; o && i < o->count; i++)
                if (o->level)
                        ordered_each(children(o)[i], visit, context);
                else
                        visit(context, o->first[i]);
}
