# What traffic rules do. Included by the Makefile.
#   make bench-traffic [S="rates backoff"]     tables of README.md here: those in virtual time, or these

$(BUILD)/tests/traffic/traffic: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/traffic/*.c) tests/sched/bench_world.c tests/support/transport_params.c) $(call libs,sched policy base)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

bench-traffic: $(BUILD)/tests/traffic/traffic $(BUILD)/tests/bench/bench $(BUILD)/eqmgr
	@PROGRAMS=$(BUILD)/tests EQMGR=$(BUILD)/eqmgr OUT=$(ROOT)/traffic tests/traffic/run $(S)

.PHONY: bench-traffic
