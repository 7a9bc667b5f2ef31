#include "tests/model/model.h"

#include "model_internal.h"

static ModelRules current_rules = MODEL_CORE_RULES;

void model_set_rules(ModelRules rules)
{
    current_rules = rules;
}

bool model_follows_stock(void)
{
    return current_rules == MODEL_STOCK_RULES;
}
