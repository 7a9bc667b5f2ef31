# eqmgrctl, a program of its own that needs more libraries than the daemon. Included by the Makefile.
#   make NO_CTL=1   the daemon alone
#   make schema     conf/eqmgrctl.schema.json, after a change of the table in src/ctl/view.c

CTL_PKGS   := jansson libevent_extra ncursesw
CTL_CFLAGS := $(shell pkg-config --cflags $(CTL_PKGS) 2>/dev/null)
CTL_LIBS   := $(shell pkg-config --libs $(CTL_PKGS) 2>/dev/null)
CTL_OBJS   := $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/ctl/*.c src/ctl/*/*.c))

ifeq ($(NO_CTL),)
all: $(BUILD)/eqmgrctl
endif
ctl-needs:
	@tests/tools/install-deps --tell $(CTL_PKGS:%=pkg:%)
CTL_NEEDS := $(if $(CTL_LIBS),,ctl-needs)
$(CTL_OBJS): | $(CTL_NEEDS)
$(CTL_OBJS): override CPPFLAGS += $(CTL_CFLAGS)
# All but main() is an archive, as a layer is, so that tests can link it.
DEPS_ctl := config policy codec base
$(BUILD)/libctl.a: $(filter-out %/main.o,$(CTL_OBJS))
CTL_TESTS := $(filter $(BUILD)/tests/unit/ctl/%,$(TESTS))
$(CTL_TESTS): override LDLIBS += $(CTL_LIBS)
$(CTL_TESTS:%=%.o): override CPPFLAGS += $(CTL_CFLAGS)
$(BUILD)/eqmgrctl: $(filter %/main.o,$(CTL_OBJS)) $(call libs,ctl) $(patsubst %.c,$(BUILD)/%.o,$(WITH_$(MODE))) $(call libs,config policy codec base)
	@echo "link $@"
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(CTL_LIBS)

schema: $(BUILD)/eqmgrctl
	$< schema >conf/eqmgrctl.schema.json.new
	mv conf/eqmgrctl.schema.json.new conf/eqmgrctl.schema.json
# Made of the table of verbs when they are installed, so that they cannot differ from it.
$(BUILD)/completion/%: $(BUILD)/eqmgrctl
	@mkdir -p $(@D)
	$< completion $* >$@.new
	mv $@.new $@

.PHONY: ctl-needs schema
