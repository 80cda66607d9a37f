#include "tests/unit/afresh.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/log.h"
#include "base/memory.h"
#include "tests/unit/must.h"
#include "tests/unit/questions.h"
#include "tests/unit/scratch.h"

#define TEXT_MAX ((size_t)1 << 28)

struct afresh {
        int fd;
        pid_t process;
        char directory[200], geo[200];
};

struct request {
        struct plane_health health;
        unsigned step;
        size_t length; /* of the changes behind it, as JSON; 0: none, what is there is to be told */
};

/* --- bytes --- */

static bool send_all(int fd, const void *data, size_t length)
{
        const char *at = data;

        while (length) {
                ssize_t n = write(fd, at, length);
                if (n <= 0)
                        return false;
                at += n;
                length -= (size_t)n;
        }
        return true;
}

static bool receive_all(int fd, void *data, size_t length)
{
        char *at = data;

        while (length) {
                ssize_t n = read(fd, at, length);
                if (n <= 0)
                        return false;
                at += n;
                length -= (size_t)n;
        }
        return true;
}

static void path_of(const char *directory, const char *name, char *out, size_t size)
{
        must(snprintf(out, size, "%s/%s", directory, name) < (int)size, "the path is too long");
}

/* The file as it is on disk: nobody writes to it meanwhile. */
static void copy_store(const char *from, const char *to)
{
        static char part[1 << 16];
        char path[300];
        ssize_t n;

        path_of(from, "data.mdb", path, sizeof(path));
        int in = open(path, O_RDONLY | O_CLOEXEC);
        must(in >= 0, "%s: %s", path, strerror(errno));
        must_hold(mkdir(to, 0700) == 0 || errno == EEXIST);
        path_of(to, "data.mdb", path, sizeof(path));
        int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        must(out >= 0, "%s: %s", path, strerror(errno));
        while ((n = read(in, part, sizeof(part))) > 0)
                must_hold(send_all(out, part, (size_t)n));
        close(in);
        close(out);
}

/* --- the other process --- */

static int compare_lines(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char *sorted_problems(const struct problems *p)
{
        struct buffer out = BUFFER_INIT(TEXT_MAX);
        const char **lines = memory_alloc((p->count + 1) * sizeof(*lines));
        struct arena *a = arena_new(0);

        for (size_t i = 0; i < p->count; i++)
                lines[i] = arena_printf(a, "%s: %s\n", p->list[i].path, p->list[i].message);
        qsort(lines, p->count, sizeof(*lines), compare_lines);
        for (size_t i = 0; i < p->count; i++)
                buffer_text(&out, lines[i]);
        free(lines);
        arena_free(a);
        return buffer_take(&out);
}

static void tell(const struct afresh *f, struct request *request, struct buffer *out)
{
        struct plane *p = plane_open(f->directory, f->geo[0] ? f->geo : NULL);

        plane_say(p, &request->health);
        plane_settle(p);
        plane_tell(p, request->step, out);
        plane_close(p);
}

static struct change *changes_of(const struct doc *list, struct arena *a)
{
        struct change *changes = ARENA_ARRAY(a, struct change, list->count);

        doc_each (one, list) {
                struct doc *document = doc_get(one, "document");
                must_hold(kind_parse(doc_get_string(one, "kind"), &changes[one->index].kind));
                changes[one->index].key = doc_get_string(one, "key");
                changes[one->index].document = document ? doc_copy(a, document) : NULL;
        }
        return changes;
}

/* The whole way, from the transaction with the changes in it. */
static void find_problems(const struct afresh *f, const char *json, size_t length, struct buffer *out)
{
        struct arena *a = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        char error[STORE_ERROR_MAX] = "";
        const struct doc *list = doc_parse(a, json, length, DOC_JSON, &problems);
        struct store *store = store_open(f->directory, false, error, sizeof(error));
        must(store && list, "%s", error);
        struct revision r = {.time_ms = 1,
                             .author = "test",
                             .comment = "",
                             .changes = changes_of(list, a),
                             .change_count = list->count};
        struct store_txn *txn = store_write(store, error, sizeof(error));
        must(txn != NULL, "%s", error);
        r.change_count = changes_reduce(txn, r.changes, r.change_count);
        r.number = store_revision(txn) + 1;
        must(store_apply(txn, &r, error, sizeof(error)), "%s", error);
        struct model *m = model_load(txn, NULL, &problems);
        struct snapshot *s = m ? snapshot_build(m, NULL, NULL, &problems) : NULL;
        store_end(txn);
        snapshot_free(s);
        store_close(store);
        char *text = sorted_problems(&problems);
        buffer_text(out, text);
        free(text);
        problems_free(&problems);
        arena_free(a);
}

static void serve(const struct afresh *f)
{
        struct request request;

        while (receive_all(f->fd, &request, sizeof(request))) {
                struct buffer out = BUFFER_INIT(TEXT_MAX);
                char *json = memory_alloc(request.length + 1);
                must_hold(receive_all(f->fd, json, request.length));
                buffer_text(&out, "");
                if (request.length)
                        find_problems(f, json, request.length, &out);
                else
                        tell(f, &request, &out);
                free(json);
                scratch_remove(f->directory);
                must_hold(send_all(f->fd, &out.length, sizeof(out.length)));
                must_hold(send_all(f->fd, out.data, out.length));
                buffer_free(&out);
        }
}

/* --- this process --- */

struct afresh *afresh_start(const char *directory, const char *geo)
{
        struct afresh *f = memory_alloc(sizeof(*f));
        int pair[2];

        path_of(directory, "afresh", f->directory, sizeof(f->directory));
        snprintf(f->geo, sizeof(f->geo), "%s", geo ? geo : "");
        must_hold(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
        f->process = fork();
        must_hold(f->process >= 0);
        if (!f->process) {
                close(pair[0]);
                f->fd = pair[1];
                serve(f);
                close(f->fd);
                free(f);
                rcu_drain();
                exit(EXIT_SUCCESS); /* looks for leaks too */
        }
        close(pair[1]);
        f->fd = pair[0];
        return f;
}

void afresh_stop(struct afresh *f)
{
        int status = 0;

        close(f->fd);
        must_hold(waitpid(f->process, &status, 0) == f->process);
        must(WIFEXITED(status) && !WEXITSTATUS(status), "the other process ended with %d", status);
        free(f);
}

static char *asked(struct afresh *f, const struct request *request, const char *json)
{
        size_t length = 0;

        must_hold(send_all(f->fd, request, sizeof(*request)) && send_all(f->fd, json, request->length));
        must(receive_all(f->fd, &length, sizeof(length)), "the other process ended");
        char *text = memory_alloc(length + 1);
        must_hold(receive_all(f->fd, text, length));
        return text;
}

char *afresh_tell(struct afresh *f, const char *from, const struct plane_health *health, unsigned step)
{
        const struct request request = {.health = *health, .step = step};

        copy_store(from, f->directory);
        return asked(f, &request, "");
}

char *afresh_problems(struct afresh *f, const char *from, const struct change *changes, size_t count)
{
        struct arena *a = arena_new(0);
        struct doc *list = doc_new(a, DOC_LIST);
        struct buffer json = BUFFER_INIT(TEXT_MAX);

        for (size_t i = 0; i < count; i++) {
                struct doc *one = doc_add_map(a, list, NULL);
                doc_add_string(a, one, "kind", kind_name(changes[i].kind));
                doc_add_string(a, one, "key", changes[i].key);
                if (changes[i].document)
                        doc_add(one, "document", doc_copy(a, changes[i].document));
        }
        doc_write_json(list, &json, 0);
        const struct request request = {.length = json.length};
        copy_store(from, f->directory);
        char *text = asked(f, &request, json.data);
        buffer_free(&json);
        arena_free(a);
        return text;
}
