# The laboratory (README.md here). Included by the Makefile.
#   make fidelity      each scenario against the stock queue manager and against ours
#   make lab           just the programs

LAB_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/lab/clock_preload.c,$(wildcard tests/lab/*.c)))

lab: $(BUILD)/tests/lab/lab $(BUILD)/tests/lab/clock.so

$(BUILD)/tests/lab/lab: $(LAB_OBJS) $(BUILD)/libpostfix.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Loaded into foreign programs, so never with a sanitizer or coverage.
$(BUILD)/tests/lab/clock.so: tests/lab/clock_preload.c tests/lab/clock_page.h $(RULES)
	@mkdir -p $(@D)
	$(CC) -Iinclude -I. -D_GNU_SOURCE -std=gnu11 $(WARN) -O1 -g -fPIC -shared -o $@ $<

# make explore N=200 SEED=1: random scenarios instead of written ones.
explore: lab $(BUILD)/eqmgr
	@LAB=$(BUILD)/tests/lab EQMGR=$(BUILD)/eqmgr tests/lab/explore $(or $(N),50) $(or $(SEED),1)
	@LAB=$(BUILD)/tests/lab EQMGR=$(BUILD)/eqmgr \
	  tests/lab/explore --program oqmgr $(or $(N),50) $(or $(SEED),1)

fidelity: lab $(BUILD)/eqmgr
	@LAB=$(BUILD)/tests/lab EQMGR=$(BUILD)/eqmgr tests/lab/fidelity $(S)

.PHONY: lab fidelity explore
