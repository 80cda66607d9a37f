/* What a condition comes to. */
#include <math.h>
#include <string.h>
#include "base/conditions/condition_private.h"

static bool compares(enum compare compare, double value, double number)
{
        switch (compare) {
        case COMPARE_ABOVE:
                return value > number;
        case COMPARE_AT_LEAST:
                return value >= number;
        case COMPARE_BELOW:
                return value < number;
        case COMPARE_AT_MOST:
                return value <= number;
        case COMPARE_IS:
                return fabs(value - number) < 1e-9;
        case COMPARE_IS_NOT:
                break;
        }
        return fabs(value - number) >= 1e-9;
}

static double share_of(const struct measure_value *v)
{
        return 100 * v->value / v->total;
}

static enum condition_state look_at_figure(struct condition *c, measure_read *read, void *context)
{
        c->known = read(context, &c->figure, &c->value);
        if (!c->known || (c->share && c->value.total <= 0)) /* a share of nothing is none */
                return CONDITION_UNKNOWN;
        return compares(c->compare, c->share ? share_of(&c->value) : c->value.value, c->number) ? CONDITION_HOLDS
                                                                                                : CONDITION_FAILS;
}

static enum condition_state hold_for(struct condition *c, enum condition_state inner, uint64_t now_ms)
{
        if (inner != CONDITION_HOLDS) {
                c->holding = false;
                return inner;
        }
        if (!c->holding) {
                c->holding = true;
                c->since_ms = now_ms;
        }
        return now_ms - c->since_ms >= c->for_ms ? CONDITION_HOLDS : CONDITION_FAILS;
}

enum condition_state condition_look(struct condition *c, measure_read *read, void *context, uint64_t now_ms)
{
        if (c->kind == CONDITION_COMPARES)
                return look_at_figure(c, read, context);
        /* Both sides are looked at, so that each knows since when it holds. */
        enum condition_state left = condition_look(c->left, read, context, now_ms);
        enum condition_state right = c->right ? condition_look(c->right, read, context, now_ms) : left;
        switch (c->kind) {
        case CONDITION_NOT:
                return CONDITION_HOLDS - left;
        case CONDITION_AND:
                return left < right ? left : right;
        case CONDITION_OR:
                return left > right ? left : right;
        case CONDITION_FOR:
                return hold_for(c, left, now_ms);
        case CONDITION_COMPARES:
                break;
        }
        return CONDITION_UNKNOWN;
}

void condition_figures(const struct condition *c, measure_visit *visit, void *context)
{
        if (c->kind == CONDITION_COMPARES)
                visit(context, &c->figure);
        if (c->left)
                condition_figures(c->left, visit, context);
        if (c->right)
                condition_figures(c->right, visit, context);
}

void condition_tell(const struct condition *c, struct buffer *out)
{
        if (c->kind == CONDITION_COMPARES) {
                const struct measure *f = &c->figure;
                const char *kind = measure_kind_names[f->kind];
                buffer_printf(out, "%s%s(%s%s%s) is ", out->length ? ", " : "", measure_word_names[f->word], kind,
                              *kind ? " " : "", f->name ? f->name : "");
                if (!c->known || (c->share && c->value.total <= 0))
                        buffer_text(out, "not known");
                else if (c->share)
                        buffer_printf(out, "%.3g%%", share_of(&c->value));
                else
                        buffer_printf(out, "%.6g", c->value.value);
        }
        if (c->left)
                condition_tell(c->left, out);
        if (c->right)
                condition_tell(c->right, out);
}
