#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/*
 * Log: a line is put together in a buffer of its own on the stack, since a line about want of
 * memory must not allocate.
 */

#define PAUSE_BEFORE_EXIT_MS 1000

static struct {
    uint64_t counts[LOG_SEV_PANIC + 1]; /* lines since the start */
    LogSinkFn *sink;
    void *ctx;
    bool utf8_allowed;
} state;

void log_set_sink(LogSinkFn *sink, void *ctx)
{
    state.sink = sink;
    state.ctx = ctx;
}

uint64_t log_count(LogSeverity severity)
{
    return state.counts[severity];
}

void log_allow_utf8(bool allowed)
{
    state.utf8_allowed = allowed;
}

static const char *prefix_of(LogSeverity severity)
{
    switch (severity) {
    case LOG_SEV_INFO:
        return "";
    case LOG_SEV_WARNING:
        return "warning: ";
    case LOG_SEV_ERROR:
        return "error: ";
    case LOG_SEV_FATAL:
        return "fatal: ";
    case LOG_SEV_PANIC:
        return "panic: ";
    }
    g_assert_not_reached();
}

/* Length of the valid multibyte sequence at `text`, or 0. */
static size_t multibyte_length(const char *text, const char *end)
{
    gunichar c = g_utf8_get_char_validated(text, end - text);
    bool valid = c != (gunichar)-1 && c != (gunichar)-2;

    return valid && c >= 0x80 ? (size_t)g_unichar_to_utf8(c, NULL) : 0;
}

static void make_printable(char *text, size_t length, bool utf8_allowed)
{
    const char *end = text + length;

    while (text < end) {
        size_t keep = g_ascii_isprint(*text) ? 1 : 0;

        if (keep == 0 && utf8_allowed)
            keep = multibyte_length(text, end);
        if (keep == 0) {
            keep = 1;
            *text = '?';
        }
        text += keep;
    }
}

void log_format(LogSeverity severity, const char *message, bool utf8_allowed,
                char ret_text[LOG_LINE_MAX_BYTES])
{
    const char *prefix = prefix_of(severity);
    size_t prefix_length = strlen(prefix);
    size_t length = strnlen(message, LOG_TEXT_MAX_BYTES);

    memcpy(ret_text, prefix, prefix_length);
    memcpy(ret_text + prefix_length, message, length);
    ret_text[prefix_length + length] = '\0';
    make_printable(ret_text + prefix_length, length, utf8_allowed);
}

static void emit(LogSeverity severity, const char *format, va_list args) G_GNUC_PRINTF(2, 0);
static void emit(LogSeverity severity, const char *format, va_list args)
{
    int saved_errno = errno;              /* a caller may log first and look at errno then */
    char message[LOG_TEXT_MAX_BYTES + 1]; /* a longer text is cut anyway */
    char text[LOG_LINE_MAX_BYTES];

    (void)g_vsnprintf(message, sizeof message, format, args);
    log_format(severity, message, state.utf8_allowed, text);
    state.counts[severity]++;
    if (state.sink != NULL)
        state.sink(severity, text, state.ctx);
    else
        (void)fprintf(stderr, "%s: %s\n", program_invocation_short_name, text);
    errno = saved_errno;
}

void log_info(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    emit(LOG_SEV_INFO, format, args);
    va_end(args);
}

void log_warning(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    emit(LOG_SEV_WARNING, format, args);
    va_end(args);
}

void log_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    emit(LOG_SEV_ERROR, format, args);
    va_end(args);
}

void log_fatal(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    emit(LOG_SEV_FATAL, format, args);
    va_end(args);
    clock_sleep_ms(PAUSE_BEFORE_EXIT_MS);
    exit(EXIT_FAILURE);
}

void log_panic(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    emit(LOG_SEV_PANIC, format, args);
    va_end(args);
    clock_sleep_ms(PAUSE_BEFORE_EXIT_MS);
    abort();
}
