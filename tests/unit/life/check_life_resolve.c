#include "tests/support/life_story.h"

int main(void)
{
    return run_suite("life/resolve", stories_tcase("resolve"), NULL);
}
