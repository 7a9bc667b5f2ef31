#include "codec/queue_id.h"
#include "tests/support/runner.h"

static const struct {
    const char *name;
    bool valid;
} names[] = {
    {"1ED00B112",      true },
    {"4jXJvb0p02zKPk", true },
    {"a_b",            true },
    {"Q",              true },
    {"",               false},
    {"113570.4711",    false}, /* a file of cleanup before it has its queue ID */
    {"1ED00B112#FIX",  false}, /* postsuper at work */
    {"..",             false},
    {"a/b",            false},
    {"a-b",            false},
    {"\xc3\xa9",       false},
};

START_TEST(names_are_valid_or_not)
{
    ck_assert_int_eq(queue_id_is_valid(names[_i].name), names[_i].valid);
}
END_TEST

START_TEST(names_of_255_bytes_are_valid_and_longer_ones_not)
{
    g_autofree char *name = g_strnfill(QUEUE_ID_MAX_BYTES + 1, 'A');

    ck_assert(!queue_id_is_valid(name));
    name[QUEUE_ID_MAX_BYTES] = '\0';
    ck_assert(queue_id_is_valid(name));
}
END_TEST

static const struct {
    const char *queue_id;
    unsigned depth;
    const char *dirs;
} hashes[] = {
    {"4jXJvb0p02zKPk", 0, ""            },
    {"4jXJvb0p02zKPk", 1, "1/"          },
    {"4jXJvb0p02zKPk", 2, "1/B/"        },
    {"4jXJvb0p02zKPk", 6, "1/B/B/A/2/_/"},
    {"4jXJvb1GYkzKQT", 2, "2/B/"        },
    {"1ED00B112",      2, "1/E/"        },
    {"WARN01",         2, "W/A/"        },
    {"4jXTRNCEEDTz5",  2, "0/0/"        }, /* a vowel is no digit */
    {"4jXK470DMqzTwL", 2, "0/8/"        }, /* leading zeros */
    {"AB",             3, "A/B/_/"      },
    {"012345678z",     2, "0/1/"        }, /* the z comes too early for a long ID */
    {"0123450000z",    2, "0/0/"        },
    {"01234500zzzzz0", 2, "6/F/"        }, /* the last z counts; no real time, but stock does the same */
};

START_TEST(hash_directories_come_from_the_microseconds)
{
    char dirs[64];

    queue_id_hash_dirs(hashes[_i].queue_id, hashes[_i].depth, dirs);
    ck_assert_str_eq(dirs, hashes[_i].dirs);
}
END_TEST

int main(void)
{
    TCase *table = tcase_create("table");

    tcase_add_loop_test(table, names_are_valid_or_not, 0, G_N_ELEMENTS(names));
    tcase_add_test(table, names_of_255_bytes_are_valid_and_longer_ones_not);
    tcase_add_loop_test(table, hash_directories_come_from_the_microseconds, 0,
                        G_N_ELEMENTS(hashes));
    return run_suite("codec/queue_id", table, NULL);
}
