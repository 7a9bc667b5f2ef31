# Faults and kills at every call (README.md here). Included by the Makefile.
#   make faults [RUNS=600|all] [SEED=1]
#   make crash-points [RUNS=all] [SEED=1]
#   make growth [RUNS=1000]    make memory
#   make fault CASE='spool_move<-move_to<-leave_go/rename/ENOSPC/2nd'

FAULT_OBJS := $(patsubst %,$(BUILD)/tests/faults/%.o,main cases run world judge ledger growth memory)

RUNS ?=
SEED ?=
CASE ?=

$(BUILD)/tests/faults/fault-runs: $(FAULT_OBJS) $(BENCH_LAB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Loaded into the daemon, so never with a sanitizer or coverage.
$(BUILD)/tests/faults/faults.so: $(wildcard tests/faults/fault_preload.c tests/faults/call_site.[ch] tests/faults/fault_page.h) $(RULES)
	@mkdir -p $(@D)
	@echo "link $@"
	$(CC) -Iinclude -I. -D_GNU_SOURCE -std=gnu11 $(WARN) -O1 -g -fPIC -shared -o $@ $(filter %.c,$^)

fault-programs: $(BUILD)/tests/faults/fault-runs $(BUILD)/tests/faults/faults.so lab $(BUILD)/eqmgr

faults: fault-programs
	@BUILD=$(BUILD) tests/faults/run faults --runs $(or $(RUNS),60) --seed $(or $(SEED),1)

crash-points: fault-programs
	@BUILD=$(BUILD) tests/faults/run crash-points --runs $(or $(RUNS),all) --seed $(or $(SEED),1)

growth: fault-programs
	@BUILD=$(BUILD) tests/faults/run growth --runs $(or $(RUNS),1000)

memory: fault-programs
	@BUILD=$(BUILD) tests/faults/run memory

fault: fault-programs
	@BUILD=$(BUILD) tests/faults/run --case '$(CASE)' --keep

.PHONY: growth memory fault-programs faults crash-points fault
