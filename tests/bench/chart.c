#include "tests/bench/chart.h"

#include <math.h>

#include <glib.h>

#define WIDTH       960
#define LABEL_WIDTH 330
#define PLOT_WIDTH  520
#define ROW_HEIGHT  22
#define BAR_HEIGHT  14
#define TOP         64
#define BOTTOM      44
#define DECADE_MIN  (-3) /* the axis goes from 0.001 ... */
#define DECADE_MAX  2    /* ... to 100 */

#define COLOUR_MET    "#2f8f5b"
#define COLOUR_MISSED "#c4473a"
#define COLOUR_PLAIN  "#7a8794"

static double x_of(double ratio)
{
    double decades = CLAMP(log10(ratio), DECADE_MIN, DECADE_MAX) - DECADE_MIN;

    return LABEL_WIDTH + PLOT_WIDTH * decades / (DECADE_MAX - DECADE_MIN);
}

static void put_text(GString *svg, double x, double y, const char *anchor, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);

    g_string_append_printf(svg, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y,
                           anchor, escaped);
}

static void put_line(GString *svg, double x, double y1, double y2, const char *style)
{
    g_string_append_printf(svg, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" %s/>\n", x,
                           x, y1, y2, style);
}

static void put_axis(GString *svg, double bottom)
{
    for (int decade = DECADE_MIN; decade <= DECADE_MAX; decade++) {
        double ratio = pow(10, decade), x = x_of(ratio);
        g_autofree char *text = g_strdup_printf("%g", ratio);

        put_line(svg, x, TOP, bottom,
                 decade == 0 ? "stroke=\"#333\" stroke-width=\"1.5\"" : "stroke=\"#ddd\"");
        put_text(svg, x, bottom + 16, "middle", text);
    }
    put_text(svg, x_of(1), TOP - 8, "middle", "as stock");
    put_text(svg, LABEL_WIDTH + PLOT_WIDTH / 2.0, bottom + 34, "middle",
             "eqmgr : stock, logarithmic; the black mark is the target");
}

static void put_bar(GString *svg, const ChartBar *bar, double y)
{
    double from = MIN(x_of(bar->ratio), x_of(1)), to = MAX(x_of(bar->ratio), x_of(1));
    const char *colour = bar->target <= 0 ? COLOUR_PLAIN : bar->met ? COLOUR_MET : COLOUR_MISSED;
    g_autofree char *value = g_strdup_printf("%.3g", bar->ratio);

    put_text(svg, LABEL_WIDTH - 8, y + BAR_HEIGHT - 3, "end", bar->label);
    g_string_append_printf(svg,
                           "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" "
                           "fill=\"%s\"/>\n",
                           from, y, MAX(to - from, 1), BAR_HEIGHT, colour);
    if (bar->target > 0)
        put_line(svg, x_of(bar->target), y - 3, y + BAR_HEIGHT + 3,
                 "stroke=\"#000\" stroke-width=\"2.5\"");
    put_text(svg, LABEL_WIDTH + PLOT_WIDTH + 12, y + BAR_HEIGHT - 3, "start", value);
}

bool chart_write(const char *path, const char *title, const ChartBar *bars, size_t count)
{
    double bottom = TOP + (double)count * ROW_HEIGHT;
    g_autoptr(GString) svg = g_string_new(NULL);

    g_string_append_printf(svg,
                           "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
                           "height=\"%.0f\" font-family=\"sans-serif\" font-size=\"12\">\n"
                           "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
                           WIDTH, bottom + BOTTOM);
    put_text(svg, WIDTH / 2.0, 24, "middle", title);
    put_axis(svg, bottom);
    for (size_t i = 0; i < count; i++)
        put_bar(svg, &bars[i], TOP + (double)i * ROW_HEIGHT + (ROW_HEIGHT - BAR_HEIGHT) / 2.0);
    g_string_append(svg, "</svg>\n");
    return g_file_set_contents(path, svg->str, (gssize)svg->len, NULL);
}
