/* ncurses knows the terminal, its size after a change, and how to paint only what has changed. */

#include <langinfo.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>

#include "src/ctl/top/screen_internal.h"

#define KEY_OF_REDRAW 0x0c /* Control-L */

static SCREEN *terminal;

bool screen_open(const char **ret_problem)
{
    terminal = newterm(NULL, stdout, stdin);
    if (terminal == NULL) {
        *ret_problem = "the terminal is not known: see TERM, or use -b";
        return false;
    }
    (void)cbreak();
    (void)noecho();
    (void)keypad(stdscr, TRUE);
    (void)curs_set(0);
    (void)set_escdelay(50);
    if (has_colors() && getenv("NO_COLOR") == NULL && start_color() == OK) {
        (void)use_default_colors();
        (void)init_pair(1, COLOR_RED, -1);
    }
    return true;
}

void screen_close(void)
{
    if (terminal == NULL)
        return;
    (void)endwin();
    delscreen(terminal);
    terminal = NULL;
}

FrameSize screen_size(void)
{
    return (FrameSize){COLS, LINES, strcmp(nl_langinfo(CODESET), "UTF-8") == 0};
}

/* Colour only stresses what a mark in the text says as well. */
static int attributes_of(LineKind kind)
{
    switch (kind) {
    case LINE_HEADING:
        return A_BOLD;
    case LINE_CHOSEN:
        return A_REVERSE;
    case LINE_TROUBLE:
        return A_BOLD | COLOR_PAIR(1);
    case LINE_HINT:
        return A_DIM;
    case LINE_PLAIN:
        break;
    }
    return A_NORMAL;
}

void screen_paint(const GPtrArray *lines)
{
    (void)erase();
    for (guint i = 0; i < lines->len; i++) {
        const Line *line = lines->pdata[i];

        (void)attrset(attributes_of(line->kind));
        (void)mvaddstr(i + 1 == lines->len ? LINES - 1 : (int)i, 0, line->text);
    }
    (void)refresh();
}

int screen_key(int timeout_ms)
{
    int key;

    timeout(timeout_ms);
    key = getch();
    switch (key) {
    case KEY_OF_REDRAW: /* something else has written to the terminal */
        (void)clearok(curscr, TRUE);
        return SCREEN_NO_KEY;
    case KEY_UP:
        return KEY_OF_UP;
    case KEY_DOWN:
        return KEY_OF_DOWN;
    case KEY_PPAGE:
        return KEY_OF_PAGE_UP;
    case KEY_NPAGE:
        return KEY_OF_PAGE_DOWN;
    case KEY_HOME:
        return KEY_OF_HOME;
    case KEY_BACKSPACE:
        return '\b';
    case KEY_ENTER:
        return '\n';
    default:
        return key > 0 && key < KEY_MIN ? key : SCREEN_NO_KEY; /* KEY_RESIZE: painted anew anyway */
    }
}
