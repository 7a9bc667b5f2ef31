#include <string.h>

#include "src/ctl/web/html_internal.h"
#include "tests/support/runner.h"

static const struct {
    const char *text, *shown;
} texts[] = {
    {"plain",                     "plain"                                },
    {"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
    {"\" onclick=\"x",            "&quot; onclick=&quot;x"               },
    {"' & &amp;",                 "&#39; &amp; &amp;amp;"                },
    {"\x1b[31mred\x07",           "?[31mred?"                            },
    {"a\r\nb\tc",                 "a??b?c"                               },
    {"\xff\xfe<\xc3",             "??&lt;?"                              },
    {"\xc3\xa9\xe2\x82\xac",      "\xc3\xa9\xe2\x82\xac"                 },
    {"\xe2\x80\xae"
     "evil",                 "?evil"                                }, /* right to left */
    {"%s%n%d",                    "%s%n%d"                               },
    {"",                          ""                                     },
};

START_TEST(values_never_become_markup)
{
    g_autofree char *element = NULL, *wanted = g_strconcat("<p title=\"", texts[_i].shown, "\">",
                                                           texts[_i].shown, "</p>", NULL);
    Html html;

    html_init(&html);
    html_put(&html, "<p title=\"%s\">%s</p>", texts[_i].text, texts[_i].text);
    element = html_take(&html);
    ck_assert_str_eq(element, wanted);
}
END_TEST

START_TEST(numbers_and_percent_signs_are_written)
{
    g_autofree char *element = NULL;
    Html html;

    html_init(&html);
    html_put(&html, "width:%d%%", 41);
    element = html_take(&html);
    ck_assert_str_eq(element, "width:41%");
}
END_TEST

START_TEST(links_hold_any_name)
{
    g_autofree char *link = NULL;
    Html html;

    html_init(&html);
    html_put_segment(&html, "[::1]:25/../\"><x y=%41&z");
    link = html_take(&html);
    ck_assert_str_eq(link, "%5B%3A%3A1%5D%3A25%2F..%2F%22%3E%3Cx%20y%3D%2541%26z");
}
END_TEST

START_TEST(a_writer_can_be_cleared_unused)
{
    Html html = {NULL};

    html_clear(&html);
    html_init(&html);
    html_clear(&html);
    ck_assert_ptr_null(html.out);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("html");

    tcase_add_loop_test(tcase, values_never_become_markup, 0, G_N_ELEMENTS(texts));
    tcase_add_test(tcase, numbers_and_percent_signs_are_written);
    tcase_add_test(tcase, links_hold_any_name);
    tcase_add_test(tcase, a_writer_can_be_cleared_unused);
    return run_suite("ctl/web/html", tcase, NULL);
}
