#include <stdio.h>

#include "tests/simulate/report.h"

/* Points per curve: as many as can be told apart, in a small file. */
#define POINTS_MAX 100

/* A logarithmic axis has no 0. */
#define DELAY_MIN_S 0.001

/* Nothing of what was for dead destinations only. */
static bool has_curve(const Run *run, unsigned class)
{
    return run->tally->mails[class].delays_us->len > 0;
}

/* ---- the numbers ---- */

/* Of all recipients that have arrived: a curve that ends below 1 tells of those not delivered. */
static void put_curve(GString *data, const TallyMail *mail)
{
    const GArray *delays = mail->delays_us;
    guint points = MIN(delays->len, POINTS_MAX);

    for (guint i = 1; i <= points; i++) {
        guint rank = (guint)((uint64_t)delays->len * i / points);
        double delay_s = (double)g_array_index(delays, int64_t, rank - 1) / US_PER_S;

        g_string_append_printf(data, "%.3f %.4f\n", MAX(delay_s, DELAY_MIN_S),
                               (double)rank / (double)mail->recipient_count);
    }
    g_string_append(data, "\n\n");
}

static char *make_data(const Scenario *scenario, const Run *runs, unsigned count)
{
    GString *data =
        g_string_new("# delay in seconds, share of the recipients that had no longer\n");

    for (unsigned i = 0; i < scenario->mail_class_count; i++)
        for (unsigned k = 0; k < count; k++) {
            if (!has_curve(&runs[k], i))
                continue;
            g_string_append_printf(data, "# %s, %s\n", scenario->mails[i].name,
                                   report_strategy_str(runs[k].strategy));
            put_curve(data, &runs[k].tally->mails[i]);
        }
    return g_string_free(data, FALSE);
}

/* ---- the script ---- */

static const char *const colours[] = {"#2f6fb3", "#c4473a", "#2f8f5b", "#8a5bb0",
                                      "#b8860b", "#3aa0a0", "#7a8794", "#d070a0"};

/* Names are letters, digits, '-' and '_': enough to keep gnuplot from reading more into them. */
static void put_curve_style(GString *script, const Scenario *scenario, unsigned class,
                            const Run *run, unsigned index)
{
    g_string_append_printf(
        script,
        "%s '%s.dat' index %u with lines lw 2 lc rgb '%s' dashtype %d title \"%s, %s\" noenhanced",
        index > 0 ? ", \\\n" : "plot", scenario->name, index,
        colours[class % G_N_ELEMENTS(colours)], run->strategy == SCHED_PREEMPTIVE ? 1 : 2,
        scenario->mails[class].name, report_strategy_str(run->strategy));
}

static char *make_script(const Scenario *scenario, const Run *runs, unsigned count)
{
    GString *script = g_string_new(NULL);
    unsigned index = 0;
    g_autofree char *title = g_strdelimit(g_strdup(scenario->title), "\"\\`", ' ');

    g_string_append_printf(script,
                           "set terminal svg size 900,420 font 'sans-serif,13' background 'white'\n"
                           "set output '%s.svg'\n"
                           "set title \"%s\" noenhanced\n"
                           "set xlabel 'delay of a recipient, from the arrival of its message, in "
                           "seconds'\n"
                           "set ylabel 'share of the recipients'\n"
                           "set logscale x\n"
                           "set yrange [0:1]\n"
                           "set grid lc rgb '#dddddd'\n"
                           "set key outside right top\n",
                           scenario->name, title);
    for (unsigned i = 0; i < scenario->mail_class_count; i++)
        for (unsigned k = 0; k < count; k++)
            if (has_curve(&runs[k], i))
                put_curve_style(script, scenario, i, &runs[k], index++);
    g_string_append_c(script, '\n');
    return g_string_free(script, FALSE);
}

/* ---- files ---- */

static bool write_file(const char *folder, const char *name, const char *suffix, const char *text,
                       GError **error)
{
    g_autofree char *file = g_strconcat(name, suffix, NULL);
    g_autofree char *path = g_build_filename(folder, file, NULL);

    return g_file_set_contents(path, text, -1, error);
}

static bool run_gnuplot(const Scenario *scenario, const char *folder, GError **error)
{
    g_autofree char *program = g_find_program_in_path("gnuplot");
    g_autofree char *script = g_strconcat(scenario->name, ".gnuplot", NULL);
    char *arguments[] = {program, script, NULL};
    int status;

    if (program == NULL) {
        (void)fprintf(stderr, "gnuplot is not installed: no plot; its numbers are in %s/%s.dat\n",
                      folder, scenario->name);
        return true;
    }
    if (!g_spawn_sync(folder, arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status,
                      error))
        return false;
    if (status != 0)
        g_set_error(error, G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED, "gnuplot failed at %s", script);
    return status == 0;
}

bool report_plot(const Scenario *scenario, const char *folder, const Run *runs, unsigned count,
                 GError **error)
{
    g_autofree char *data = make_data(scenario, runs, count);
    g_autofree char *script = make_script(scenario, runs, count);

    return write_file(folder, scenario->name, ".dat", data, error) &&
           write_file(folder, scenario->name, ".gnuplot", script, error) &&
           run_gnuplot(scenario, folder, error);
}
