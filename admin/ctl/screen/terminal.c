#include "admin/ctl/screen/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define PICTURE_MAX ((size_t)4 << 20)
#define ENTER       "\033[?1049h\033[?25l\033[?7l" /* the other screen, no cursor, lines are not wrapped */
#define LEAVE       "\033[0m\033[?7h\033[?25h\033[?1049l"
#define KEYS_MAX    16 /* bytes of one key */

static struct termios before;
static volatile sig_atomic_t taken, has_keys, resized;

bool terminal_colours(const char *when, bool *colours)
{
        const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

        if (!when || !strcmp(when, "auto"))
                *colours = isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb");
        else if (!strcmp(when, "always") || !strcmp(when, "never"))
                *colours = *when == 'a';
        else
                return false;
        return true;
}

/* --- taking and leaving it; also in handlers of signals --- */

static void put(const char *text, size_t length)
{
        while (length) {
                ssize_t n = write(STDOUT_FILENO, text, length);
                if (n < 0 && errno != EINTR && errno != EAGAIN)
                        return;
                if (n > 0) {
                        text += n;
                        length -= (size_t)n;
                }
        }
}

static void take(void)
{
        struct termios now = before;

        taken = 1;
        now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        now.c_cc[VMIN] = 1;
        now.c_cc[VTIME] = 0;
        if (has_keys)
                tcsetattr(STDIN_FILENO, TCSADRAIN, &now);
        put(ENTER, strlen(ENTER));
}

static void leave(void)
{
        if (!taken)
                return;
        taken = 0;
        put(LEAVE, strlen(LEAVE));
        if (has_keys)
                tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

static void on_end(int number)
{
        leave();
        if (number == SIGINT) /* that is how one leaves */
                _exit(0);
        signal(number, SIG_DFL);
        raise(number);
}

static void on_stop(int number)
{
        int error = errno;
        sigset_t set;

        leave();
        signal(SIGTSTP, SIG_DFL);
        sigemptyset(&set);
        sigaddset(&set, SIGTSTP);
        raise(number);
        sigprocmask(SIG_UNBLOCK, &set, NULL); /* here it stands, until it goes on */
        signal(SIGTSTP, on_stop);
        take();
        resized = 1;
        errno = error;
}

static void on_resize(int number)
{
        resized = number != 0;
}

void terminal_open(void)
{
        static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
        struct sigaction action = {.sa_handler = on_end};

        has_keys = isatty(STDIN_FILENO) && !tcgetattr(STDIN_FILENO, &before);
        for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
                sigaction(ends[i], &action, NULL);
        action.sa_handler = on_stop;
        action.sa_flags = SA_RESTART;
        sigaction(SIGTSTP, &action, NULL);
        action.sa_handler = on_resize;
        action.sa_flags = 0; /* ends a wait for a key */
        sigaction(SIGWINCH, &action, NULL);
        atexit(terminal_close);
        take();
}

void terminal_close(void)
{
        leave();
}

/* --- keys and size --- */

int terminal_key(int wait_ms)
{
        static char bytes[KEYS_MAX]; /* what came at once */
        static ssize_t got, at;
        struct pollfd input = {.fd = has_keys ? STDIN_FILENO : -1, .events = POLLIN};

        if (at < got)
                return (unsigned char)bytes[at++];
        int n = resized ? 0 : poll(&input, 1, wait_ms);
        if (resized) {
                resized = 0;
                return TERMINAL_RESIZED;
        }
        if (n <= 0)
                return TERMINAL_TIME_IS_UP;
        got = read(STDIN_FILENO, bytes, sizeof(bytes));
        at = got > 0 && bytes[0] == '\033' ? got : 1;
        if (got <= 0)
                has_keys = 0; /* nobody is there any more */
        return got > 0 ? (unsigned char)bytes[0] : TERMINAL_TIME_IS_UP;
}

/* What the terminal says; else what the shell does, else what everyone has. */
static unsigned size_of(unsigned told, const char *variable, unsigned fallback)
{
        const char *text = getenv(variable);
        unsigned long value = text ? strtoul(text, NULL, 10) : 0;

        return told ? told : value > 0 && value < 10000 ? (unsigned)value : fallback;
}

void terminal_size(unsigned *rows, unsigned *columns)
{
        struct winsize size = {0};

        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
                size = (struct winsize){0};
        *rows = size_of(size.ws_row, "LINES", 24);
        *columns = size_of(size.ws_col, "COLUMNS", 80);
}

/* --- lines --- */

/* Bytes of a sequence of control ("\033[31m"), 0: none begins here. */
static size_t sequence_length(const char *at, size_t length)
{
        size_t n = 2;

        if (length < 3 || at[0] != '\033' || at[1] != '[')
                return 0;
        while (n < length && (at[n] < '@' || at[n] > '~'))
                n++;
        return n < length ? n + 1 : length;
}

static bool goes_on(char byte)
{
        return ((unsigned char)byte & 0xc0) == 0x80;
}

size_t terminal_width(const char *line, size_t length)
{
        size_t width = 0, n;

        for (size_t i = 0; i < length; i += n ? n : 1) {
                n = sequence_length(line + i, length - i);
                width += !n && !goes_on(line[i]);
        }
        return width;
}

void terminal_line(struct buffer *out, const char *line, size_t length, unsigned columns)
{
        size_t width = 0, i = 0, n;

        for (; i < length; i += n ? n : 1) {
                n = sequence_length(line + i, length - i);
                width += !n && !goes_on(line[i]);
                if (width > columns)
                        break;
        }
        buffer_bytes(out, line, i);
        buffer_text(out, "\033[0m\033[K");
}

void terminal_draw(const char *text, size_t length)
{
        struct buffer out = BUFFER_INIT(PICTURE_MAX);
        const char *end = text + length;
        unsigned rows, columns, row = 0;
        size_t left = 0;

        terminal_size(&rows, &columns);
        for (const char *at = text; at < end; at++)
                left += *at == '\n';
        buffer_text(&out, "\033[H");
        while (text < end && row < rows) {
                const char *stop = memchr(text, '\n', (size_t)(end - text));
                size_t n = (size_t)((stop ? stop : end) - text);
                if (row + 1 == rows && left > 1)
                        buffer_printf(&out, "... and %zu lines more\033[K", left);
                else
                        terminal_line(&out, text, n, columns);
                left--;
                text = stop ? stop + 1 : end;
                if (++row < rows)
                        buffer_text(&out, "\r\n");
        }
        buffer_text(&out, "\033[J");
        if (!out.overflow)
                put(out.data, out.length);
        buffer_free(&out);
}
