#include "tests/support/life_story.h"

#include <string.h>
#include <sys/stat.h>

#include "src/life/leave_internal.h"
#include "src/life/takeover_internal.h"

#define ROUTES_MAX 8

typedef struct Story {
    char *title;
    char **lines;
} Story;

static GPtrArray *stories; /* of Story */

bool (*story_more_commands)(char **words);

static bool story_is_over;

/* ---- settings ---- */

typedef enum SettingKind { SETTING_INT, SETTING_BOOL, SETTING_TEXT } SettingKind;

typedef struct Setting {
    const char *name;
    SettingKind kind;
    void *at;
} Setting;

#define SETTING(kind, member)                 \
    {                                         \
#member, kind, &world.settings.member \
    }
#define PARAM(member)                              \
    {                                              \
#member, SETTING_INT, &world.params.member \
    }

static const Setting settings[] = {
    SETTING(SETTING_INT, message_active_limit),
    SETTING(SETTING_INT, maximal_queue_lifetime_s),
    SETTING(SETTING_INT, bounce_queue_lifetime_s),
    SETTING(SETTING_INT, maximal_backoff_s),
    SETTING(SETTING_INT, daemon_timeout_s),
    SETTING(SETTING_INT, ipc_timeout_s),
    SETTING(SETTING_INT, probe_limit),
    SETTING(SETTING_BOOL, keep_finished),
    SETTING(SETTING_BOOL, round_robin),
    SETTING(SETTING_BOOL, verbose),
    SETTING(SETTING_BOOL, smtputf8),
    SETTING(SETTING_BOOL, confirm_delay_cleared),
    SETTING(SETTING_BOOL, disable_verp_bounces),
    SETTING(SETTING_BOOL, verify_negative_cache),
    SETTING(SETTING_TEXT, defer_transports),
    SETTING(SETTING_TEXT, default_filter_nexthop),
    SETTING(SETTING_TEXT, fast_flush_domains),
    PARAM(initial_destination_concurrency),
    PARAM(destination_recipient_limit),
    PARAM(destination_rate_delay_s),
    PARAM(transport_rate_delay_s),
    PARAM(recipient_limit),
    PARAM(refill_limit),
    PARAM(extra_recipient_limit),
    {"message_recipient_limit",   SETTING_INT,  &world.sched_settings.message_recipient_limit  },
    {"message_recipient_minimum", SETTING_INT,  &world.sched_settings.message_recipient_minimum},
    {"feedback_debug",            SETTING_BOOL, &world.sched_settings.feedback_debug           },
    {"transport_retry_s",         SETTING_INT,  &world.sched_settings.transport_retry_s        },
};

void story_set(const char *name, const char *value)
{
    const Setting *setting = settings;

    while (setting < settings + G_N_ELEMENTS(settings) && !g_str_equal(setting->name, name))
        setting++;
    ck_assert_msg(setting < settings + G_N_ELEMENTS(settings), "no setting %s", name);
    if (setting->kind == SETTING_INT)
        *(int *)setting->at = (int)g_ascii_strtoll(value, NULL, 10);
    else if (setting->kind == SETTING_BOOL)
        *(bool *)setting->at = g_str_equal(value, "yes");
    else
        *(const char **)setting->at = g_intern_string(value);
    if (world.settings.round_robin)
        world.sched_settings.strategy = SCHED_ROUND_ROBIN;
    world.spool_settings.round_robin = world.settings.round_robin;
}

/* ---- commands ---- */

static Route story_routes[ROUTES_MAX + 1];

static const char *text_or_empty(const char *word)
{
    return g_str_equal(word, "-") ? "" : g_intern_string(word);
}

static void do_route(char **words)
{
    int count = 0;

    while (story_routes[count].address != NULL)
        count++;
    ck_assert_int_lt(count, ROUTES_MAX);
    story_routes[count] =
        (Route){text_or_empty(words[1]), text_or_empty(words[2]), text_or_empty(words[3]),
                text_or_empty(words[4]), (int32_t)g_ascii_strtoll(words[5], NULL, 10)};
    service_routes = story_routes;
}

/* The reason is the rest of the line. */
static void do_service(char **words, guint count)
{
    Service *service = world_find(words[1]);

    ck_assert_msg(service != NULL, "no service %s", words[1]);
    service->manner = g_intern_string(words[2]);
    if (count > 3)
        service->status = (int32_t)g_ascii_strtoll(words[3], NULL, 10);
    service->dsn = count > 4 ? g_intern_string(words[4]) : "";
    service->reason = "";
    if (count > 5) {
        g_autofree char *reason = g_strjoinv(" ", words + 5);

        service->reason = g_intern_string(reason);
    }
}

static void mail_set(Mail *mail, const char *key, const char *value)
{
    const struct {
        const char *key;
        const char **at;
    } texts[] = {
        {"id",      &mail->id         },
        {"queue",   &mail->queue      },
        {"sender",  &mail->sender     },
        {"to",      &mail->recipients },
        {"records", &mail->records    },
        {"each",    &mail->before_each},
        {"flags",   &mail->size_flags },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (g_str_equal(texts[i].key, key))
            *texts[i].at = g_intern_string(value);
    if (g_str_equal(key, "age"))
        mail->age_s = (int)g_ascii_strtoll(value, NULL, 10);
    else if (g_str_equal(key, "due"))
        mail->due_in_s = (int)g_ascii_strtoll(value, NULL, 10);
    else if (g_str_equal(key, "silent"))
        mail->silent_count = (int)g_ascii_strtoll(value, NULL, 10);
    else if (g_str_equal(key, "cut"))
        mail->cut_bytes = (guint)g_ascii_strtoull(value, NULL, 10);
    else if (g_str_equal(key, "mode"))
        mail->mode = (mode_t)g_ascii_strtoull(value, NULL, 8);
}

static void do_mail(char **words)
{
    Mail mail = {0};

    for (char **word = words + 1; *word != NULL; word++) {
        char *value = strchr(*word, '=');

        ck_assert_msg(value != NULL, "mail %s", *word);
        *value++ = '\0';
        g_strdelimit(value, "%", ' ');
        if (g_str_equal(*word, "to"))
            g_strdelimit(value, ",", ' ');
        mail_set(&mail, *word, value);
    }
    world_mail(&mail);
}

static void do_trigger(const char *bytes)
{
    life_trigger(world.life, bytes, strlen(bytes));
}

void do_retry(void)
{
    event_active(world.life->leaving->stuck_timer, EV_TIMEOUT, 0);
    if (evtimer_pending(world.life->takeover->timer, NULL))
        event_active(world.life->takeover->timer, EV_TIMEOUT, 0);
    world_turn();
}

static void do_services(char **words)
{
    bool present = g_str_equal(words[0], "with");

    for (char **name = words + 1; *name != NULL; name++) {
        if (present)
            (void)world_agent(g_intern_string(*name));
        else
            world_remove_service(*name);
    }
}

static void do_file(char **words, guint count)
{
    if (g_str_equal(words[0], "file"))
        world_file(words[1], count > 2 ? words[2] : "");
    else if (g_str_equal(words[0], "directory"))
        ck_assert_int_eq(mkdir(words[1], 0700), 0);
    else if (g_str_equal(words[0], "chmod"))
        ck_assert_int_eq(chmod(words[1], (mode_t)g_ascii_strtoull(words[2], NULL, 8)), 0);
    else
        ck_assert_int_eq(remove(words[1]), 0);
}

/* A line that may need the daemon: it is started if need be. */
static bool do_running(const char *line, char **words)
{
    bool is_running = g_str_equal(words[0], "run") || g_str_equal(words[0], "until") ||
                      g_str_equal(words[0], "trigger") || g_str_equal(words[0], "retry");

    if (is_running && world.life == NULL)
        world_start();
    if (g_str_equal(words[0], "run"))
        world_run();
    else if (g_str_equal(words[0], "until"))
        world_run_until(line + strlen("until "));
    else if (g_str_equal(words[0], "trigger"))
        do_trigger(words[1]);
    else if (g_str_equal(words[0], "retry"))
        do_retry();
    return is_running;
}

static void do_line(const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    guint count = g_strv_length(words);
    const char *verb = words[0];

    if (do_running(line, words))
        return;
    if (g_str_equal(verb, "set"))
        story_set(words[1], line + strlen("set ") + strlen(words[1]) + 1);
    else if (g_str_equal(verb, "service"))
        do_service(words, count);
    else if (g_str_equal(verb, "effect"))
        world_find(words[1])->effect = find_deed(words[2]);
    else if (g_str_equal(verb, "returns"))
        world_find("defer")->returns_max = (int)g_ascii_strtoll(words[1], NULL, 10);
    else if (g_str_equal(verb, "without") || g_str_equal(verb, "with"))
        do_services(words);
    else if (g_str_equal(verb, "route"))
        do_route(words);
    else if (g_str_equal(verb, "mail"))
        do_mail(words);
    else if (g_str_equal(verb, "file") || g_str_equal(verb, "directory") ||
             g_str_equal(verb, "chmod") || g_str_equal(verb, "remove"))
        do_file(words, count);
    else if (g_str_equal(verb, "forget"))
        world_forget();
    else if (g_str_equal(verb, "die"))
        world_close();
    else if (g_str_equal(verb, "end"))
        story_is_over = true;
    else if (story_more_commands == NULL || !story_more_commands(words))
        ck_abort_msg("what is \"%s\"?", line);
}

/* ---- telling ---- */

/* The lines that begin with `mark`, without it. */
static char *story_lines(const Story *story, char mark)
{
    GString *text = g_string_new(NULL);

    for (char **line = story->lines; *line != NULL; line++)
        if (**line == mark)
            g_string_append_printf(text, "%s\n", *line + 2);
    return g_string_free(text, FALSE);
}

static void expect_text(const Story *story, const char *what, const char *got, const char *wanted)
{
    ck_assert_msg(g_str_equal(got, wanted), "%s\n%s:\n%s\ninstead of:\n%s", story->title, what, got,
                  wanted);
}

static void expect_story(const Story *story)
{
    g_autofree char *in_order = story_lines(story, '>'), *any_order = story_lines(story, '~');
    g_autofree char *unsorted = world_places(), *unsorted_wanted = story_lines(story, '=');
    g_autofree char *places = sorted_lines(unsorted),
                    *wanted_places = sorted_lines(unsorted_wanted);

    if (*any_order != '\0') {
        g_autofree char *got = sorted_lines(world.told->str), *wanted = sorted_lines(any_order);

        expect_text(story, "told", got, wanted);
    } else {
        expect_text(story, "told", world.told->str, in_order);
    }
    expect_text(story, "files", places, wanted_places);
}

static void story_tell(const Story *story)
{
    memset(story_routes, 0, sizeof(story_routes));
    story_is_over = false;
    for (char **line = story->lines; *line != NULL; line++) {
        if (**line == '\0' || strchr("#>~=", **line) != NULL)
            continue;
        do_line(*line);
        if (world.life != NULL)
            life_check(world.life);
    }
    if (world.life == NULL)
        world_start();
    if (!story_is_over)
        world_run();
    expect_story(story);
}

/* ---- files of stories ---- */

static void story_free(gpointer data)
{
    Story *story = data;

    g_free(story->title);
    g_strfreev(story->lines);
    g_free(story);
}

/* Runs before any test, since tests leave the directory. */
static void stories_load(const char *name)
{
    g_autofree char *path = g_strdup_printf("tests/data/life/%s.stories", name), *text = NULL;
    g_auto(GStrv) sections = NULL;
    bool loaded = g_file_get_contents(path, &text, NULL, NULL);

    g_assert(loaded);
    stories = g_ptr_array_new_with_free_func(story_free);
    sections = g_strsplit(text, "\n[", -1); /* the first one is a comment */
    for (char **section = sections + 1; *section != NULL; section++) {
        Story *story = g_new(Story, 1);
        char *end = strstr(*section, "]\n");

        g_assert(end != NULL);
        story->title = g_strndup(*section, (gsize)(end - *section));
        story->lines = g_strsplit(end + 2, "\n", -1);
        g_ptr_array_add(stories, story);
    }
}

START_TEST(story_comes_true)
{
    story_tell(g_ptr_array_index(stories, (guint)_i));
}
END_TEST

TCase *stories_tcase(const char *name)
{
    TCase *tcase = world_tcase(name);

    stories_load(name);
    tcase_add_loop_test(tcase, story_comes_true, 0, (int)stories->len);
    return tcase;
}
