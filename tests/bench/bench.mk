# The benchmark (README.md here). Included by the Makefile.
#   make bench                  all workloads, the stock queue manager against ours
#   make bench W="W1 W6"        some of them;  RUNS=7 runs of each;  QUICK=1 a short look

BENCH_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/bench/report.c,$(wildcard tests/bench/*.c)))
BENCH_LAB  := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %/main.c %/clock_preload.c,$(wildcard tests/lab/*.c))) $(BUILD)/libpostfix.a
BENCH_PROGRAMS := $(BUILD)/tests/bench/bench $(BUILD)/tests/bench/report $(BUILD)/tests/bench/bare/bare

W     ?=
RUNS  ?=
QUICK ?=

$(BUILD)/tests/bench/bench: $(BENCH_OBJS) $(BENCH_LAB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/tests/bench/report: $(BUILD)/tests/bench/report.o $(BUILD)/tests/bench/chart.o
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/tests/bench/bare/bare: $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/bench/bare/*.c)) $(BUILD)/libpostfix.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

bench: $(BENCH_PROGRAMS) $(BUILD)/eqmgr
	@PROGRAMS=$(BUILD)/tests/bench EQMGR=$(BUILD)/eqmgr OUT=$(ROOT)/bench \
	  RUNS="$(RUNS)" QUICK="$(QUICK)" tests/bench/run $(W)

.PHONY: bench

# For scenarios and workloads with the real trivial-rewrite (tests/e2e/lib/slow_map.sh), and with a site that has a limit.
$(BUILD)/tests/e2e/slow_map: $(BUILD)/tests/e2e/slow_map.o
$(BUILD)/tests/e2e/limited_sink: $(BUILD)/tests/e2e/limited_sink.o
$(BUILD)/tests/e2e/hold_sockets: $(BUILD)/tests/e2e/hold_sockets.o
$(BUILD)/tests/e2e/slow_map $(BUILD)/tests/e2e/limited_sink $(BUILD)/tests/e2e/hold_sockets:
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
