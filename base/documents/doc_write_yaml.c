/* Documents into YAML text, through libyaml's emitter. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>
#include "base/documents/doc_parse.h"
#include "base/memory.h"

#define FLOW_WIDTH 80 /* lists of scalars that fit stand on one line */

/* Whether a plain scalar of YAML says the same. Strict: what is unsure is quoted. */
static bool plain_enough(const char *text)
{
        static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+@%= ";
        size_t length = strlen(text);

        if (doc_plain_is_special(text) || strspn(text, good) != length || strchr("-%@= +.", text[0]) ||
            text[length - 1] == ' ')
                return false;
        /* Words that readers of YAML 1.1 take for booleans. */
        static const char *const words[] = {"yes", "no", "on", "off", "y", "n", "true", "false", "null"};
        for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
                if (!strcasecmp(text, words[i]))
                        return false;
        /* Numbers in the notations of others (0x10, 1_000, 1.2.3 is fine). */
        return !(text[0] >= '0' && text[0] <= '9') || strspn(text, "0123456789.") != length ||
               strchr(text, '.') != strrchr(text, '.');
}

/* Whether a list holds only scalars and is short: "[50.1, 8.7]". */
static bool flows(const struct doc *d)
{
        size_t width = 0;

        if (d->type != DOC_LIST)
                return false;
        doc_each (child, d) {
                if (child->type == DOC_LIST || child->type == DOC_MAP)
                        return false;
                width += child->type == DOC_STRING ? child->count + 2 : 8;
        }
        return width <= FLOW_WIDTH;
}

static int write_piece(void *context, unsigned char *data, size_t size)
{
        buffer_bytes(context, data, size);
        return 1;
}

/* The emitter fails for want of memory alone: what it is given is well-formed UTF-8. */
static void emit(yaml_emitter_t *emitter, yaml_event_t *event, int made)
{
        if (!made || !yaml_emitter_emit(emitter, event))
                memory_failed();
}

/* A string is plain where all readers agree what it is. */
static void emit_text(yaml_emitter_t *emitter, const char *text, bool plain)
{
        yaml_event_t e;
        yaml_scalar_style_t style = plain ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE;

        emit(emitter, &e,
             yaml_scalar_event_initialize(&e, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), plain, true,
                                          style));
}

static void emit_value(yaml_emitter_t *, const struct doc *);

static void emit_list(yaml_emitter_t *emitter, const struct doc *d)
{
        yaml_event_t e;

        emit(emitter, &e,
             yaml_sequence_start_event_initialize(&e, NULL, NULL, true,
                                                  flows(d) ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE));
        doc_each (child, d)
                emit_value(emitter, child);
        emit(emitter, &e, yaml_sequence_end_event_initialize(&e));
}

static void emit_map(yaml_emitter_t *emitter, const struct doc *d)
{
        yaml_event_t e;

        emit(emitter, &e, yaml_mapping_start_event_initialize(&e, NULL, NULL, true, YAML_BLOCK_MAPPING_STYLE));
        doc_each (child, d) {
                emit_text(emitter, child->key, plain_enough(child->key));
                emit_value(emitter, child);
        }
        emit(emitter, &e, yaml_mapping_end_event_initialize(&e));
}

static void emit_value(yaml_emitter_t *emitter, const struct doc *d)
{
        struct buffer text = BUFFER_INIT(DOC_NUMBER_MAX + 8);

        switch (d->type) {
        case DOC_LIST:
                emit_list(emitter, d);
                return;
        case DOC_MAP:
                emit_map(emitter, d);
                return;
        case DOC_STRING:
                emit_text(emitter, d->string, plain_enough(d->string));
                return;
        case DOC_NULL:
        case DOC_BOOL:
        case DOC_INT:
        case DOC_REAL:
                break;
        }
        doc_write_json(d, &text, 0);
        emit_text(emitter, text.data, true);
        buffer_free(&text);
}

void doc_write_yaml(const struct doc *d, struct buffer *out)
{
        yaml_emitter_t emitter;
        yaml_event_t e;

        if (!yaml_emitter_initialize(&emitter))
                memory_failed();
        yaml_emitter_set_output(&emitter, write_piece, out);
        yaml_emitter_set_unicode(&emitter, true);
        yaml_emitter_set_width(&emitter, -1);
        emit(&emitter, &e, yaml_stream_start_event_initialize(&e, YAML_UTF8_ENCODING));
        emit(&emitter, &e, yaml_document_start_event_initialize(&e, NULL, NULL, NULL, true));
        emit_value(&emitter, d);
        emit(&emitter, &e, yaml_document_end_event_initialize(&e, true));
        emit(&emitter, &e, yaml_stream_end_event_initialize(&e));
        yaml_emitter_delete(&emitter);
}
