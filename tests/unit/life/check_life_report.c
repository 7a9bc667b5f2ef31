#include "tests/support/life_story.h"

int main(void)
{
    return run_suite("life/report", stories_tcase("report"), NULL);
}
