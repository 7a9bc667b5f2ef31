/* The keys are those of section 7 of operations.md; the help on the screen is in frame.c. */

#include <string.h>

#include <glib.h>

#include "src/ctl/top/wish_internal.h"

#define PAGE_ROWS 10

static const char *const sort_names[WISH_SORT_COUNT] = {"waiting", "running", "deferred", "until",
                                                        "name"};

const char *wish_sort_str(WishSort sort)
{
    return sort_names[sort];
}

char *wish_pattern(const Wish *wish)
{
    if (wish->filter[0] == '\0')
        return NULL;
    return strchr(wish->filter, '*') != NULL ? g_strdup(wish->filter)
                                             : g_strdup_printf("*%s*", wish->filter);
}

static void wish_sort_by(Wish *wish, WishSort sort)
{
    wish->sort = sort;
    wish->chosen = 0;
}

/* The filter takes printable ASCII: names of destinations have no other characters on the wire. */
static bool wish_edit(Wish *wish, int key)
{
    if (typed_is_end(key)) {
        (void)g_strlcpy(wish->filter, wish->edited, sizeof(wish->filter));
        wish->is_editing = false;
        wish->chosen = 0;
        return true;
    }
    if (key == TYPED_ESCAPE)
        wish->is_editing = false;
    else
        typed_take_key(wish->edited, key, false);
    return false;
}

static void wish_move(Wish *wish, int by, unsigned row_count)
{
    int last = row_count > 0 ? (int)row_count - 1 : 0;

    wish->chosen = (unsigned)CLAMP((int)wish->chosen + by, 0, last);
}

/* Moves the cursor; false: the key is about something else. */
static bool wish_take_move(Wish *wish, int key, unsigned row_count)
{
    switch (key) {
    case 'k':
    case KEY_OF_UP:
        wish_move(wish, -1, row_count);
        return true;
    case 'j':
    case KEY_OF_DOWN:
        wish_move(wish, 1, row_count);
        return true;
    case KEY_OF_PAGE_UP:
        wish_move(wish, -PAGE_ROWS, row_count);
        return true;
    case KEY_OF_PAGE_DOWN:
        wish_move(wish, PAGE_ROWS, row_count);
        return true;
    case KEY_OF_HOME:
        wish->chosen = 0;
        return true;
    default:
        return false;
    }
}

/* What one key turns on and off, or back; true if the daemon must be asked anew. */
static bool wish_take_switch(Wish *wish, int key, unsigned row_count)
{
    if (key == ' ') {
        wish->is_paused = !wish->is_paused;
        return !wish->is_paused;
    }
    if (key == 't') {
        wish->throttled_only = !wish->throttled_only;
        wish->chosen = 0;
        return true;
    }
    if (typed_is_end(key) && row_count > 0) {
        wish->shows_details = true;
        return true;
    }
    if (key == '/') {
        wish->is_editing = true;
        (void)g_strlcpy(wish->edited, wish->filter, sizeof(wish->edited));
    }
    wish->begins = key == 's' ? WISH_SUSPEND : key == 'r' ? WISH_RESUME : WISH_NO_ERRAND;
    wish->shows_help = key == '?';
    wish->is_over = key == 'q';
    return false;
}

/* True: all is answered, and the daemon must be asked. */
static bool wish_answer(Wish *wish, int key)
{
    errand_take_key(&wish->errand, key);
    return wish->errand.step == ERRAND_READY;
}

void wish_tell(Wish *wish, const char *notice)
{
    (void)g_strlcpy(wish->notice, notice, sizeof(wish->notice));
}

void wish_begin_errand(Wish *wish, const Row *destination, const char *level)
{
    bool resumes = wish->begins == WISH_RESUME;
    g_autofree char *refusal = NULL;

    wish->begins = WISH_NO_ERRAND;
    if (!errand_begin(&wish->errand, resumes, destination, level, &refusal))
        wish_tell(wish, refusal);
}

bool wish_take_key(Wish *wish, int key, unsigned row_count)
{
    wish->notice[0] = '\0';
    if (errand_is_asking(&wish->errand))
        return wish_answer(wish, key);
    if (wish->is_editing)
        return wish_edit(wish, key);
    if (wish->shows_help) { /* any key goes back */
        wish->shows_help = false;
        wish->is_over = key == 'q';
        return false;
    }
    if (wish->shows_details && (key == TYPED_ESCAPE || key == 'q' || typed_is_end(key))) {
        wish->shows_details = false;
        return true;
    }
    if (key >= '1' && key < '1' + WISH_SORT_COUNT) {
        wish_sort_by(wish, (WishSort)(key - '1'));
        return true;
    }
    if (key == '<' || key == '>') {
        int step = key == '<' ? WISH_SORT_COUNT - 1 : 1;

        wish_sort_by(wish, (WishSort)(((int)wish->sort + step) % WISH_SORT_COUNT));
        return true;
    }
    return !wish_take_move(wish, key, row_count) && wish_take_switch(wish, key, row_count);
}
