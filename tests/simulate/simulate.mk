# The simulator of the scheduler (README.md here). Included by the Makefile.
#   make simulate [S="list zipf"] [SEED=1]     the scenarios, or some of them

SIMULATE_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %/main.c,$(wildcard tests/simulate/*.c)))
SCENARIOS     := $(basename $(notdir $(wildcard tests/simulate/scenarios/*.sim)))

# Objects named after the libraries: the archives are repeated for them.
$(BUILD)/tests/unit/sched/check_sched_simulate: $(SIMULATE_OBJS) $(call libs,config)
$(BUILD)/tests/unit/sched/check_sched_simulate: private LDLIBS := $(call libs,config sched policy base) $(LDLIBS)

$(BUILD)/tests/simulate/simulate: $(BUILD)/tests/simulate/main.o $(SIMULATE_OBJS) \
                                  $(BUILD)/tests/sched/bench_world.o $(call libs,config sched policy base)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

simulate: $(BUILD)/tests/simulate/simulate
	@$< --out $(ROOT)/simulate $(if $(SEED),--seed $(SEED)) \
	  $(patsubst %,tests/simulate/scenarios/%.sim,$(or $(S),$(SCENARIOS)))
	@echo "plots: $(ROOT)/simulate"

.PHONY: simulate
