/* An exec check: a program of the operator's directory exits with 0. Its first line of output is the detail.
 *
 * It gets an empty environment but for what it checks, limits on processor time, memory, files and output, no new
 * privileges, and a process group that is killed as a whole when time is up. */
#include "probes/checks/exec.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/memory.h"
#include "probes/checks/check_run.h"

#define PROGRAMS_MAX  32 /* at a time; the others wait for the next interval */
#define MEMORY_MAX    ((rlim_t)1 << 30)
#define FILES_MAX     64
#define PROCESSES_MAX 64
#define ENVIRONMENT   9

/* A program that runs, or that was killed and is not reaped yet. */
struct program {
        LIST_ENTRY(program) entry;
        struct execs *all;
        pid_t pid;
        int pidfd;
        struct event *ended;
        struct exec_check *run; /* NULL: nobody waits for it */
};

struct execs {
        struct event_base *base;
        char *directory;
        bool become;
        uid_t uid;
        gid_t gid;
        unsigned count;
        LIST_HEAD(, program) programs;
};

struct exec_check {
        struct program *program;
        struct event *timer;
        int output; /* the read end of its standard output */
        uint64_t started_us;
        check_done *done;
        void *context;
};

/* --- the settings --- */

static bool find_user(const struct exec_settings *s, uid_t *uid, gid_t *gid)
{
        const struct passwd *user = getpwnam(s->user);

        if (!user)
                return false;
        *uid = user->pw_uid;
        *gid = user->pw_gid;
        return true;
}

bool exec_settings_check(const struct exec_settings *s, char *error, size_t error_size)
{
        struct stat st;
        uid_t uid;
        gid_t gid;

        if (!s->directory) {
                if (s->user)
                        snprintf(error, error_size, "user: expected a directory with it");
                return !s->user;
        }
        if (s->directory[0] != '/' || stat(s->directory, &st) || !S_ISDIR(st.st_mode)) {
                snprintf(error, error_size, "directory: expected the absolute path of a directory, got \"%s\"",
                         s->directory);
                return false;
        }
        if (st.st_mode & S_IWOTH) {
                snprintf(error, error_size, "directory: \"%s\" can be written by anyone", s->directory);
                return false;
        }
        if (!s->user && geteuid() == 0) {
                snprintf(
                        error, error_size,
                        "user: expected who runs the programs, since this process is root's; \"root\" for root itself");
                return false;
        }
        if (s->user && (!find_user(s, &uid, &gid) || (geteuid() != 0 && uid != geteuid()))) {
                snprintf(error, error_size, "user: cannot become \"%s\"", s->user);
                return false;
        }
        return true;
}

struct execs *execs_new(struct event_base *base, const struct exec_settings *s)
{
        struct execs *e = memory_alloc(sizeof(*e));

        e->base = base;
        LIST_INIT(&e->programs);
        if (s->directory)
                e->directory = memory_strdup(s->directory);
        if (s->user && find_user(s, &e->uid, &e->gid))
                e->become = e->uid != geteuid();
        return e;
}

/* --- processes --- */

static void program_free(struct program *p)
{
        LIST_REMOVE(p, entry);
        p->all->count--;
        event_free(p->ended);
        close(p->pidfd);
        free(p);
}

void execs_free(struct execs *e)
{
        struct program *p;

        if (!e)
                return;
        while ((p = LIST_FIRST(&e->programs))) {
                kill(-p->pid, SIGKILL);
                waitpid(p->pid, NULL, 0);
                program_free(p);
        }
        free(e->directory);
        free(e);
}

static void limit(int what, rlim_t most)
{
        const struct rlimit l = {most, most};

        setrlimit((__rlimit_resource_t)what, &l);
}

/* Goes with its parent, however that goes. A change of user resets the signal, so this comes behind it; and the parent
 * may have gone before. */
static void die_with(pid_t parent)
{
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
                _exit(126);
}

/* The child, up to the program: nothing but system calls, since other threads may have held locks. */
static void become_program(const struct execs *e, pid_t parent, int output, const char *path, char *const *arguments,
                           char *const *environment, unsigned seconds)
{
        sigset_t none;
        int nothing = open("/dev/null", O_RDWR);

        setpgid(0, 0);
        if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(output, 1) < 0 || dup2(nothing, 2) < 0)
                _exit(126);
        syscall(SYS_close_range, 3, ~0u, 0);
        limit(RLIMIT_CPU, seconds);
        limit(RLIMIT_AS, MEMORY_MAX);
        limit(RLIMIT_NOFILE, FILES_MAX);
        limit(RLIMIT_FSIZE, 0);
        limit(RLIMIT_CORE, 0);
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (e->become && (syscall(SYS_setgroups, 0, NULL) || syscall(SYS_setresgid, e->gid, e->gid, e->gid) ||
                          syscall(SYS_setresuid, e->uid, e->uid, e->uid)))
                _exit(126);
        if (e->become)
                limit(RLIMIT_NPROC, PROCESSES_MAX);
        die_with(parent);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        signal(SIGPIPE, SIG_DFL);
        if (!chdir("/"))
                execve(path, arguments, environment);
        _exit(126);
}

static void on_ended(evutil_socket_t fd, short what, void *context);

/* NULL with errno. `output` becomes the read end of its standard output. */
static struct program *program_start(struct execs *e, const char *path, char *const *arguments,
                                     char *const *environment, unsigned seconds, int *output)
{
        int ends[2];

        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
                return NULL;
        fcntl(ends[1], F_SETFL, 0);
        pid_t parent = getpid(), pid = fork();
        if (!pid)
                become_program(e, parent, ends[1], path, arguments, environment, seconds);
        int error = errno;
        close(ends[1]);
        int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;
        if (pidfd < 0) {
                error = pid > 0 ? errno : error;
                if (pid > 0) {
                        kill(pid, SIGKILL);
                        waitpid(pid, NULL, 0);
                }
                close(ends[0]);
                errno = error;
                return NULL;
        }
        setpgid(pid, pid); /* also here: whoever comes first */
        struct program *p = memory_alloc(sizeof(*p));
        *p = (struct program){.all = e, .pid = pid, .pidfd = pidfd};
        p->ended = event_new(e->base, pidfd, EV_READ, on_ended, p);
        event_add(p->ended, NULL);
        LIST_INSERT_HEAD(&e->programs, p, entry);
        e->count++;
        *output = ends[0];
        return p;
}

/* --- one run --- */

/* Nobody waits for the program any more: it is reaped when it has ended. */
static void exec_release(struct exec_check *run)
{
        if (run->program) {
                run->program->run = NULL;
                kill(-run->program->pid, SIGKILL);
        }
        if (run->timer)
                event_free(run->timer);
        if (run->output >= 0)
                close(run->output);
        free(run);
}

static void exec_finish(struct exec_check *run, enum reason reason, const char *detail)
{
        struct check_result result = {.reason = reason, .rtt_us = (uint32_t)(clock_us() - run->started_us)};
        check_done *done = run->done;
        void *context = run->context;

        snprintf(result.detail, sizeof(result.detail), "%s", detail);
        exec_release(run);
        done(context, &result);
}

/* The first line of what it wrote; what is not printable is left out. */
static void first_line(int output, char *line, size_t size)
{
        char bytes[256];
        ssize_t n = read(output, bytes, sizeof(bytes));
        size_t length = 0;

        for (ssize_t i = 0; i < n && bytes[i] != '\n' && length + 1 < size; i++)
                if ((uint8_t)bytes[i] >= ' ' && (uint8_t)bytes[i] < 0x7f)
                        line[length++] = bytes[i];
        line[length] = '\0';
}

static void on_ended(evutil_socket_t fd, short what, void *context)
{
        struct program *p = context;
        struct exec_check *run = p->run;
        char line[80] = "";
        int status = 0;

        kill(-p->pid, SIGKILL); /* what it left behind */
        waitpid(p->pid, &status, 0);
        program_free(p);
        if (!run)
                return;
        run->program = NULL;
        first_line(run->output, line, sizeof(line));
        bool exited = WIFEXITED(status);
        if (!*line)
                snprintf(line, sizeof(line), exited ? "exit status %d" : "ended by signal %d",
                         exited ? WEXITSTATUS(status) : WTERMSIG(status));
        exec_finish(run, exited && !WEXITSTATUS(status) ? REASON_OK : REASON_STATUS, line);
}

static void on_time(evutil_socket_t fd, short what, void *context)
{
        exec_finish(context, REASON_TIMEOUT, "killed");
}

/* Why this file may not be run, or NULL. */
static const char *program_refused(const char *path)
{
        struct stat st;

        if (stat(path, &st))
                return strerror(errno);
        if (!S_ISREG(st.st_mode))
                return "no file";
        return st.st_mode & S_IWOTH ? "it can be written by anyone" : NULL;
}

/* What the program is told, in its environment. Ends with NULL. */
static void exec_tell(const struct check *c, char *environment[ENVIRONMENT])
{
        char address[ADDRESS_TEXT_MAX] = "";
        size_t n = 0;

        if (c->address.family != ADDRESS_NONE)
                address_format(&c->address, address);
        environment[n++] = memory_strdup("PATH=/usr/bin:/bin");
        environment[n++] = memory_strdup("LANG=C");
        environment[n++] = memory_printf("GSLBD_ENDPOINT=%s", c->id);
        environment[n++] = memory_printf("GSLBD_MONITOR=%s", c->monitor->name);
        environment[n++] = memory_printf("GSLBD_ADDRESS=%s", address);
        environment[n++] = memory_printf("GSLBD_HOST_NAME=%s", c->host_name ? c->host_name : "");
        environment[n++] = memory_printf("GSLBD_PORT=%u", c->port);
        environment[n++] = memory_printf("GSLBD_TIMEOUT_MS=%lld", (long long)c->monitor->timeout_ms);
        environment[n] = NULL;
}

static struct program *spawn(struct execs *e, const struct check *c, int *output, char *why, size_t why_size)
{
        const struct strings *given = &c->monitor->exec.arguments;
        char *path = memory_printf("%s/%s", e->directory, c->monitor->exec.program), *environment[ENVIRONMENT];
        char **arguments = memory_alloc((given->count + 2) * sizeof(*arguments));
        const char *wrong = program_refused(path);
        struct program *p = NULL;

        arguments[0] = path;
        for (uint32_t i = 0; i < given->count; i++)
                arguments[i + 1] = (char *)given->items[i];
        exec_tell(c, environment);
        if (!wrong) {
                p = program_start(e, path, arguments, environment, (unsigned)(c->monitor->timeout_ms / 1000 + 1),
                                  output);
                wrong = p ? NULL : strerror(errno);
        }
        snprintf(why, why_size, "%s", wrong ? wrong : "");
        for (size_t i = 0; environment[i]; i++)
                free(environment[i]);
        free(arguments);
        free(path);
        return p;
}

static struct check_run *exec_check_start(struct checker *checker, const struct check_subject *subject,
                                          check_done *done, void *context, struct check_result *result)
{
        struct execs *e = checker->execs;
        int64_t ms = check_of(subject)->monitor->timeout_ms;
        const struct timeval limit_tv = {ms / 1000, ms % 1000 * 1000};
        struct program *p = NULL;
        int output;

        *result = (struct check_result){.reason = REASON_INTERNAL};
        if (!e || !e->directory)
                snprintf(result->detail, sizeof(result->detail), "this prober runs no programs: probes.exec.directory");
        else if (e->count >= PROGRAMS_MAX)
                snprintf(result->detail, sizeof(result->detail), "%d programs run already", PROGRAMS_MAX);
        else
                p = spawn(e, check_of(subject), &output, result->detail, sizeof(result->detail));
        if (!p)
                return NULL;
        struct exec_check *run = memory_alloc(sizeof(*run));
        *run = (struct exec_check){
                .program = p, .output = output, .started_us = clock_us(), .done = done, .context = context};
        p->run = run;
        run->timer = evtimer_new(e->base, on_time, run);
        event_add(run->timer, &limit_tv);
        return (struct check_run *)run;
}

static void exec_cancel(struct check_run *run)
{
        exec_release((struct exec_check *)run);
}

const struct check_driver check_exec = {exec_check_start, exec_cancel};
