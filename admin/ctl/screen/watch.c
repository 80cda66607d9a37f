#include "admin/ctl/screen/watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "admin/ctl/screen/terminal.h"
#include "base/buffer.h"
#include "base/clock.h"

#define PICTURE_MAX ((size_t)512 << 20)
#define MESSAGE_MAX 4096

/* What a look printed. */
struct picture {
        struct buffer text, errors;
        int status;
};

struct watching {
        const struct watch *watch;
        watch_look *look;
        void *context;
        int taken[2]; /* files in memory in the place of standard output and standard error */
        bool terminal;
        struct picture last;    /* the last good one */
        char lost[MESSAGE_MAX]; /* why the newest look was not; "": it was */
        int64_t lost_ms;        /* wall time since when */
};

/* --- taking what is printed --- */

static void read_back(int file, struct buffer *out)
{
        char block[65536];
        ssize_t n;
        off_t at = 0;

        while ((n = pread(file, block, sizeof(block), at)) > 0) {
                buffer_bytes(out, block, (size_t)n);
                at += n;
        }
        if (ftruncate(file, 0) || lseek(file, 0, SEEK_SET))
                abort();
}

/* false: descriptors have ended. */
static bool take_picture(struct watching *w, struct picture *p)
{
        FILE *const streams[2] = {stdout, stderr};
        int kept[2];
        bool good = true;

        *p = (struct picture){.text = BUFFER_INIT(PICTURE_MAX), .errors = BUFFER_INIT(PICTURE_MAX)};
        for (int i = 0; i < 2; i++) {
                fflush(streams[i]);
                kept[i] = dup(i + 1);
                good = good && kept[i] >= 0 && dup2(w->taken[i], i + 1) >= 0;
        }
        if (good)
                p->status = w->look(w->context);
        for (int i = 0; i < 2; i++) {
                fflush(streams[i]);
                if (kept[i] >= 0) {
                        dup2(kept[i], i + 1);
                        close(kept[i]);
                }
        }
        read_back(w->taken[0], &p->text);
        read_back(w->taken[1], &p->errors);
        return good;
}

static void picture_free(struct picture *p)
{
        buffer_free(&p->text);
        buffer_free(&p->errors);
}

/* --- what is another than before --- */

struct line {
        uint64_t hash;
        const char *text;
        size_t length;
        size_t at; /* its place in the picture */
        bool common;
};

struct lines {
        struct line *list;
        size_t count;
};

/* Columns are as wide as what is in them: how many spaces stand between two does not count. */
static uint64_t hash_line(const char *text, size_t length)
{
        uint64_t hash = 14695981039346656037u;

        for (size_t i = 0; i < length; i++)
                if (text[i] != ' ' || (i + 1 < length && text[i + 1] != ' '))
                        hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
        return hash;
}

static int by_hash(const void *a, const void *b)
{
        const struct line *one = a, *other = b;

        return one->hash != other->hash ? (one->hash < other->hash ? -1 : 1)
                                        : (one->at > other->at) - (one->at < other->at);
}

static int by_place(const void *a, const void *b)
{
        const struct line *one = a, *other = b;

        return (one->at > other->at) - (one->at < other->at);
}

static struct lines lines_of(const struct buffer *text)
{
        struct lines l = {0};
        size_t room = 1;

        for (size_t i = 0; i < text->length; i++)
                room += text->data[i] == '\n';
        l.list = calloc(room, sizeof(*l.list));
        for (const char *at = text->data; l.list && at && *at;) {
                size_t n = strcspn(at, "\n");
                l.list[l.count] = (struct line){hash_line(at, n), at, n, l.count, false};
                l.count++;
                at += n + (at[n] == '\n');
        }
        return l;
}

static void find_common(struct lines *a, struct lines *b)
{
        size_t j = 0;

        qsort(a->list, a->count, sizeof(*a->list), by_hash);
        qsort(b->list, b->count, sizeof(*b->list), by_hash);
        for (size_t i = 0; i < a->count && j < b->count;) {
                if (a->list[i].hash == b->list[j].hash)
                        a->list[i++].common = b->list[j++].common = true;
                else if (a->list[i].hash < b->list[j].hash)
                        i++;
                else
                        j++;
        }
        qsort(a->list, a->count, sizeof(*a->list), by_place);
        qsort(b->list, b->count, sizeof(*b->list), by_place);
}

static void print_lines(const struct lines *l, const char *time, char sign)
{
        for (size_t i = 0; i < l->count; i++)
                if (!l->list[i].common && l->list[i].length)
                        printf("%s %c %.*s\n", time, sign, (int)l->list[i].length, l->list[i].text);
}

static void print_difference(const struct watching *w, const struct picture *p)
{
        char time[CLOCK_TEXT_MAX];

        clock_format(clock_wall_ms(), time);
        strcpy(time + strlen(time) - 5, "Z");
        if (w->watch->whole) {
                if (p->text.length != w->last.text.length ||
                    (p->text.length && memcmp(p->text.data, w->last.text.data, p->text.length)))
                        printf("%s%s", w->watch->separator, p->text.data ? p->text.data : "");
                return;
        }
        struct lines was = lines_of(&w->last.text), is = lines_of(&p->text);
        if (was.list && is.list) {
                find_common(&was, &is);
                print_lines(&was, time, '-');
                print_lines(&is, time, '+');
        }
        free(was.list);
        free(is.list);
}

/* --- showing --- */

static void draw(const struct watching *w)
{
        struct buffer out = BUFFER_INIT(PICTURE_MAX + MESSAGE_MAX);
        char time[CLOCK_TEXT_MAX], every[DURATION_TEXT_MAX];

        clock_format(w->lost[0] ? w->lost_ms : clock_wall_ms(), time);
        strcpy(time + strlen(time) - 5, "Z");
        if (w->lost[0])
                buffer_printf(&out, "\033[7mno good reply since %s: %s\033[0m\n\n", time, w->lost);
        else
                buffer_printf(&out, "\033[1m%s\033[0m  %s, every %s\n\n", w->watch->title, time,
                              duration_format(w->watch->interval_ms, every));
        buffer_bytes(&out, w->last.text.data, w->last.text.length);
        terminal_draw(out.data, out.length);
        buffer_free(&out);
}

static void lose(struct watching *w, const struct picture *p)
{
        char message[MESSAGE_MAX];

        snprintf(message, sizeof(message), "%.*s", (int)strcspn(p->errors.data ? p->errors.data : "", "\n"),
                 p->errors.data ? p->errors.data : "");
        if (!w->lost[0])
                w->lost_ms = clock_wall_ms();
        if (!w->terminal && strcmp(w->lost, message))
                fprintf(stderr, "%s\n", message);
        snprintf(w->lost, sizeof(w->lost), "%s", *message ? message : "it was not said why");
}

/* A look without a picture is none, whatever it says. */
static bool is_good(const struct picture *p)
{
        return p->text.length || !p->errors.length;
}

static void take(struct watching *w, struct picture *p)
{
        if (!is_good(p)) {
                lose(w, p);
                picture_free(p);
                return;
        }
        if (!w->terminal) {
                if (w->lost[0])
                        fprintf(stderr, "gslbctl: there are replies again\n");
                print_difference(w, p);
                fflush(stdout);
        }
        w->lost[0] = '\0';
        picture_free(&w->last);
        w->last = *p;
}

/* false: it is to end. */
static bool wait_for_next(const struct watching *w)
{
        int64_t end = (int64_t)clock_ms() + w->watch->interval_ms, left = w->watch->interval_ms;

        for (; left > 0; left = end - (int64_t)clock_ms()) {
                struct pollfd gone = {.fd = STDOUT_FILENO};
                if (!w->terminal) { /* nobody reads a pipe any more: no signal tells before something is written */
                        if (poll(&gone, 1, (int)left) > 0 && gone.revents & (POLLERR | POLLNVAL))
                                return false;
                        continue;
                }
                draw(w);
                int key = terminal_key((int)left);
                if (key == 'q' || key == 'Q')
                        return false;
                if (key == ' ' || key == '\n' || (key > 0 && w->watch->key && w->watch->key(w->context, key)))
                        return true;
        }
        return true;
}

static void on_interrupt(int number)
{
        _exit(number == SIGINT ? 0 : 1);
}

static bool start(struct watching *w)
{
        for (int i = 0; i < 2; i++) {
                w->taken[i] = memfd_create("gslbctl", MFD_CLOEXEC);
                if (w->taken[i] < 0) {
                        fprintf(stderr, "gslbctl: --watch: %s\n", strerror(errno));
                        return false;
                }
        }
        return true;
}

int watch_run(const struct watch *watch, watch_look *look, void *context)
{
        struct watching w = {.watch = watch, .look = look, .context = context, .terminal = isatty(STDOUT_FILENO)};
        struct picture p;

        if (!start(&w) || !take_picture(&w, &p))
                return 2;
        if (!is_good(&p)) {
                fwrite(p.errors.data, 1, p.errors.length, stderr);
                picture_free(&p);
                return p.status ? p.status : 1;
        }
        fwrite(p.text.data ? p.text.data : "", 1, w.terminal ? 0 : p.text.length, stdout);
        fflush(stdout);
        w.last = p;
        if (w.terminal)
                terminal_open();
        else
                signal(SIGINT, on_interrupt);
        while (wait_for_next(&w) && take_picture(&w, &p))
                take(&w, &p);
        if (w.terminal)
                terminal_close();
        picture_free(&w.last);
        for (int i = 0; i < 2; i++)
                close(w.taken[i]);
        return 0;
}
