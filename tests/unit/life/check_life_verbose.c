#include "tests/support/life_story.h"

int main(void)
{
    return run_suite("life/verbose", stories_tcase("verbose"), NULL);
}
