#include "tests/lab/queue_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lab/manner.h"
#include "tests/postfix/record_writer.h"

#define DEFAULT_MODE          0700
#define DEFAULT_CONTENT_LINES 2
#define MS_PER_S              1000
#define NOT_SET               (-1)

typedef struct Build {
    QueueFile *file;
    RecordWriter writer;
    int64_t now_s, arrival_s, create_s;
    const char *size_text, *time_text; /* instead of what would be computed */
    bool old_style, no_time, no_create, no_end, raw;
    bool end_written;
    int64_t count, flags, smtputf8; /* for the size record, instead of what would be computed */
} Build;

static int64_t parse_notify(const char *text)
{
    static const char *const names[] = {"never", "success", "failure", "delay"};
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    int64_t mask = 0;

    for (char **word = words; *word != NULL; word++)
        for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
            if (strcmp(*word, names[i]) == 0)
                mask |= 1 << i;
    return mask;
}

static void put_notify(Build *build, const char *text)
{
    int64_t mask = parse_notify(text);
    g_autofree char *number = g_strdup_printf("%" PRId64, mask);

    record_put_attribute(&build->writer, "notify_flags", mask != 0 ? number : text);
    build->writer.flags |= mask << 1;
}

static void put_recipient(Build *build, char type, const char *address, char **options)
{
    for (char **option = options; *option != NULL; option++) {
        if (g_str_has_prefix(*option, "notify="))
            put_notify(build, *option + strlen("notify="));
        else if (g_str_has_prefix(*option, "dsn="))
            record_put_attribute(&build->writer, "dsn_orig_rcpt", *option + strlen("dsn="));
        else if (g_str_has_prefix(*option, "orig="))
            record_put(&build->writer, 'O', *option + strlen("orig="));
    }
    record_put(&build->writer, type, address);
    build->writer.recipient_count++;
}

static bool is_option(const char *word)
{
    return g_str_has_prefix(word, "notify=") || g_str_has_prefix(word, "dsn=") ||
           g_str_has_prefix(word, "orig=");
}

/* "r%@x.test 1..30": every % becomes the number. */
static void put_series(Build *build, char type, const char *pattern, const char *range,
                       char **options)
{
    char *rest;
    int64_t first = g_ascii_strtoll(range, &rest, 10);
    int64_t last = g_ascii_strtoll(rest + strlen(".."), NULL, 10);

    for (int64_t i = first; i <= last; i++) {
        g_autofree char *number = g_strdup_printf("%" PRId64, i);
        GString *address = g_string_new(pattern);

        (void)g_string_replace(address, "%", number, 0);
        put_recipient(build, type, address->str, options);
        g_string_free(address, TRUE);
    }
}

static bool put_recipients(Build *build, char type, char **words)
{
    g_autoptr(GPtrArray) options = g_ptr_array_new();
    char **end = words;

    while (*end != NULL && !is_option(*end))
        end++;
    for (char **option = end; *option != NULL; option++)
        g_ptr_array_add(options, *option);
    g_ptr_array_add(options, NULL);
    if (end - words == 2 && words[1] != NULL && strstr(words[1], "..") != NULL &&
        strchr(words[0], '%') != NULL) {
        put_series(build, type, words[0], words[1], (char **)options->pdata);
        return true;
    }
    for (char **address = words; address < end; address++)
        put_recipient(build, type, *address, (char **)options->pdata);
    return true;
}

static bool line_from(Build *build, char **words)
{
    record_put(&build->writer, 'S', strcmp(words[0], "<>") == 0 ? "" : words[0]);
    return true;
}

static bool line_to(Build *build, char **words)
{
    return put_recipients(build, 'R', words);
}

static bool line_done(Build *build, char **words)
{
    return put_recipients(build, 'D', words);
}

static bool line_cancelled(Build *build, char **words)
{
    return put_recipients(build, '/', words);
}

static bool line_content(Build *build, char **words)
{
    record_put_content(&build->writer, words[0] != NULL ? (int)g_ascii_strtoll(words[0], NULL, 10)
                                                        : DEFAULT_CONTENT_LINES);
    return true;
}

static bool line_attr(Build *build, char **words)
{
    record_put(&build->writer, 'A', words[0]);
    return true;
}

static bool line_filter(Build *build, char **words)
{
    record_put(&build->writer, 'L', words[0]);
    return true;
}

static bool line_inspect(Build *build, char **words)
{
    record_put(&build->writer, 'I', words[0]);
    return true;
}

static bool line_redirect(Build *build, char **words)
{
    record_put(&build->writer, '>', words[0]);
    return true;
}

static bool line_verp(Build *build, char **words)
{
    record_put(&build->writer, 'V', words[0]);
    return true;
}

static bool line_trace(Build *build, char **words)
{
    record_put_attribute(&build->writer, "trace_flags", words[0]);
    return true;
}

static bool line_warn(Build *build, char **words)
{
    int64_t offset_ms = 0;

    if (strcmp(words[0], "done") == 0) {
        record_put_number(&build->writer, 'W', -1);
        return true;
    }
    if (!manner_parse_duration_ms(words[0], &offset_ms))
        return false;
    record_put_number(&build->writer, 'W', build->now_s + offset_ms / MS_PER_S);
    return true;
}

static bool line_record(Build *build, char **words)
{
    record_put(&build->writer, words[0][0], words[1] != NULL ? words[1] : "");
    return true;
}

static bool line_label(Build *build, char **words)
{
    record_put_label(&build->writer, words[0]);
    return true;
}

static bool line_pointer(Build *build, char **words)
{
    record_put_pointer(&build->writer, words[0]);
    return true;
}

static bool line_end(Build *build, char **words)
{
    (void)words;
    if (!build->writer.content_written)
        record_put_content(&build->writer, DEFAULT_CONTENT_LINES);
    record_put(&build->writer, 'E', "");
    build->end_written = true;
    return true;
}

static bool put_hex(GByteArray *bytes, size_t at, const char *hex)
{
    for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2, at++) {
        int high = g_ascii_xdigit_value(hex[0]), low = g_ascii_xdigit_value(hex[1]);

        if (high < 0 || low < 0)
            return false;
        if (at >= bytes->len)
            g_byte_array_set_size(bytes, (guint)at + 1);
        bytes->data[at] = (guint8)(high << 4 | low);
    }
    return true;
}

static bool line_hex(Build *build, char **words)
{
    return put_hex(build->writer.bytes, build->writer.bytes->len, words[0]);
}

/* Lines that only set something are read first, wherever they stand. */
static bool set_duration(const char *text, int64_t *ret_s)
{
    int64_t ms;

    if (!manner_parse_duration_ms(text, &ms))
        return false;
    *ret_s = ms / MS_PER_S;
    return true;
}

static bool set_age(Build *build, char **words)
{
    int64_t age_s;

    if (!set_duration(words[0], &age_s))
        return false;
    build->arrival_s = build->create_s = build->now_s - age_s;
    return true;
}

static bool set_created(Build *build, char **words)
{
    int64_t age_s;

    build->no_create = strcmp(words[0], "never") == 0;
    if (build->no_create)
        return true;
    if (!set_duration(words[0], &age_s))
        return false;
    build->create_s = build->now_s - age_s;
    return true;
}

static bool set_mtime(Build *build, char **words)
{
    int64_t offset_s;

    if (!set_duration(words[0], &offset_s))
        return false;
    build->file->mtime_s = build->now_s + offset_s;
    return true;
}

static bool set_mode(Build *build, char **words)
{
    build->file->mode = (unsigned)strtoul(words[0], NULL, 8);
    return true;
}

static bool set_links(Build *build, char **words)
{
    build->file->link_count = (unsigned)strtoul(words[0], NULL, 10);
    return true;
}

static bool set_count(Build *build, char **words)
{
    build->count = g_ascii_strtoll(words[0], NULL, 10);
    return true;
}

static bool set_flags(Build *build, char **words)
{
    build->flags = g_ascii_strtoll(words[0], NULL, 10);
    return true;
}

static bool set_smtputf8(Build *build, char **words)
{
    build->smtputf8 = g_ascii_strtoll(words[0], NULL, 10);
    return true;
}

static bool set_size(Build *build, char **words)
{
    build->size_text = words[0];
    return true;
}

static bool set_time(Build *build, char **words)
{
    build->time_text = words[0];
    return true;
}

static bool set_option(Build *build, char **words)
{
    const struct {
        const char *name;
        bool *member;
    } options[] = {
        {"old-style", &build->old_style},
        {"no-time",   &build->no_time  },
        {"no-end",    &build->no_end   },
        {"raw",       &build->raw      },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
        if (strcmp(words[0], options[i].name) == 0)
            return *options[i].member = true;
    return false;
}

static bool after_patch(Build *build, char **words)
{
    return words[1] != NULL &&
           put_hex(build->writer.bytes, (size_t)g_ascii_strtoll(words[0], NULL, 10), words[1]);
}

static bool after_cut(Build *build, char **words)
{
    int64_t len = g_ascii_strtoll(words[0], NULL, 10);

    if (len < 0)
        len += build->writer.bytes->len;
    g_byte_array_set_size(build->writer.bytes,
                          (guint)CLAMP(len, 0, (int64_t)build->writer.bytes->len));
    return true;
}

typedef enum Phase { PHASE_SET, PHASE_RECORD, PHASE_AFTER } Phase;

static const struct {
    const char *word;
    bool (*apply)(Build *build, char **words);
    Phase phase;
    bool needs_argument;
} line_kinds[] = {
    {"age",       set_age,        PHASE_SET,    true },
    {"created",   set_created,    PHASE_SET,    true },
    {"mtime",     set_mtime,      PHASE_SET,    true },
    {"mode",      set_mode,       PHASE_SET,    true },
    {"links",     set_links,      PHASE_SET,    true },
    {"count",     set_count,      PHASE_SET,    true },
    {"flags",     set_flags,      PHASE_SET,    true },
    {"smtputf8",  set_smtputf8,   PHASE_SET,    true },
    {"size",      set_size,       PHASE_SET,    true },
    {"time",      set_time,       PHASE_SET,    true },
    {"option",    set_option,     PHASE_SET,    true },
    {"from",      line_from,      PHASE_RECORD, true },
    {"to",        line_to,        PHASE_RECORD, true },
    {"done",      line_done,      PHASE_RECORD, true },
    {"cancelled", line_cancelled, PHASE_RECORD, true },
    {"content",   line_content,   PHASE_RECORD, false},
    {"attr",      line_attr,      PHASE_RECORD, true },
    {"filter",    line_filter,    PHASE_RECORD, true },
    {"inspect",   line_inspect,   PHASE_RECORD, true },
    {"redirect",  line_redirect,  PHASE_RECORD, true },
    {"verp",      line_verp,      PHASE_RECORD, true },
    {"trace",     line_trace,     PHASE_RECORD, true },
    {"warn",      line_warn,      PHASE_RECORD, true },
    {"record",    line_record,    PHASE_RECORD, true },
    {"label",     line_label,     PHASE_RECORD, true },
    {"pointer",   line_pointer,   PHASE_RECORD, true },
    {"end",       line_end,       PHASE_RECORD, false},
    {"hex",       line_hex,       PHASE_RECORD, true },
    {"patch",     after_patch,    PHASE_AFTER,  true },
    {"cut",       after_cut,      PHASE_AFTER,  true },
};

static bool apply_lines(Build *build, const GPtrArray *lines, Phase phase, GError **error)
{
    for (guint i = 0; i < lines->len; i++) {
        char **words = g_ptr_array_index(lines, i);
        size_t kind = 0;

        while (kind < G_N_ELEMENTS(line_kinds) && strcmp(words[0], line_kinds[kind].word) != 0)
            kind++;
        if (kind == G_N_ELEMENTS(line_kinds) ||
            (words[1] == NULL && line_kinds[kind].needs_argument) ||
            (line_kinds[kind].phase == phase && !line_kinds[kind].apply(build, words + 1))) {
            g_set_error(error, LAB_ERROR, 0, "message: bad line: %s", words[0]);
            return false;
        }
    }
    return true;
}

static void put_prolog(Build *build)
{
    g_autofree char *arrival = g_strdup_printf("%" PRId64 " 0", build->arrival_s);
    g_autofree char *created = g_strdup_printf("%" PRId64, build->create_s);

    if (build->raw)
        return;
    if (!build->no_time)
        record_put(&build->writer, 'T', build->time_text != NULL ? build->time_text : arrival);
    if (!build->no_create && !build->old_style)
        record_put_attribute(&build->writer, "create_time", created);
}

static void put_epilog(Build *build)
{
    RecordWriter *writer = &build->writer;

    if (!build->raw && !writer->content_written)
        record_put_content(writer, DEFAULT_CONTENT_LINES);
    if (!build->raw && !build->end_written && !build->no_end)
        record_put(writer, 'E', "");
    if (build->count != NOT_SET)
        writer->recipient_count = build->count;
    if (build->flags != NOT_SET)
        writer->flags = build->flags;
    if (build->smtputf8 != NOT_SET)
        writer->smtputf8 = build->smtputf8;
    record_writer_finish(writer, build->size_text);
}

static bool build_file(Build *build, const GPtrArray *lines, GError **error)
{
    if (!apply_lines(build, lines, PHASE_SET, error))
        return false;
    record_writer_init(&build->writer, build->old_style, build->raw);
    put_prolog(build);
    if (!apply_lines(build, lines, PHASE_RECORD, error))
        return false;
    put_epilog(build);
    return apply_lines(build, lines, PHASE_AFTER, error);
}

bool queue_file_build(const GPtrArray *lines, int64_t now_s, QueueFile *ret_file, GError **error)
{
    QueueFile file = {.mode = DEFAULT_MODE, .mtime_s = now_s, .link_count = 1};
    Build build = {.file = &file,
                   .now_s = now_s,
                   .arrival_s = now_s,
                   .create_s = now_s,
                   .count = NOT_SET,
                   .flags = NOT_SET,
                   .smtputf8 = NOT_SET};
    bool ok = build_file(&build, lines, error);

    if (ok) {
        file.bytes = g_steal_pointer(&build.writer.bytes);
        *ret_file = file;
    }
    record_writer_clear(&build.writer);
    return ok;
}

void queue_file_clear(QueueFile *file)
{
    if (file->bytes != NULL)
        g_byte_array_unref(file->bytes);
    file->bytes = NULL;
}
