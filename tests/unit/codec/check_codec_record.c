#include <string.h>

#include "codec/record.h"
#include "tests/support/runner.h"

#define BYTES(text) text, sizeof(text) - 1

static const struct {
    const char *bytes;
    size_t size_bytes;
    RecordStatus status;
    size_t length, record_bytes;
} cases[] = {
    {BYTES("M\0"),                         RECORD_OK,          0,         2        },
    {BYTES("Sab@"),                        RECORD_MORE_DATA,   97,        99       },
    {BYTES("S\3a@bE\0"),                   RECORD_OK,          3,         5        },
    {BYTES("S\x83\0a@b"),                  RECORD_OK,          3,         6        }, /* not minimal */
    {BYTES("N\xc8\1"),                     RECORD_MORE_DATA,   200,       203      },
    {BYTES("N\x80\x80\1"),                 RECORD_MORE_DATA,   16384,     16388    },
    {BYTES("N\xff\xff\xff\x7f"),           RECORD_MORE_DATA,   268435455, 268435460},
    {BYTES("N\x80\x80\x80\x80"),           RECORD_BAD_LENGTH,  0,         0        },
    {BYTES("N\x80\x80\x80\x80\x80\x80\1"), RECORD_BAD_LENGTH,  0,         0        },
    {BYTES(""),                            RECORD_MORE_HEADER, 0,         0        },
    {BYTES("N"),                           RECORD_MORE_HEADER, 0,         0        },
    {BYTES("N\x80\x80"),                   RECORD_MORE_HEADER, 0,         0        },
};

START_TEST(records_are_framed_by_seven_bits_a_byte)
{
    Record record = {0};
    g_autofree uint8_t *exact = g_memdup2(cases[_i].bytes, cases[_i].size_bytes);
    RecordStatus status = record_decode(exact, cases[_i].size_bytes, &record);

    ck_assert_int_eq(status, cases[_i].status);
    if (cases[_i].size_bytes > 0)
        ck_assert_int_eq(record.type, cases[_i].bytes[0]);
    ck_assert_uint_eq(record.length, cases[_i].length);
    ck_assert_uint_eq(record.size_bytes, cases[_i].record_bytes);
    if (status == RECORD_OK)
        ck_assert_mem_eq(record.data, cases[_i].bytes + record.size_bytes - record.length,
                         record.length);
}
END_TEST

START_TEST(the_warning_mark_is_a_record_as_long_as_the_one_it_replaces)
{
    Record record = {0};

    ck_assert_int_eq(
        record_decode((const uint8_t *)RECORD_WARN_SENT, RECORD_WARN_SENT_BYTES, &record),
        RECORD_OK);
    ck_assert_uint_eq(record.size_bytes, 17);
    ck_assert_int_eq(record.type, RECORD_WARN);
}
END_TEST

int main(void)
{
    TCase *table = tcase_create("table");

    tcase_add_loop_test(table, records_are_framed_by_seven_bits_a_byte, 0, G_N_ELEMENTS(cases));
    tcase_add_test(table, the_warning_mark_is_a_record_as_long_as_the_one_it_replaces);
    return run_suite("codec/record", table, NULL);
}
