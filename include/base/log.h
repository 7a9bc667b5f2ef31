#ifndef EQMGR_BASE_LOG_H
#define EQMGR_BASE_LOG_H

/*
 * base/log: one line to the mail log, in the shape Postfix gives it (ipc.md 8.2).
 *
 * The text is the severity prefix ("warning: ", ...) and the message; the message alone is cut at
 * LOG_TEXT_MAX_BYTES (seen on the real daemon), and every byte in it that is not printable ASCII is
 * replaced by '?' (valid UTF-8 is kept if allowed).
 * Nothing is allocated, since a line may say that memory is out.
 * Lines go to the sink that the daemon sets, and to standard error before that.
 * Library layers do not log: they return. Only life, daemon and main call this.
 */

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#define LOG_TEXT_MAX_BYTES 2000
#define LOG_LINE_MAX_BYTES (sizeof "warning: " + LOG_TEXT_MAX_BYTES) /* with prefix and NUL */

typedef enum LogSeverity {
    LOG_SEV_INFO,
    LOG_SEV_WARNING,
    LOG_SEV_ERROR,
    LOG_SEV_FATAL,
    LOG_SEV_PANIC
} LogSeverity;

/* `text` is complete: prefixed, cut, printable. */
typedef void LogSinkFn(LogSeverity severity, const char *text, void *ctx);

void log_set_sink(LogSinkFn *sink, void *ctx);

/* How many lines of this severity there were since the start. */
uint64_t log_count(LogSeverity severity);

/* With `allowed`, valid UTF-8 sequences pass the filter (smtputf8_enable = yes). Default: false. */
void log_allow_utf8(bool allowed);

void log_info(const char *format, ...) G_GNUC_PRINTF(1, 2);
void log_warning(const char *format, ...) G_GNUC_PRINTF(1, 2);
void log_error(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Logs, waits one second (as Postfix does, so that a restart loop stays slow), exits with status 1.
 */
void log_fatal(const char *format, ...) G_GNUC_PRINTF(1, 2) G_GNUC_NORETURN;

/* Logs, waits one second, aborts. For broken invariants only. */
void log_panic(const char *format, ...) G_GNUC_PRINTF(1, 2) G_GNUC_NORETURN;

/* The pure part: prefix, cut, filter. */
void log_format(LogSeverity severity, const char *message, bool utf8_allowed,
                char ret_text[LOG_LINE_MAX_BYTES]);

#endif
