#include <string.h>

#include "src/config/expand_internal.h"
#include "tests/support/runner.h"

#define MACRO_ERROR "fatal: dictionary mail_dict: macro processing error\n"
#define NO_OPERATOR \
    "warning: \"==\" or \"!=\"\" or \"<\"\" or \"<=\"\" or \">=\"\" or \">\" expected at: \"..."
#define CHAIN_LIMIT 100

static GPtrArray *warnings;
static Lexicon lexicon;

static void make_lexicon(void)
{
    warnings = g_ptr_array_new_with_free_func(g_free);
    lexicon_init(&lexicon, warnings);
    lexicon_set(&lexicon, "abc", "yes");
    lexicon_set(&lexicon, "empty", "");
    lexicon_set(&lexicon, "x", "${}");
    lexicon_set(&lexicon, "y", "${e-}");
    lexicon_set(&lexicon, "loop", "a$loop");
    lexicon_set(&lexicon, "e1", "$e2");
    lexicon_set(&lexicon, "e2", "$empty");
}

static void free_lexicon(void)
{
    lexicon_clear(&lexicon);
    g_clear_pointer(&warnings, g_ptr_array_unref);
}

/* The result, or what a queue manager would log. */
static char *expand(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *result = expand_text(&lexicon, text, &error);
    g_autoptr(GString) said = g_string_new(result);

    ck_assert((result == NULL) == (error != NULL));
    for (guint i = 0; i < warnings->len; i++)
        g_string_append_printf(said, "warning: %s\n", (char *)warnings->pdata[i]);
    if (error != NULL)
        g_string_append_printf(said, "fatal: %s\n", error->message);
    return g_string_free(g_steal_pointer(&said), FALSE);
}

/* Every row was answered by the real qmgr 3.7.11. */
static const struct {
    const char *text, *want;
} results[] = {
    {"R[plain]",                             "R[plain]" },
    {"R[$abc]",                              "R[yes]"   },
    {"R[$abc-d]",                            "R[yes-d]" },
    {"R[${abc}]",                            "R[yes]"   },
    {"R[$(abc)]",                            "R[yes]"   },
    {"R[${ abc }]",                          "R[yes]"   },
    {"R[$$abc]",                             "R[$abc]"  },
    {"R[$$$abc]",                            "R[$yes]"  },
    {"R[a$$b$$$c]",                          "R[a$b$]"  },
    {"R[$nothing|${nothing}|$_]",            "R[||]"    },
    {"R[${ }]",                              "R[]"      },
    {"R[${e1?x}]",                           "R[x]"     },
    {"R[${abc?yes:no}]",                     "R[yes:no]"},
    {"R[${abc? t }]",                        "R[ t ]"   },
    {"R[${empty:f}}]",                       "R[f}]"    },
    {"R[${abc?a:b?c}]",                      "R[a:b?c]" },
    {"R[$(abc?(t))]",                        "R[(t)]"   },
    {"R[${abc?{t}:{f}}]",                    "R[t]"     },
    {"R[${empty?{t}:{f}}]",                  "R[f]"     },
    {"R[${ abc ? {t} : { f } }]",            "R[t]"     },
    {"R[${empty ? {t} : { f } }]",           "R[ f ]"   },
    {"R[${abc?{t}:f}]",                      "R[t]"     },
    {"R[${empty?{t}: f }]",                  "R[ f ]"   },
    {"R[${empty?{t}:}]",                     "R[]"      },
    {"R[${abc:{f}}]",                        "R[]"      },
    {"R[${empty:{f}}]",                      "R[f]"     },
    {"R[${abc?{${abc?{in}}}}]",              "R[in]"    },
    {"R[${:x}]",                             "R[x]"     },
    {"R[${abc?$$}]",                         "R[$]"     },
    {"R[${nothing?{$}:{fine}}]",             "R[fine]"  },
    {"R[${nothing?$}]",                      "R[]"      },
    {"R[${{1}<{2}}]",                        "R[true]"  },
    {"R[x${{10} < {9}}y]",                   "R[xy]"    },
    {"R[${{a10} < {a9}}]",                   "R[true]"  },
    {"R[${{3.10} < {3.9}}]",                 "R[true]"  },
    {"R[${{ 1} < {2}}]",                     "R[true]"  },
    {"R[${{} == {}}]",                       "R[true]"  },
    {"R[${{b} >= {a}}]",                     "R[true]"  },
    {"R[${{a} != {a}}]",                     "R[]"      },
    {"R[${{$abc} == {yes}?{same}:{other}}]", "R[same]"  },
    {"R[${{a} == {b} ? t:u}]",               "R[]"      },
    {"R[${{a} == {b}:f}]",                   "R[f]"     },
    {"R[${{{a}} == {{a}}?{y}}]",             "R[y]"     },
    {"R[${{3.10} >level {3.9}}]",            "R[true]"  },
    {"R[${{3.9} ==level {3.9.0}}]",          "R[true]"  },
    {"R[${{ +3.-0} <=level {3}}]",           "R[true]"  },
    {"R[${{1} <level{2}}]",                  "R[true]"  },
    {"R[${{9223372036854775807} > {2}}]",    "R[true]"  },
};

START_TEST(text_expands_as_in_stock)
{
    g_autofree char *got = expand(results[_i].text);

    ck_assert_str_eq(got, results[_i].want);
}
END_TEST

static const struct {
    const char *text, *want; /* MACRO_ERROR comes last if there is no other fatal text */
} errors[] = {
    {"R[${{9223372036854775808} > {2}}]",
     "fatal: mac_exp_eval: bad conversion: 9223372036854775808\n"                                                            },
    {"R[${abc)]",                                "warning: truncated macro reference: \"R[${abc)]\"\n"                       },
    {"R[$(abc}]",                                "warning: truncated macro reference: \"R[$(abc}]\"\n"                       },
    {"R[${abc?{t}]",                             "warning: truncated macro reference: \"R[${abc?{t}]\"\n"                    },
    {"R[$]",                                     "warning: empty macro name: \"R[$]\"\n"                                     },
    {"R[$-]",                                    "warning: empty macro name: \"R[$-]\"\n"                                    },
    {"R[${}]",                                   "warning: empty macro name: \"R[${}]\"\n"                                   },
    {"R[$()]",                                   "warning: empty macro name: \"R[$()]\"\n"                                   },
    {"R[${-}]",                                  "warning: attribute name syntax error at: \"...>>>-\"\n"                    },
    {"R[${ abc -}]",                             "warning: attribute name syntax error at: \"... abc>>> -\"\n"               },
    {"R[${abc def}]",                            "warning: attribute name syntax error at: \"...abc>>> def\"\n"              },
    {"R[${$abc}]",                               "warning: attribute name syntax error at: \"...>>>$abc\"\n"                 },
    {"R[${abc{t}}]",                             "warning: attribute name syntax error at: \"...abc>>>{t}\"\n"               },
    {"R[${ab.c012345678901234567890123456789}]",
     "warning: attribute name syntax error at: \"...ab>>>.c012345678901234567\"\n"                                           },
    {"R[${abc?{t}x}]",                           "warning: \":\" expected at: \"...t}>>>x\"\n"                               },
    {"R[${abc?{t}:{f}x}]",                       "warning: unexpected input at: \"...f}>>>x\"\n"                             },
    {"R[${abc:{f}:{t}}]",                        "warning: unexpected input at: \"...f}>>>:{t}\"\n"                          },
    {"R[${abc?{$abc}   x}]",                     "warning: \":\" expected at: \"...$abc}>>>x\"\n"                            },
    {"R[${{a} == {a}!{eq}}]",                    "warning: \"?\" or \":\" expected at: \"...}>>>!{eq}\"\n"                   },
    {"R[${{a} == 1?{t}}]",                       "warning: \"{expression}\" expected at: \"...{a} ==>>> 1?{t}\"\n"           },
    {"R[${{$abc}   <level   x}]",
     "warning: \"{expression}\" expected at: \"...{$abc} <>>>   x\"\n"                                                       },
    {"R[${{a} <> {a}}]",                         NO_OPERATOR "a}>>><> {a}\"\n"                                               },
    {"R[${{a} ===   {a}}]",                      NO_OPERATOR "a}>>>===   {a}\"\n"                                            },
    {"R[${{a}}]",                                NO_OPERATOR "a}>>>\"\n"                                                     },
    {"R[${{a} ==:{a}}]",                         "warning: \"{expression}\" expected at: \"...{a} ==>>>:{a}\"\n"             },
    {"R[${{a} ==foo {b}}]",                      "warning: bad operator suffix at: \"...==>>>foo\"\n"                        },
    {"R[${{a} == level {b}}]",
     "warning: \"{expression}\" expected at: \"...{a} ==>>> level {b}\"\n"                                                   },
    {"R[$(abc?{t)]",                             "warning: unbalanced {} in attribute expression: \"{t\"\n"                  },
    {"R[$({a)]",                                 "warning: unbalanced {} in attribute expression: \"{a\"\n"                  },
    {"R[${{x} <level {y}}]",                     "warning: malformed compatibility level syntax: \"x\"\n"                    },
    {"R[${{3.1024} <level {3}}]",                "warning: malformed compatibility level syntax: \"3.1024\"\n"               },
    {"R[${{3.1.1.1} <level {3}}]",               "warning: malformed compatibility level syntax: \"3.1.1.1\"\n"              },
    {"R[${{99999999999999999999} <level {3}}]",
     "warning: malformed compatibility level syntax: \"99999999999999999999\"\n"                                             },
    {"R[$loop]",                                 "warning: unreasonable macro call nesting: \"a\"\n"
                 "warning: unreasonable macro call nesting: \"loop\"\n"                                      },
    {"R[$x$y]",                                  "warning: empty macro name: \"${}\"\n"                                      },
    {"R[$x${]",                                  "warning: empty macro name: \"${}\"\n"
                "warning: truncated macro reference: \"R[$x${]\"\n"                                           },
    {"R[$x$abc${]",                              "warning: empty macro name: \"${}\"\n"
                    "warning: truncated macro reference: \"R[$x$abc${]\"\n"                               },
    {"R[$x${abc}${]",                            "warning: empty macro name: \"${}\"\n"                                      },
    {"R[$x$-]",                                  "warning: empty macro name: \"${}\"\n"
                "warning: empty macro name: \"R[$x$-]\"\n"                                                    },
    {"R[${abc?{$x}junk}]",                       "warning: empty macro name: \"${}\"\n"
                           "warning: \":\" expected at: \"...$x}>>>junk\"\n"                       },
    {"R[${empty?{$x}junk}]",                     "warning: \":\" expected at: \"...$x}>>>junk\"\n"                           },
    {"R[${abc?{$x}:{f}junk}]",                   "warning: empty macro name: \"${}\"\n"
                               "warning: unexpected input at: \"...f}>>>junk\"\n"              },
    {"R[${{$x$y} == {$x}}]",                     "warning: empty macro name: \"${}\"\n"
                             "warning: empty macro name: \"${}\"\n"                              },
    {"R[${{3.x$x} <level {$x}}]",                "warning: empty macro name: \"${}\"\n"
                                  "warning: empty macro name: \"${}\"\n"
                                  "warning: malformed compatibility level syntax: \"3.x\"\n"},
    {"R[${{a$-} == {b} x}]",                     "warning: empty macro name: \"a$-\"\n"                                      },
};

START_TEST(errors_are_described_as_in_stock)
{
    g_autofree char *got = expand(errors[_i].text);
    const char *fatal = strstr(errors[_i].want, "fatal: ") != NULL ? "" : MACRO_ERROR;
    g_autofree char *want = g_strconcat(errors[_i].want, fatal, NULL);

    ck_assert_str_eq(got, want);
}
END_TEST

/* `name`0 -> `name`1 -> ... with `length` references in all. */
static void set_chain(const char *name, int length)
{
    for (int i = 0; i <= length; i++) {
        g_autofree char *from = g_strdup_printf("%s%d", name, i);
        g_autofree char *to = g_strdup_printf("$%s%d", name, i + 1);

        lexicon_set(&lexicon, from, i < length ? to : "V");
    }
}

START_TEST(a_chain_of_100_names_is_the_longest)
{
    g_autofree char *good = NULL;
    g_autofree char *bad = NULL;

    set_chain("c", CHAIN_LIMIT);
    good = expand("$c1");
    ck_assert_str_eq(good, "V");
    bad = expand("$c0");
    ck_assert_str_eq(bad, "warning: unreasonable macro call nesting: \"V\"\n" MACRO_ERROR);
}
END_TEST

START_TEST(comparisons_begin_at_depth_0)
{
    g_autofree char *got = NULL;

    set_chain("c", CHAIN_LIMIT);
    lexicon_set(&lexicon, "d50", "${{$c1} == {V} ? {x}}");
    for (int i = 1; i < 50; i++) {
        g_autofree char *from = g_strdup_printf("d%d", i);
        g_autofree char *to = g_strdup_printf("$d%d", i + 1);

        lexicon_set(&lexicon, from, to);
    }
    got = expand("$d1");
    ck_assert_str_eq(got, "x");
}
END_TEST

/* Each row is an answer of the real qmgr 3.11.7, with R and the text as hash_queue_depth. */
static const struct {
    const char *text, *want;
} calls[] = {
    {"${domain_to_ascii{b\u00f6x.test}}",                                     "xn--bx-fka.test"                                                         },
    {"${domain_to_ascii{$uni}}x",                                             "xn--bx-fka.testx"                                                        },
    {"${domain_to_ascii {$uni}}",                                             "xn--bx-fka.test"                                                         },
    {"${ domain_to_ascii{$uni} }",                                            "xn--bx-fka.test"                                                         },
    {"$(domain_to_ascii{$uni})",                                              "xn--bx-fka.test"                                                         },
    {"${domain_to_ascii{\t$uni\n}}",                                          "xn--bx-fka.test"                                                         },
    {"${domain_to_ascii{B\u00d6X.TEST}}",                                     "xn--bx-fka.test"                                                         },
    {"${domain_to_ascii{Example.COM}}",                                       "Example.COM"                                                             },
    {"${domain_to_ascii{ a.b }}",                                             "a.b"                                                                     },
    {"${domain_to_ascii{a..b}}",                                              "a..b"                                                                    },
    {"${domain_to_ascii{.a.test}}",                                           ".a.test"                                                                 },
    {"${domain_to_ascii{[1.2.3.4]}}",                                         "[1.2.3.4]"                                                               },
    {"${domain_to_ascii{xn--zzzzzzzz.test}}",                                 "xn--zzzzzzzz.test"                                                       },
    {"${domain_to_ascii{_x.\u00f6.test}}",                                    "_x.xn--nda.test"                                                         },
    {"${domain_to_ascii{\u00f6\u3002test}}",                                  "xn--nda.test"                                                            },
    {"${domain_to_ascii{$$}}",                                                "$"                                                                       },
    {"${domain_to_ascii{${abc ? {x} : {y}}.${domain_to_ascii{\u00f6}}}}",     "x.xn--nda"                                                               },
    {"${domain_to_utf8{xn--bx-fka.test}}",                                    "b\u00f6x.test"                                                           },
    {"${domain_to_utf8{XN--BX-FKA.test}}",                                    "b\u00f6x.test"                                                           },
    {"${domain_to_utf8{B\u00d6X.TEST}}",                                      "B\u00d6X.TEST"                                                           },
    {"${domain_to_utf8{A.TEST}}",                                             "a.test"                                                                  },
    {"${domain_to_utf8{\u00f6.xn--bx-fka}}",                                  "\u00f6.xn--bx-fka"                                                       },
    {"${domain_to_ascii{STRA\u00dfE.test}}",                                  "xn--strae-oqa.test"                                                      },
    {"${domain_to_utf8{xn--strae-oqa.test}}",                                 "stra\u00dfe.test"                                                        },
    {"${domain_to_utf8{}}",                                                   ""                                                                        },
    {"${{${domain_to_ascii{$uni}}} == {xn--bx-fka.test} ? {same} : {other}}", "same"                                                                    },
    {"${{x} == {domain_to_ascii{$uni}} ? {same} : {other}}",                  "other"                                                                   },
    {"${abc?{${domain_to_ascii{$uni}}}}",                                     "xn--bx-fka.test"                                                         },
    {"$domain_to_ascii{$uni}",                                                "{b\u00f6x.test}"                                                         },
    {"${domain_to_ascii}",                                                    ""                                                                        },
    {"${domain_to_ascii:x}",                                                  "x"                                                                       },
    {"${domain_to_ascii{$uni}?yes}",
     "warning: unexpected input at: \"...$uni}>>>?yes\"\n" MACRO_ERROR                                                                                  },
    {"${domain_to_ascii{ $uni }x}",                                           "warning: unexpected input at: \"...$uni}>>>x\"\n" MACRO_ERROR            },
    {"${foo{bar}}",                                                           "warning: unknown function \"foo\" at\"...>>>foo{bar}\"\n" MACRO_ERROR    },
    {"${foo {bar}}",                                                          "warning: unknown function \"foo\" at\"...>>>foo{bar}\"\n" MACRO_ERROR    },
    {"${foo{ ${bar-x} }}",
     "warning: unknown function \"foo\" at\"...>>>foo{${bar-x}}\"\n" MACRO_ERROR                                                                        },
    {"${1a{b}}",                                                              "warning: unknown function \"1a\" at\"...>>>1a{b}\"\n" MACRO_ERROR        },
    {"${foo{bar}x}",                                                          "warning: unexpected input at: \"...bar}>>>x\"\n" MACRO_ERROR             },
    {"${foo${x}}",                                                            "warning: attribute name syntax error at: \"...foo>>>${x}\"\n" MACRO_ERROR},
    {"$(foo{a)",                                                              "warning: unbalanced {} in attribute expression: \"{a\"\n" MACRO_ERROR    },
    {"${domain_to_ascii{${foo-bar}}}",
     "warning: attribute name syntax error at: \"...foo>>>-bar\"\n" MACRO_ERROR                                                                         },
};

static const struct {
    const char *text, *function, *domain, *form, *why;
} bad_domains[] = {
    {"${domain_to_ascii{$empty}}${foo{x}}", "domain_to_ascii", "",             "ASCII",
     "UIDNA_ERROR_EMPTY_LABEL"                                                                                   },
    {"${domain_to_ascii{.\u00f6.test}}",    "domain_to_ascii", ".\u00f6.test", "ASCII",
     "UIDNA_ERROR_EMPTY_LABEL"                                                                                   },
    {"${domain_to_ascii{\u00f6..test}}",    "domain_to_ascii", "\u00f6..test", "ASCII",
     "UIDNA_ERROR_EMPTY_LABEL"                                                                                   },
    {"${domain_to_ascii{\u00f6.test.}}",    "domain_to_ascii", "\u00f6.test.", "ASCII",
     "malformed ASCII label(s)"                                                                                  },
    {"${domain_to_ascii{\u00f6 b}}",        "domain_to_ascii", "\u00f6 b",     "ASCII",
     "malformed ASCII label(s)"                                                                                  },
    {"${domain_to_ascii{*.\u00f6}}",        "domain_to_ascii", "*.\u00f6",     "ASCII",
     "malformed ASCII label(s)"                                                                                  },
    {"${domain_to_utf8{a..b}}",             "domain_to_utf8",  "a..b",         "UTF8",  "UIDNA_ERROR_EMPTY_LABEL"},
};

START_TEST(bad_domains_are_refused)
{
    g_autofree char *got = NULL;
    g_autofree char *want = g_strdup_printf(
        "warning: midna_%s_create: Problem translating domain \"%s\" to %s form: %s\n"
        "warning: bad domain argument in: '%s{%s}'\n" MACRO_ERROR,
        bad_domains[_i].function, bad_domains[_i].domain, bad_domains[_i].form, bad_domains[_i].why,
        bad_domains[_i].function, bad_domains[_i].domain);

    lexicon.functions = true;
    got = expand(bad_domains[_i].text);
    ck_assert_str_eq(got, want);
}
END_TEST

/* Stock refuses it, which would stop all mail; we do not. */
START_TEST(what_cannot_be_decoded_stays_as_it_is)
{
    g_autofree char *got = NULL;

    lexicon.functions = true;
    got = expand("${domain_to_utf8{XN--a.test}}");
    ck_assert_str_eq(got, "xn--a.test");
}
END_TEST

START_TEST(functions_are_those_of_3_11)
{
    g_autofree char *got = NULL;

    lexicon.functions = true;
    lexicon_set(&lexicon, "uni", "b\u00f6x.test");
    got = expand(calls[_i].text);
    ck_assert_str_eq(got, calls[_i].want);
}
END_TEST

START_TEST(functions_are_a_syntax_error_before_3_11)
{
    g_autofree char *got = expand("${domain_to_ascii{a.b}}");

    ck_assert_str_eq(got, "warning: attribute name syntax error at: "
                          "\"...domain_to_ascii>>>{a.b}\"\n" MACRO_ERROR);
}
END_TEST

/* Our own limits: stock would loop for ever, or crash. */
static const struct {
    const char *a, *b;
    const char *want_fatal;
} bombs[] = {
    {"${{$a}=={$a}}",                        "",               MACRO_ERROR},
    {"${{$b}=={$b}}${{$b}=={$b}}",           "${{$a}=={$a}}",  MACRO_ERROR},
    {"$b$b$b$b$b$b$b$b$b$b$b$b$b$b$b$b$b$b", "$a$a$a$a$a$a$a", MACRO_ERROR},
};

START_TEST(endless_expansion_ends)
{
    g_autofree char *got = NULL;

    lexicon_set(&lexicon, "a", bombs[_i].a);
    lexicon_set(&lexicon, "b", bombs[_i].b);
    got = expand("$a");
    ck_assert(g_str_has_suffix(got, bombs[_i].want_fatal));
    ck_assert_uint_le(warnings->len, CHAIN_LIMIT);
}
END_TEST

/* Stock has no limit: mynetworks, say, may be long, and many names may refer to it. */
START_TEST(long_texts_are_expanded)
{
    enum { LENGTH = 1000 * 1000, TIMES = 20 };
    g_autofree char *text = g_strnfill(LENGTH, 'x');
    g_autofree char *got = NULL;
    g_autoptr(GString) all = g_string_new(NULL);

    lexicon_set(&lexicon, "long", text);
    for (int i = 0; i < TIMES; i++)
        g_string_append(all, "$long");
    got = expand(all->str);
    ck_assert_uint_eq(strlen(got), LENGTH * TIMES);
}
END_TEST

START_TEST(text_that_doubles_with_every_name_is_refused)
{
    g_autofree char *got = NULL;

    for (int i = 0; i < 60; i++) {
        g_autofree char *from = g_strdup_printf("n%d", i);
        g_autofree char *to = g_strdup_printf("$n%d$n%d", i + 1, i + 1);

        lexicon_set(&lexicon, from, to);
    }
    got = expand("$n0");
    ck_assert_str_eq(got, "fatal: a parameter value expands to too much text\n");
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("expand");

    tcase_add_checked_fixture(tc, make_lexicon, free_lexicon);
    tcase_add_loop_test(tc, text_expands_as_in_stock, 0, G_N_ELEMENTS(results));
    tcase_add_loop_test(tc, errors_are_described_as_in_stock, 0, G_N_ELEMENTS(errors));
    tcase_add_loop_test(tc, functions_are_those_of_3_11, 0, G_N_ELEMENTS(calls));
    tcase_add_loop_test(tc, bad_domains_are_refused, 0, G_N_ELEMENTS(bad_domains));
    tcase_add_test(tc, what_cannot_be_decoded_stays_as_it_is);
    tcase_add_test(tc, functions_are_a_syntax_error_before_3_11);
    tcase_add_test(tc, a_chain_of_100_names_is_the_longest);
    tcase_add_test(tc, comparisons_begin_at_depth_0);
    tcase_add_loop_test(tc, endless_expansion_ends, 0, G_N_ELEMENTS(bombs));
    tcase_add_test(tc, long_texts_are_expanded);
    tcase_add_test(tc, text_that_doubles_with_every_name_is_refused);
    return run_suite("config/expand", tc, NULL);
}
