/*
 * main.cf, eqmgr.cf and -o as a whole. The input is main.cf; behind a line "=== eqmgr.cf" it is
 * that, behind "=== -o" each line is an override, "=== oqmgr" makes it the other program.
 */

#include <stdlib.h>
#include <string.h>
#include <utime.h>

#include <glib/gstdio.h>

#include "config/settings.h"

#define LONG_AGO_S 3600 /* nobody waits for a file to cool down that is so old */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *directory;

static void remove_directory(void)
{
    const char *const names[] = {"main.cf", "eqmgr.cf"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(directory, names[i], NULL);

        (void)g_unlink(path);
    }
    (void)g_rmdir(directory);
    g_free(directory);
}

static void make_directory(void)
{
    if (directory != NULL)
        return;
    directory = g_dir_make_tmp("eqmgr-fuzz-XXXXXX", NULL);
    g_assert(directory != NULL);
    (void)atexit(remove_directory);
}

/* NULL: there is no such file. */
static void put_file(const char *name, const char *text, size_t size)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    time_t then = time(NULL) - LONG_AGO_S;

    (void)g_unlink(path);
    if (text == NULL)
        return;
    g_assert(g_file_set_contents(path, text, (gssize)size, NULL));
    g_assert(utime(path, &(struct utimbuf){.actime = then, .modtime = then}) == 0);
}

typedef struct Part {
    const char *text; /* NULL: there is none */
    size_t size;
} Part;

/* The part behind `mark`, which ends where the next one begins. */
static Part find_part(const GString *input, const char *mark)
{
    const char *at = mark != NULL ? memmem(input->str, input->len, mark, strlen(mark)) : input->str;
    const char *end;
    Part part = {NULL, 0};

    if (at == NULL)
        return part;
    part.text = at + (mark != NULL ? strlen(mark) : 0);
    part.size = (size_t)(input->str + input->len - part.text);
    end = memmem(part.text, part.size, "=== ", 4);
    if (end != NULL)
        part.size = (size_t)(end - part.text);
    return part;
}

static void check_transports(const Settings *settings)
{
    static const char *const names[] = {"smtp", "local", "a", "x-y", ""};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) error = NULL;
        TransportSettings transport;

        if (!settings_transport(settings, names[i], &transport, &error)) {
            g_assert(error != NULL);
            continue;
        }
        g_assert(transport.positive_feedback != NULL && transport.negative_feedback != NULL);
        transport_settings_clear(&transport);
    }
    g_assert(settings_transport_warnings(settings) != NULL);
}

static void check_values(const SettingsValues *values)
{
    g_assert(values->queue_directory != NULL && values->myhostname != NULL);
    g_assert(values->qmgr_message_active_limit >= 1 && values->hash_queue_depth >= 0);
    g_assert(values->bounce_queue_lifetime_s <= values->maximal_queue_lifetime_s);
    g_assert(values->qmgr_message_recipient_limit >= values->qmgr_message_active_limit);
}

static char **split_overrides(Part part)
{
    g_autofree char *text = part.text != NULL ? g_strndup(part.text, part.size) : g_strdup("");

    return g_strsplit(g_strstrip(text), "\n", -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GString) input = g_string_new_len((const char *)data, (gssize)size);
    Part main_cf = find_part(input, NULL), eqmgr_cf = find_part(input, "=== eqmgr.cf\n");
    g_auto(GStrv) overrides = split_overrides(find_part(input, "=== -o\n"));
    bool is_other = memmem(data, size, "=== oqmgr", 9) != NULL;
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    Settings *settings;

    make_directory();
    put_file("main.cf", main_cf.text, main_cf.size);
    put_file("eqmgr.cf", eqmgr_cf.text, eqmgr_cf.size);
    settings = settings_load(&(SettingsSource){.config_directory = directory,
                                               .process_name = is_other ? "oqmgr" : "qmgr",
                                               .service_name = "qmgr",
                                               .overrides = (const char *const *)overrides,
                                               .start_directory = "/start",
                                               .daemon_directory = "/nowhere",
                                               .round_robin = is_other},
                             warnings, &error);
    g_assert((settings == NULL) == (error != NULL));
    if (settings != NULL) {
        check_values(settings_values(settings));
        check_transports(settings);
    }
    settings_free(settings);
    return 0;
}
