#include "tests/support/life_story.h"

int main(void)
{
    return run_suite("life/leave", stories_tcase("leave"), NULL);
}
