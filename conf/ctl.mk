# eqmgrctl, a program of its own that needs more libraries than the daemon. Included by the Makefile.
#   make NO_CTL=1   the daemon alone

CTL_PKGS   := jansson
CTL_CFLAGS := $(shell pkg-config --cflags $(CTL_PKGS) 2>/dev/null)
CTL_LIBS   := $(shell pkg-config --libs $(CTL_PKGS) 2>/dev/null)
CTL_OBJS   := $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/ctl/*.c))

ifeq ($(NO_CTL),)
all: $(BUILD)/eqmgrctl
endif
ctl-needs:
	@tests/install-deps --tell $(CTL_PKGS:%=pkg:%)
CTL_NEEDS := $(if $(CTL_LIBS),,ctl-needs)
$(CTL_OBJS): | $(CTL_NEEDS)
$(CTL_OBJS): override CPPFLAGS += $(CTL_CFLAGS)
$(BUILD)/eqmgrctl: $(CTL_OBJS) $(patsubst %.c,$(BUILD)/%.o,$(WITH_$(MODE))) $(call libs,codec base)
	@echo "link $@"
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(CTL_LIBS)

.PHONY: ctl-needs
