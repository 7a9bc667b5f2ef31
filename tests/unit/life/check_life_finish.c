#include "tests/support/life_story.h"

int main(void)
{
    return run_suite("life/finish", stories_tcase("finish"), NULL);
}
