#include "tests/support/life_rules.h"

#include <string.h>

Rules *life_rules;

void rules_world_setup(void)
{
    world_setup();
    life_rules = rules_new();
    world.settings.rules = life_rules;
    world_find("retry")->status = -1;
}

void rules_world_teardown(void)
{
    world_teardown();
    rules_free(life_rules);
}

uint32_t suspend_until(RuleObject object, const char *name, int64_t end_s)
{
    const Rule rule = {.kind = RULE_SUSPEND,
                       .object = object,
                       .name = name,
                       .made_s = 1,
                       .end_s = end_s,
                       .reason = "ticket"};

    return rules_put(life_rules, &rule)->number;
}

uint32_t suspend(RuleObject object, const char *name)
{
    return suspend_until(object, name, RULE_FOREVER);
}

uint32_t limit_rate(int most, int64_t period_s)
{
    const Rule rule = {.kind = RULE_LIMIT,
                       .measure = RULE_RATE,
                       .object = RULE_TRANSPORT,
                       .name = "smtp",
                       .most = most,
                       .period_s = period_s,
                       .end_s = RULE_FOREVER,
                       .reason = "slow"};

    return rules_put(life_rules, &rule)->number;
}

void turn_for_a_while(void)
{
    for (int i = 0; i < 100; i++)
        world_turn_at_most_ms(5);
}

void run_trigger(const char *bytes)
{
    world_forget();
    life_trigger(world.life, bytes, strlen(bytes));
    world_run();
}

void expect_long_wait(const char *id)
{
    int64_t wait_s = world_due_in_s(id);

    ck_assert_int_ge(wait_s, 4000);
    ck_assert_int_le(wait_s, 4000 + 200 + WORLD_SLOW_S);
}
