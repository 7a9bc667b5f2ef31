# Fuzzing (README.md here). Included by the Makefile.
#   make fuzz [FUZZ_S=30] [F=talk]   with clang: each harness, or one, for so many seconds
#   make fuzz-replay                 the corpora once, with any compiler
#   make fuzz-coverage               lines of codec and config that the corpora reach

FUZZ_S  ?= 30
F       ?=
FUZZERS := $(filter-out $(if $(NO_CTL),fuzz_ctl_%),$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c)))
FUZZED  := $(if $(F),fuzz_$(F),$(FUZZERS))
# A reader of attribute lists that is not the daemon's, and a driver of the envelope reader.
FUZZ_OBJS := $(BUILD)/tests/postfix/wire.o $(BUILD)/tests/support/queue_file_reading.o

fuzz:
	$(MAKE) MODE=fuzz CC=clang $(patsubst %,$(ROOT)/fuzz/tests/fuzz/%.run,$(FUZZED))
# New inputs are kept with the build; put those that are worth it into the corpus by hand.
$(BUILD)/tests/fuzz/%.run: $(BUILD)/tests/fuzz/%
	@mkdir -p $(ROOT)/fuzz/corpus/$*
	$< -max_total_time=$(FUZZ_S) -artifact_prefix=$(abspath $(ROOT))/fuzz/ \
	  $(abspath $(ROOT)/fuzz/corpus/$* tests/fuzz/corpus/$*)
# Those of eqmgrctl.
FUZZ_CTL := $(patsubst %,$(BUILD)/tests/fuzz/%,$(filter fuzz_ctl_%,$(FUZZERS)))
$(FUZZ_CTL) $(FUZZ_CTL:$(BUILD)/tests/fuzz/%=$(BUILD)/tests/fuzz/replay_%): override LDLIBS += $(CTL_LIBS)
$(patsubst %,$(BUILD)/tests/fuzz/%,$(FUZZERS)): %: %.o $(FUZZ_OBJS) \
    $$(if $$(findstring fuzz_ctl_,$$@),$(call libs,ctl)) $(call libs,$(LAYERS))
	$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

REPLAYS := $(patsubst %,$(BUILD)/tests/fuzz/replay_%,$(FUZZERS))

$(REPLAYS): $(BUILD)/tests/fuzz/replay_%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/replay.o $(FUZZ_OBJS) \
            $$(if $$(findstring fuzz_ctl_,$$@),$(call libs,ctl)) $(call libs,$(LAYERS))
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

fuzz-replay: $(REPLAYS)
	@tests/fuzz/replay $(REPLAYS)

fuzz-coverage:
	@find $(ROOT)/cov-fuzz -name '*.gcda' -delete 2>/dev/null || :
	@$(MAKE) --no-print-directory -s MODE=cov ROOT=$(ROOT)/cov-fuzz fuzz-replay
	@tests/fuzz/coverage $(ROOT)/cov-fuzz/cov codec 85 config 90

.PHONY: fuzz fuzz-replay fuzz-coverage
