#include "probes/checks/agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SEPARATORS " \t,\r"

static void say_admin(struct check_result *r, enum admin_state admin)
{
        r->figures.admin = (uint8_t)admin;
        r->tells |= TELLS_ADMIN;
}

static void say_down(struct check_result *r)
{
        r->reason = REASON_AGENT;
        r->certain = true;
}

static bool read_percent(const char *word, struct check_result *r)
{
        char *end;
        unsigned long n = strtoul(word, &end, 10);

        if (word[0] < '0' || word[0] > '9' || strcmp(end, "%") != 0 || n > 1000)
                return false;
        r->figures.weight_percent = (float)n;
        r->tells |= TELLS_WEIGHT;
        return true;
}

static bool read_word(const char *word, struct check_result *r)
{
        if (!strcasecmp(word, "up"))
                r->certain = true;
        else if (!strcasecmp(word, "down") || !strcasecmp(word, "failed") || !strcasecmp(word, "stopped"))
                say_down(r);
        else if (!strcasecmp(word, "ready"))
                say_admin(r, ADMIN_READY);
        else if (!strcasecmp(word, "drain"))
                say_admin(r, ADMIN_DRAIN);
        else if (!strcasecmp(word, "maint"))
                say_admin(r, ADMIN_MAINT);
        else if (strncasecmp(word, "maxconn:", 8) != 0)
                return read_percent(word, r);
        return true;
}

bool agent_read(const char *line, size_t length, struct check_result *r)
{
        char text[AGENT_LINE_MAX + 1], *rest = NULL;
        unsigned words = 0;

        if (length > AGENT_LINE_MAX)
                length = AGENT_LINE_MAX;
        memcpy(text, line, length);
        text[length] = '\0';
        text[strcspn(text, "\r\n")] = '\0';
        char *description = strchr(text, '#');
        if (description)
                *description++ = '\0';
        *r = (struct check_result){.reason = REASON_OK};
        snprintf(r->detail, sizeof(r->detail), "%.70s", description ? description : text);
        for (char *word = strtok_r(text, SEPARATORS, &rest); word; word = strtok_r(NULL, SEPARATORS, &rest), words++)
                if (!read_word(word, r))
                        return false;
        return words > 0;
}
