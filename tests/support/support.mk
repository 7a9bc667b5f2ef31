# What tests share (README.md of tests). Included by the Makefile.
#   libsupport.a   test programs link it before their layers and take the members they name
#   faults.o, thread_faults.o  not members: they replace calls of the C library in the whole program

NM           ?= nm
SUPPORT      := $(BUILD)/libsupport.a
SUPPORT_SRCS := $(filter-out %/faults.c %/thread_faults.c %/sanitizer_options.c $(if $(NO_CTL),%/ctl_line.c %/ctl_row.c %/web_stand.c),$(wildcard tests/support/*.c))
SUPPORT_OBJS := $(SUPPORT_SRCS:%.c=$(BUILD)/%.o)

$(SUPPORT): $(SUPPORT_OBJS)
$(SUPPORT_OBJS): | $(TEST_NEEDS)
$(BUILD)/tests/support/ctl_line.o $(BUILD)/tests/support/ctl_row.o $(BUILD)/tests/support/web_stand.o: override CPPFLAGS += $(CTL_CFLAGS)

FAULTY_TESTS := $(filter %_faults,$(TESTS))
$(FAULTY_TESTS): $(BUILD)/tests/support/faults.o
DISK_TESTS   := $(filter %/check_control_rule_store %/check_control_keeper_store,$(TESTS))
$(DISK_TESTS): $(BUILD)/tests/support/thread_faults.o
# They ask for dlsym(), which is in a library of its own before glibc 2.34.
$(FAULTY_TESTS) $(DISK_TESTS): override LDLIBS += -ldl

# In an archive a name of two members, or of a member and a layer, is whichever the linker finds first.
check-support: $(SUPPORT) $(POSTFIX) $(call libs,$(if $(NO_CTL),,ctl) $(LAYERS))
	@$(NM) --defined-only -g --format=posix $^ | awk 'NF == 1 { next } seen[$$1]++ { print "defined twice: " $$1; bad = 1 } \
	  END { exit bad }'

.PHONY: check-support
