# The scheduler against its model, and its measurements (README.md here). Included by the Makefile.
#   make sched-property [SEEDS=100] [OPERATIONS=100000] [FIRST=0]   the long random run, both strategies
#   make sched-record   what the core decides in the short runs, for tests/sched/decisions.inc
#   make mutants        which of many single faults in src/sched the suites find
#   make check-mutants  whether their list fits the code
#   make bench-sched    what a decision and an object cost

PROPERTY_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/sched/lockstep*.c) tests/sched/property.c tests/support/sched_notice.c)
SCHED_LIBS    := $(call libs,sched policy base)
NM            ?= nm
OBJCOPY       ?= objcopy
SEEDS         ?= 100
OPERATIONS    ?= 100000
FIRST         ?= 0

# The rules of src/sched over plain walks instead of its indexes, in one object whose symbols have
# other names, so that one program can hold it and the core: sched_X is model_X, and any other X is
# model_rule_X.
INDEX_FILES  := $(patsubst %,src/sched/%.c,index to_visit candidate usable member waiting deliverable job_order)
RULE_OBJS    := $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(INDEX_FILES),$(wildcard src/sched/*.c)))

$(BUILD)/tests/model/plain.o: $(RULE_OBJS) $(BUILD)/tests/model/index.o
	$(LD) -r -o $@.joined $^
	$(NM) --defined-only -g --format=posix $@.joined | \
	  sed 's/^\([^ ]*\) .*/\1 model_rule_\1/; s/model_rule_sched_/model_/' >$@.names
	$(OBJCOPY) --redefine-syms=$@.names $@.joined $@

# Objects named after the libraries: the archives are repeated for them.
$(BUILD)/tests/unit/sched/check_sched_property: $(PROPERTY_OBJS) $(BUILD)/tests/model/plain.o
$(BUILD)/tests/unit/sched/check_sched_property: private LDLIBS := $(SCHED_LIBS) $(LDLIBS)

$(BUILD)/tests/sched/property: $(BUILD)/tests/sched/property_main.o $(PROPERTY_OBJS) \
                               $(BUILD)/tests/model/plain.o $(SCHED_LIBS)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

sched-record: $(BUILD)/tests/sched/property
	$< -r 100 400 >tests/sched/decisions.inc

sched-property: $(BUILD)/tests/sched/property
	$< $(SEEDS) $(OPERATIONS) $(FIRST)

# make mutants M="window slots"   faults with these words in their names;  EVERY=1  all suites for each
mutants:
	@tests/sched/mutate $(M)

check-mutants: # each fault can still be put into the code
	@tests/sched/mutate --check

.PHONY: sched-property sched-record mutants check-mutants

$(BUILD)/tests/sched/bench: $(patsubst %,$(BUILD)/tests/%.o,sched/bench sched/bench_world support/transport_params) \
                            $(SCHED_LIBS)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

bench-sched: $(BUILD)/tests/sched/bench
	@$<

.PHONY: bench-sched
