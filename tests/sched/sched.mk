# The scheduler against its model, and its measurements (README.md here). Included by the Makefile.
#   make sched-property [SEEDS=100] [OPERATIONS=100000] [FIRST=0]   the long random run, both strategies
#   make sched-drift    how far the order of the core can be from that of stock
#   make mutants        which of many single faults in src/sched the suites find
#   make bench-sched    what a decision and an object cost

MODEL_OBJS    := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/model/*.c))
PROPERTY_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/sched/lockstep*.c) tests/sched/property.c)
SCHED_LIBS    := $(call libs,sched base)
SEEDS         ?= 100
OPERATIONS    ?= 100000
FIRST         ?= 0

$(MODEL_OBJS): override CPPFLAGS += -include tests/model/rename.h

$(BUILD)/libmodel.a: $(MODEL_OBJS)

# Objects named after the libraries: the archives are repeated for them.
$(BUILD)/tests/unit/sched/check_sched_property: $(PROPERTY_OBJS) $(BUILD)/libmodel.a
$(BUILD)/tests/unit/sched/check_sched_property: private LDLIBS := $(BUILD)/libmodel.a $(SCHED_LIBS) $(LDLIBS)

$(BUILD)/tests/sched/property: $(BUILD)/tests/sched/property_main.o $(PROPERTY_OBJS) \
                               $(BUILD)/libmodel.a $(SCHED_LIBS)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

sched-property: $(BUILD)/tests/sched/property
	$< $(SEEDS) $(OPERATIONS) $(FIRST)

$(BUILD)/tests/sched/drift: $(BUILD)/tests/sched/drift.o $(BUILD)/tests/sched/drift_world.o \
                            $(BUILD)/libmodel.a $(SCHED_LIBS)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

sched-drift: $(BUILD)/tests/sched/drift
	@$<

# make mutants M="window slots"   faults with these words in their names;  EVERY=1  all suites for each
mutants:
	@tests/sched/mutate $(M)

.PHONY: sched-property sched-drift mutants

$(BUILD)/tests/sched/bench: $(BUILD)/tests/sched/bench.o $(BUILD)/tests/sched/bench_world.o \
                            $(SCHED_LIBS)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

bench-sched: $(BUILD)/tests/sched/bench
	@$<

.PHONY: bench-sched
