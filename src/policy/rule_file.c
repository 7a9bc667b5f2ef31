#include "policy/rule_file.h"

#include <inttypes.h>
#include <string.h>

/* Text of rules: printing, then parsing in the order of the file. */

#define MAGIC       "eqmgr-control"
#define FOREVER     "forever"
#define CONCURRENCY "concurrency"
#define RATE        "rate"

/* ---- printing ---- */

static void put_name(GString *out, const char *name)
{
    for (; *name != '\0'; name++) {
        if (*name > ' ' && *name <= '~' && *name != '%')
            g_string_append_c(out, *name);
        else
            g_string_append_printf(out, "%%%02X", (unsigned)(unsigned char)*name);
    }
}

static void put_rule(GString *out, const Rule *rule)
{
    g_autofree char *amount = rule_amount_text(rule);

    g_string_append_printf(out, "%s %u %s=", rule_kind_str(rule->kind), rule->number,
                           rule_object_str(rule->object));
    put_name(out, rule->object == RULE_ALL ? "*" : rule->name);
    if (amount != NULL)
        g_string_append_printf(out, " %s=%s", rule_measure_str(rule), amount);
    g_string_append_printf(out, " made=%" PRId64, rule->made_s);
    if (rule->end_s == RULE_FOREVER)
        g_string_append(out, " until=" FOREVER);
    else
        g_string_append_printf(out, " until=%" PRId64, rule->end_s);
    g_string_append_printf(out, " uid=%" PRId64 " reason=%s\n", rule->uid, rule->reason);
}

GString *rule_file_format(const Rules *rules)
{
    GString *out = g_string_new(NULL);

    g_string_append_printf(out, MAGIC " %d\nnext %u\n", RULE_FILE_VERSION,
                           rules_next_number(rules));
    for (unsigned i = 0; i < rules_count(rules); i++)
        put_rule(out, rules_at(rules, i));
    for (unsigned i = 0; i < rules_kept_line_count(rules); i++)
        g_string_append_printf(out, "%s\n", rules_kept_line(rules, i));
    g_string_append_printf(out, "end %u\n", 1 + rules_count(rules) + rules_kept_line_count(rules));
    return out;
}

/* ---- parsing ---- */

typedef struct RuleReader {
    Rules *rules;
    RuleFileReport *report;
    unsigned line_number, body_count; /* body: lines between the first and the last */
    bool has_end;
} RuleReader;

static void note_fault(RuleReader *reader, const char *fault)
{
    if (reader->report->fault_count++ == 0)
        reader->report->first_fault = g_strdup_printf("line %u: %s", reader->line_number, fault);
}

static bool read_number(const char *text, int64_t least, int64_t most, int64_t *ret_value)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &value, NULL) ||
        (int64_t)value < least || (int64_t)value > most)
        return false;
    *ret_value = (int64_t)value;
    return true;
}

/* In place. False: a name that we do not write. */
static bool decode_name(char *name)
{
    char *to = name;

    for (const char *from = name; *from != '\0'; from++) {
        if (*from == '%') {
            int high = g_ascii_xdigit_value(from[1]);
            int low = high >= 0 ? g_ascii_xdigit_value(from[2]) : -1;

            if (low < 0 || (high == 0 && low == 0))
                return false;
            *to++ = (char)(high * 16 + low);
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return true;
}

typedef enum ReadStatus { READ_OK, READ_UNKNOWN, READ_FAULT } ReadStatus;

static ReadStatus read_object(char *word, char *value, Rule *rule)
{
    if (!rule_object_parse(word, &rule->object))
        return READ_UNKNOWN;
    if (rule->object == RULE_ALL) {
        rule->name = "";
        return g_str_equal(value, "*") ? READ_OK : READ_FAULT;
    }
    rule->name = value;
    return decode_name(value) ? READ_OK : READ_FAULT;
}

/* Of one thing only. */
static bool read_limit(const char *word, const char *value, Rule *rule)
{
    MeterLimit rate;
    int64_t most;

    if (rule->measure != RULE_NOTHING)
        return false;
    if (g_str_equal(word, CONCURRENCY)) {
        rule->measure = RULE_CONCURRENCY;
        if (!read_number(value, 1, RULE_CONCURRENCY_MAX, &most))
            return false;
        rule->most = (int)most;
        return true;
    }
    rule->measure = RULE_RATE;
    if (meter_limit_parse(value, &rate) != NULL)
        return false;
    rule->most = (int)rate.count;
    rule->period_s = rate.period_s;
    return true;
}

static ReadStatus read_attribute(char *word, char *value, Rule *rule)
{
    bool ok;

    if (g_str_equal(word, "made")) {
        ok = read_number(value, 0, G_MAXINT64, &rule->made_s);
    } else if (g_str_equal(word, "uid")) {
        ok = read_number(value, 0, UINT32_MAX, &rule->uid);
    } else if (g_str_equal(word, "until")) {
        rule->end_s = RULE_FOREVER;
        ok = g_str_equal(value, FOREVER) || read_number(value, 1, G_MAXINT64, &rule->end_s);
    } else if (g_str_equal(word, CONCURRENCY) || g_str_equal(word, RATE)) {
        ok = read_limit(word, value, rule);
    } else {
        return read_object(word, value, rule);
    }
    return ok ? READ_OK : READ_FAULT;
}

/* `at`: what follows the number, changed. What the rule points to is in it. */
static ReadStatus read_attributes(char *at, Rule *rule)
{
    while (*at != '\0') {
        char *word = at, *equals = strchr(at, '='), *space;
        ReadStatus status;

        if (equals == NULL)
            return READ_UNKNOWN;
        *equals = '\0';
        if (g_str_equal(word, "reason")) {
            rule->reason = equals + 1;
            return READ_OK;
        }
        space = strchr(equals + 1, ' ');
        at = space != NULL ? space + 1 : equals + 1 + strlen(equals + 1);
        if (space != NULL)
            *space = '\0';
        status = read_attribute(word, equals + 1, rule);
        if (status != READ_OK)
            return status;
    }
    return READ_OK;
}

static void keep(RuleReader *reader, const char *line)
{
    if (rules_kept_line_count(reader->rules) >= RULES_MAX) {
        note_fault(reader, "there are too many lines");
        return;
    }
    rules_keep_line(reader->rules, line);
    reader->report->unknown_count++;
}

static void add_rule(RuleReader *reader, const Rule *rule)
{
    const char *fault = rule_fault(rule);

    if (fault == NULL && rules_same(reader->rules, rule) != NULL)
        fault = "another rule is for the same object";
    if (fault == NULL && rules_put(reader->rules, rule) == NULL)
        fault = "there are too many rules, or another one has its number";
    if (fault != NULL)
        note_fault(reader, fault);
}

/* words: the kind, the number, all the rest. */
static void read_rule(RuleReader *reader, const char *line, char **words)
{
    Rule rule = {.name = "", .reason = "", .object = RULE_DESTINATION};
    int64_t number;

    if (!rule_kind_parse(words[0], &rule.kind)) {
        keep(reader, line);
        return;
    }
    if (words[1] == NULL || words[2] == NULL ||
        !read_number(words[1], 1, RULE_NUMBER_LAST, &number)) {
        note_fault(reader, "the rule has no number");
        return;
    }
    rule.number = (uint32_t)number;
    switch (read_attributes(words[2], &rule)) {
    case READ_OK:
        add_rule(reader, &rule);
        break;
    case READ_UNKNOWN:
        keep(reader, line);
        break;
    case READ_FAULT:
        note_fault(reader, "an attribute has no value that it can have");
        break;
    }
}

static void read_next(RuleReader *reader, const char *text)
{
    int64_t number;

    if (text == NULL || !read_number(text, 1, RULE_NUMBER_LAST + 1, &number))
        note_fault(reader, "\"next\" without a number");
    else
        rules_raise_next_number(reader->rules, (uint32_t)number);
}

static void read_end(RuleReader *reader, const char *text)
{
    int64_t count;

    reader->has_end = true;
    if (text == NULL || !read_number(text, 0, G_MAXINT64, &count) || count != reader->body_count)
        note_fault(reader, "the last line counts other lines than there are");
}

static void read_line(RuleReader *reader, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 3);

    if (words[0] == NULL) {
        reader->body_count++;
        note_fault(reader, "an empty line");
    } else if (g_str_equal(words[0], "end")) {
        read_end(reader, words[1]);
    } else {
        reader->body_count++;
        if (g_str_equal(words[0], "next"))
            read_next(reader, words[1]);
        else
            read_rule(reader, line, words);
    }
}

static void read_first_line(RuleReader *reader, const char *line)
{
    g_autofree char *expected = g_strdup_printf(MAGIC " %d", RULE_FILE_VERSION);

    if (!g_str_equal(line, expected))
        note_fault(reader, g_str_has_prefix(line, MAGIC " ") ? "the format is of another release"
                                                             : "this is not a file of rules");
}

static bool is_text(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)line[i] < ' ')
            return false;
    return true;
}

/* One line without its newline. */
static void take_line(RuleReader *reader, const char *bytes, size_t length)
{
    g_autofree char *line = NULL;

    reader->line_number++;
    if (reader->has_end) {
        note_fault(reader, "there is something behind the last line");
        return;
    }
    if (!is_text(bytes, length)) {
        reader->body_count += reader->line_number > 1;
        note_fault(reader, "there are control characters in it");
        return;
    }
    line = g_strndup(bytes, length);
    if (reader->line_number == 1)
        read_first_line(reader, line);
    else
        read_line(reader, line);
}

void rule_file_parse(Rules *rules, const char *text, size_t size_bytes, RuleFileReport *ret_report)
{
    RuleReader reader = {.rules = rules, .report = ret_report};
    const char *end = text + size_bytes, *newline;

    *ret_report = (RuleFileReport){0};
    for (; text < end; text = newline + 1) {
        newline = memchr(text, '\n', (size_t)(end - text));
        if (newline == NULL)
            newline = end;
        take_line(&reader, text, (size_t)(newline - text));
    }
    if (!reader.has_end) {
        reader.line_number++;
        note_fault(&reader, "the end of the file is missing");
    }
}
