# Random kills (README.md here). Included by the Makefile.
#   make kill-test [SECONDS=600] [SEED=7] [W="W3 W5"]

KILL_OBJS  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/kill/*.c))
KILL_BENCH := $(patsubst %,$(BUILD)/tests/bench/%.o,letters logtap meter place)

SECONDS ?= 60
SEED    ?=

$(BUILD)/tests/kill/kill-test: $(KILL_OBJS) $(KILL_BENCH) $(BENCH_LAB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

kill-program: $(BUILD)/tests/kill/kill-test

kill-test: kill-program $(BUILD)/eqmgr
	@KILL_TEST=$(BUILD)/tests/kill/kill-test tests/kill/run $(BUILD)/eqmgr --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(W)

.PHONY: kill-program kill-test
