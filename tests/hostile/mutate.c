#include "tests/hostile/mutate.h"

#include <string.h>

#include "tests/postfix/wire.h"

#define FRAGMENTS_MAX 8
#define BINARY_MAX    600
#define ENDLESS_BYTES 65536
#define LONG_BYTES    100000

static const char *const names[ILLNESSES] = {
    [ILL_FRAGMENTS] = "fragments",
    [ILL_CUT] = "cut",
    [ILL_CLOSED] = "closed",
    [ILL_SILENT] = "silent",
    [ILL_ENDLESS_VALUE] = "endless-value",
    [ILL_ENDLESS_LIST] = "endless-list",
    [ILL_EARLY] = "early",
    [ILL_DOUBLED] = "doubled",
    [ILL_RENAMED] = "renamed",
    [ILL_SWAPPED] = "swapped",
    [ILL_DROPPED] = "dropped",
    [ILL_ADDED] = "added",
    [ILL_GARBLED] = "garbled",
    [ILL_EMPTY] = "empty",
    [ILL_BINARY] = "binary",
};

const char *illness_str(Illness illness)
{
    return names[illness];
}

bool illness_parse(const char *word, Illness *ret_illness)
{
    for (int i = 0; i < ILLNESSES; i++) {
        if (strcmp(word, names[i]) == 0) {
            *ret_illness = (Illness)i;
            return true;
        }
    }
    return false;
}

static void piece_free(void *data)
{
    Piece *piece = data;

    g_byte_array_unref(piece->bytes);
    g_free(piece);
}

static Piece *add_piece(Mutation *mutation, const void *bytes, size_t count, int64_t delay_ms)
{
    Piece *piece = g_new(Piece, 1);

    piece->bytes = g_byte_array_new();
    piece->delay_ms = delay_ms;
    g_byte_array_append(piece->bytes, bytes, (guint)count);
    g_ptr_array_add(mutation->pieces, piece);
    return piece;
}

void mutation_add(Mutation *mutation, const void *bytes, size_t count)
{
    (void)add_piece(mutation, bytes, count, 0);
}

void mutation_free(Mutation *mutation)
{
    if (mutation == NULL)
        return;
    g_ptr_array_free(mutation->pieces, TRUE);
    if (mutation->endless != NULL)
        g_byte_array_unref(mutation->endless);
    g_free(mutation);
}

/* From 0 to count - 1. */
static guint pick(GRand *dice, guint count)
{
    return count > 1 ? (guint)g_rand_int_range(dice, 0, (gint32)count) : 0;
}

static void make_fragments(Mutation *mutation, GRand *dice, const GByteArray *list)
{
    static const int64_t pauses_ms[] = {0, 0, 0, 1000, 5000};
    guint at = 0;

    for (guint left = 2 + pick(dice, FRAGMENTS_MAX - 1); left > 1 && at < list->len; left--) {
        guint count = 1 + pick(dice, list->len - at);

        add_piece(mutation, list->data + at, count, pauses_ms[pick(dice, G_N_ELEMENTS(pauses_ms))]);
        at += count;
    }
    add_piece(mutation, list->data + at, list->len - at, 0);
}

static void make_part(Mutation *mutation, GRand *dice, const GByteArray *list, Sequel sequel)
{
    add_piece(mutation, list->data, pick(dice, 4) == 0 ? 0 : pick(dice, list->len), 0);
    mutation->sequel = sequel;
}

static void add_close(Mutation *mutation)
{
    add_piece(mutation, "", 0, 0);
    mutation->sequel = SEQUEL_CLOSE;
}

/* A right beginning: all of the list but its end, or the name of its first pair. */
static void make_endless(Mutation *mutation, const GByteArray *list, bool is_value)
{
    const char *text = is_value ? "x" : "lab\0endless";
    size_t count = is_value ? 1 : sizeof("lab\0endless");
    size_t begun = is_value ? strlen((const char *)list->data) + 1 : list->len - 1;

    add_piece(mutation, list->data, begun, 0);
    mutation->sequel = SEQUEL_ENDLESS;
    mutation->endless = g_byte_array_new();
    while (mutation->endless->len < ENDLESS_BYTES)
        g_byte_array_append(mutation->endless, (const guint8 *)text, (guint)count);
}

static void make_joined(Mutation *mutation, const GByteArray *first, const GByteArray *second)
{
    Piece *piece = add_piece(mutation, first->data, first->len, 0);

    g_byte_array_append(piece->bytes, second->data, second->len);
}

static void make_binary(Mutation *mutation, GRand *dice)
{
    Piece *piece = add_piece(mutation, "", 0, 0);

    for (guint left = 1 + pick(dice, BINARY_MAX); left > 0; left--) {
        guint8 byte = (guint8)g_rand_int_range(dice, 0, 256);

        g_byte_array_append(piece->bytes, &byte, 1);
    }
    mutation->sequel = SEQUEL_CLOSE; /* it may look like the beginning of something */
}

static bool is_address(const char *name)
{
    return strcmp(name, "recipient") == 0 || strcmp(name, "address") == 0;
}

static bool is_number(const WirePair *pair)
{
    return g_ascii_isdigit(pair->value[0]) && strchr(pair->value, '.') == NULL;
}

/* Values of numbers become nonsense; texts may become anything. */
static char *garble(GRand *dice, const WirePair *pair)
{
    static const char *const no_numbers[] = {"", "x", "0x", "--1", "1;", "\xff", "."};
    static const char *const texts[] = {
        "", "../../etc", "a\nb: c", "\x01\x7f\xff", "x/y", "%s%n", "2.0", ":", " "};

    if (is_number(pair))
        return g_strdup(no_numbers[pick(dice, G_N_ELEMENTS(no_numbers))]);
    if (pick(dice, 6) == 0)
        return g_strnfill(LONG_BYTES, 'x');
    return g_strdup(texts[pick(dice, G_N_ELEMENTS(texts))]);
}

static void rename_pair(GRand *dice, WirePair *pair, char **ret_owned)
{
    static const char *const others[] = {"lab",     "Status", "protocol2",
                                         "reason ", "flag",   "\xc3\xa4"};

    *ret_owned = g_strdup(others[pick(dice, G_N_ELEMENTS(others))]);
    pair->name = *ret_owned;
}

/* The same attribute (a DSN and a number are both called "status") is not worth a swap. */
static bool swap_pairs(WireList *list, guint at)
{
    WirePair held = list->pairs[at];

    if (at + 1 >= list->count)
        return false;
    list->pairs[at] = list->pairs[at + 1];
    list->pairs[at + 1] = held;
    return strcmp(list->pairs[at].name, held.name) != 0;
}

static void drop_pair(WireList *list, guint at)
{
    for (list->count--; at < list->count; at++)
        list->pairs[at] = list->pairs[at + 1];
}

static void put_all(Mutation *mutation, const WireList *list, guint added_at)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (guint i = 0; i <= list->count; i++) {
        if (i == added_at)
            wire_put(out, "lab", "added");
        if (i < list->count)
            wire_put(out, list->pairs[i].name, list->pairs[i].value);
    }
    wire_end(out);
    add_piece(mutation, out->str, out->len, 0);
}

/* Changes one pair. false: this list has none that can be changed so. */
static bool make_changed(Mutation *mutation, Illness illness, GRand *dice, const GByteArray *bytes)
{
    WireList list;
    g_autofree char *owned = NULL;
    guint at, added_at = G_MAXUINT;

    if (wire_take_list((const char *)bytes->data, bytes->len, &list) <= 0 || list.count == 0)
        return false;
    at = pick(dice, (guint)list.count);
    if (illness == ILL_RENAMED)
        rename_pair(dice, &list.pairs[at], &owned);
    else if (illness == ILL_DROPPED)
        drop_pair(&list, at);
    else if (illness == ILL_ADDED)
        added_at = pick(dice, (guint)list.count + 1);
    else if (illness == ILL_SWAPPED && !swap_pairs(&list, at))
        return false;
    else if (illness == ILL_GARBLED && is_address(list.pairs[at].name))
        return false;
    if (illness == ILL_GARBLED) {
        mutation->is_wrong =
            is_number(&list.pairs[at]) || strcmp(list.pairs[at].name, "protocol") == 0;
        list.pairs[at].value = owned = garble(dice, &list.pairs[at]);
    }
    put_all(mutation, &list, added_at);
    return true;
}

Mutation *mutate(Illness illness, GRand *dice, const GByteArray *list, const GByteArray *answer)
{
    static guint8 nul[1];
    GByteArray empty = {nul, 1};
    Mutation *mutation = g_new0(Mutation, 1);

    mutation->pieces = g_ptr_array_new_with_free_func(piece_free);
    mutation->is_wrong = illness != ILL_FRAGMENTS;
    if (illness == ILL_FRAGMENTS)
        make_fragments(mutation, dice, list);
    else if (illness == ILL_CUT || illness == ILL_SILENT)
        make_part(mutation, dice, list, illness == ILL_CUT ? SEQUEL_CLOSE : SEQUEL_SILENCE);
    else if (illness == ILL_CLOSED)
        add_close(mutation);
    else if (illness == ILL_ENDLESS_VALUE || illness == ILL_ENDLESS_LIST)
        make_endless(mutation, list, illness == ILL_ENDLESS_VALUE);
    else if (illness == ILL_EARLY)
        make_joined(mutation, list, answer);
    else if (illness == ILL_DOUBLED)
        make_joined(mutation, list, list);
    else if (illness == ILL_EMPTY)
        make_joined(mutation, &empty, list);
    else if (illness == ILL_BINARY || !make_changed(mutation, illness, dice, list))
        make_binary(mutation, dice);
    return mutation;
}
