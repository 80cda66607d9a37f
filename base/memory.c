#include "base/memory.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"

#define LARGE_BLOCK (256 << 10)

void memory_failed(void)
{
        log_error("memory", "out of memory");
        abort();
}

static void *checked(void *p)
{
        if (!p)
                memory_failed();
        return p;
}

void *memory_alloc(size_t size)
{
        return checked(calloc(1, size ? size : 1));
}

void *memory_resize(void *p, size_t size)
{
        return checked(realloc(p, size ? size : 1));
}

char *memory_strdup(const char *text)
{
        return checked(strdup(text));
}

char *memory_printf(const char *format, ...)
{
        va_list args;
        char *text;

        va_start(args, format);
        int length = vasprintf(&text, format, args);
        va_end(args);
        return checked(length < 0 ? NULL : text);
}

void memory_return_large(void)
{
        mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
        mallopt(M_TRIM_THRESHOLD, LARGE_BLOCK);
}

void memory_trim(void)
{
        malloc_trim(0);
}
