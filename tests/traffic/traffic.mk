# Traffic rules in virtual time. Included by the Makefile.
#   make bench-traffic [S="rates backoff"]     the tables of README.md here, or some of them

$(BUILD)/tests/traffic/traffic: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/traffic/*.c) tests/sched/bench_world.c tests/support/transport_params.c) $(call libs,sched policy base)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

bench-traffic: $(BUILD)/tests/traffic/traffic
	@$< $(S)

.PHONY: bench-traffic
