# Ill peers (README.md here). Included by the Makefile.
#   make hostile [RUNS=200] [SEED=1]
#   make hostile CASE=private/bounce/early/2

HOSTILE_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/hostile/*.c)) \
                $(patsubst %,$(BUILD)/tests/faults/%.o,judge ledger world)

$(BUILD)/tests/hostile/hostile-run: $(HOSTILE_OBJS) $(BENCH_LAB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

hostile-program: $(BUILD)/tests/hostile/hostile-run lab $(BUILD)/eqmgr

hostile: hostile-program
	@BUILD=$(BUILD) tests/hostile/run $(if $(CASE),--keep $(CASE),$(or $(RUNS),200) $(or $(SEED),1))

.PHONY: hostile-program hostile
