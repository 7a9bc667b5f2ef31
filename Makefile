# One non-recursive Makefile.
#   make            the optimised daemon, build/release/eqmgr    (MODE=debug|asan|cov|fuzz beside it)
#   make test       installs what is missing, builds, runs unit and end-to-end tests
#   make demo       a private Postfix with eqmgr as its queue manager, watched at work
#                   DEMO_WEB=1: and its status page in a browser, until Enter
#   make nightly    the long tests, one after the other: hours (tests/tools/nightly says how to shorten it)
#   make unit lint check-layers check-headers coverage fuzz clean

MODE  ?= release
ROOT  ?= build
BUILD := $(ROOT)/$(MODE)

VERSION := 0.1

# The architecture: layers in link order (each before the ones it uses), and what each may use.
# check-layers enforces the table on #includes; the per-layer archives enforce it when tests link.
LAYERS     := control life ipc spool config daemon sched policy codec stats base
DEPS_base  :=
DEPS_codec := base
DEPS_stats := base
DEPS_policy:= base
DEPS_sched := policy base
DEPS_config:= policy base
DEPS_spool := codec base
DEPS_ipc   := codec base
DEPS_daemon:= codec base
DEPS_control := life ipc spool sched policy stats codec base
DEPS_life  := ipc spool sched policy stats codec base
PURE       := codec policy sched stats# neither sockets, event loop nor file system

# Inside a layer: its floors from top to bottom, the files of each joined by commas. A file may call files of
# lower floors only. A layer without floors has no circle of files.
FLOORS_ipc   := resolver resolver_pool,report_client resolver_query,resolver_spread,agent answer_cache \
                fair_line,talk connect,sender
FLOORS_life  := life,inspect,line intake,deliver,finish,learn,reresolve mail_walk,resolve,takeover,locked,backoff bind,release,overdue,kept settle,expire report,leave \
                ended jobs pilot round unreadable,corrupt,scan suspend,limit,parking,targets,round_tried deferred,trouble,request complain expedite suspended,message,slowed blame,schedule,parked,attempt \
                flush_site,verbose,context,name,oldest,job_words,plans,rates,tried,site_key
FLOORS_sched := check,inspect sched connection,finish,message window,preemptive,round_robin redirect preempt \
                entry,transport paced destination site job stack slots,pace keep \
                index to_visit candidate waiting usable member deliverable,job_order \
                peer job_extra,state,change,walk objects,cause,notice,crowd

PKGS     := glib-2.0 libevent_core
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
# Optional: without it, or with NO_SECCOMP=1, the daemon has no filter of system calls, and says so at start.
SECCOMP_LIBS := $(if $(NO_SECCOMP),,$(shell pkg-config --libs libseccomp 2>/dev/null))
SECCOMP_CFLAGS := $(if $(SECCOMP_LIBS),-DEQMGR_SECCOMP $(shell pkg-config --cflags libseccomp))
# Only the tests need this one.
CHECK_CFLAGS := $(shell pkg-config --cflags check 2>/dev/null)
CHECK_LIBS   := $(shell pkg-config --libs check 2>/dev/null)
# The oldest GLib we build with. Functions that became outdated later cause no warning; in the program,
# younger functions do.
GLIB     := -DGLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_66
$(BUILD)/src/%.o: GLIB += -DGLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_66
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
            -Wswitch-enum -Wundef -Wwrite-strings -Wpointer-arith -Wcast-qual
HARDEN   := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fPIE
FLAGS_debug   := -O1 -g
FLAGS_release := -O2 -g $(HARDEN)
FLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_cov     := -O0 -g --coverage -DEQMGR_INSTRUMENT='"coverage counters"'
FLAGS_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -DEQMGR_INSTRUMENT='"fuzzer"'
WITH_asan     := tests/support/sanitizer_options.c
LINK_release  := -pie -Wl,-z,relro,-z,now,-z,noexecstack
override CPPFLAGS += -Iinclude -I. -D_GNU_SOURCE -DEQMGR_VERSION='"$(VERSION)"' $(GLIB) -MMD -MP \
                     $(PKG_CFLAGS) $(SECCOMP_CFLAGS)
override CFLAGS   += -std=gnu11 $(WARN) $(FLAGS_$(MODE))
override LDFLAGS  += $(FLAGS_$(MODE)) $(LINK_$(MODE))
override LDLIBS   += $(PKG_LIBS) $(SECCOMP_LIBS:%=-Wl,--as-needed % -Wl,--no-as-needed) -lm

# Objects depend on the rules, too.
RULES := Makefile $(wildcard tests/*/*.mk conf/*.mk)

empty :=
space := $(empty) $(empty)
objs   = $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/$(1)/*.c))
lib    = $(if $(wildcard src/$(1)/*.c),$(BUILD)/lib$(1).a)
libs   = $(foreach l,$(1),$(call lib,$(l)))
# Unit tests: tests/unit/<layer>/check_<layer>_<module>.c, each a program.
layer  = $(word 1,$(subst /, ,$(1)))# ipc/check_ipc_agent -> ipc
TESTS := $(patsubst %.c,$(BUILD)/%,$(filter-out $(if $(NO_CTL),tests/unit/ctl/%),$(wildcard tests/unit/*/check_*.c)))
SOURCES := $(wildcard src/*.[ch] src/*/*.[ch] src/*/*/*.[ch] include/*/*.h tests/*/*.[ch] tests/*/*/*.[ch])

all: $(BUILD)/eqmgr
$(foreach l,$(LAYERS),$(eval $(BUILD)/lib$(l).a: $(call objs,$(l))))

# make V=1 shows the commands.
$(V).SILENT:

$(BUILD)/eqmgr: $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/*.c) $(WITH_$(MODE))) $(call libs,$(LAYERS))
	@echo "link $@"
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
# Names what is missing, with the package that has it, before anything is compiled.
needs:
	@tests/tools/install-deps --tell $(firstword $(CC)) pkg-config $(PKGS:%=pkg:%)
test-needs:
	@tests/tools/install-deps --tell pkg-config pkg:check
NEEDS      := $(if $(and $(PKG_LIBS),$(shell command -v $(firstword $(CC)))),,needs)
TEST_NEEDS := $(if $(CHECK_LIBS),,test-needs)
$(TESTS:%=%.o): | $(TEST_NEEDS)
$(BUILD)/tests/%.o: override CPPFLAGS += $(CHECK_CFLAGS)

$(BUILD)/%.o: %.c $(RULES) | $(NEEDS)
	@mkdir -p $(@D)
	@echo "cc   $<"
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(BUILD)/lib%.a:
	@rm -f $@
	$(AR) rcsD $@ $^
.SECONDEXPANSION:
# A test links what tests share, its own layer and those it may use, nothing else.
$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $$(SUPPORT) $$(POSTFIX) \
                       $$(call libs,$$(call layer,$$*) $$(DEPS_$$(call layer,$$*)))
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(CHECK_LIBS)

unit: | check-needs
check-needs:
	@tests/tools/check-needs

# make unit T=spool runs the tests whose names contain "spool" only.
T ?=
unit: $(foreach t,$(TESTS),$(if $(T),$(if $(findstring $(T),$(notdir $(t))),$(t)),$(t)))
	@tests/tools/run-unit $^

test: deps
	@tests/tools/run-all $(MODE)

nightly: deps
	@MAKE="$(MAKE)" ROOT="$(ROOT)" tests/tools/nightly

# The programs, on all processors unless the caller has chosen how many.
demo:
	@tests/tools/install-deps --demo
	@$(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$$(nproc)) all
	@DEMO_WEB='$(DEMO_WEB)' tests/tools/demo $(BUILD)/eqmgr

deps:
	@tests/tools/install-deps

check-layers: $(call libs,$(LAYERS))
	@rc=0; $(foreach l,$(LAYERS),\
	  if grep -HnE '^#include "[a-z]+/' $(wildcard src/$(l)/*.[ch] include/$(l)/*.h) /dev/null | \
	     grep -vE '"(src/)?($(subst $(space),|,$(l) $(DEPS_$(l))))/'; then rc=1; fi;) \
	if grep -HnE '<(event2/|unistd\.h|fcntl\.h|sys/(socket|stat)\.h)' \
	     $(foreach l,$(PURE),$(wildcard src/$(l)/*.c include/$(l)/*.h)) /dev/null; then rc=1; fi; \
	$(foreach l,$(LAYERS),\
	  tests/tools/check-floors $(BUILD)/lib$(l).a $(FLOORS_$(l)) || rc=1;) \
	tests/tools/try-floors $(CC) || rc=1; \
	test $$rc = 0 || { echo 'layering violated' >&2; exit 1; }

check-events: # an event that may not have been added is somebody's to deal with
	@! grep -nE '\<(event|evtimer|evsignal)_add\(|\<event_base_once\(' $(filter-out src/base/loop.c,\
	  $(wildcard src/*.c src/*/*.c src/*/*/*.c)) || { echo 'use base/loop' >&2; exit 1; }

check-headers: # every header compiles on its own
	@for h in $(wildcard include/*/*.h); do \
	  $(CC) $(filter-out -MMD -MP,$(CPPFLAGS)) -std=gnu11 $(WARN) -fsyntax-only -x c $$h || exit 1; done

check-citations: # sections of src/spec that comments cite exist
	@tests/tools/check-citations

check-version: # papers and packages name the version that is built
	@tests/tools/check-version $(VERSION)

# Words of mandoc, of tests and of a log line that look misspelt. A machine without codespell or aspell skips it.
SPELLED_WELL := nd,te,mis-match,smpt,exmaple,discreet,iif
check-spelling: # papers and comments
	@if command -v codespell >/dev/null; then \
	  codespell -L $(SPELLED_WELL) -S '*.svg,*/corpus/*,tests/data/*,tests/lab/expected/*' README.md Makefile src include tests man conf; \
	else echo 'check-spelling: skipped, there is no codespell'; fi
check-words: # papers for people
	@if command -v aspell >/dev/null; then tests/tools/check-words README.md $(wildcard conf/*.md conf/doc/*.md man/*.[1-9]); \
	else echo 'check-words: skipped, there is no aspell'; fi

check-names: # a backtrace says where it is
	@tests/tools/check-names

coverage:
	$(MAKE) MODE=cov unit && gcov -n $$(find $(ROOT)/cov/src -name '*.gcda') | grep -A1 "^File 'src/"

# make test looks at the own checks; .ci/run also uses the tools that are there, but clang-tidy takes too long for it.
lint: check-layers check-events check-headers check-citations check-version check-names check-spelling check-words check-mutants \
      check-support lint-format lint-shell lint-tidy
lint-format:
	clang-format --dry-run -Werror $(SOURCES)
lint-tidy:
	clang-tidy --quiet $(wildcard src/*.c src/*/*.c src/*/*/*.c) -- $(filter-out -MMD -MP,$(CPPFLAGS)) $(CTL_CFLAGS) -std=gnu11
lint-shell:
	shellcheck -x $(wildcard tests/tools/run-* tests/web/run $(addprefix tests/tools/,check-citations check-floors check-needs \
	  check-version check-words demo install-deps nightly try-floors) tests/e2e/run tests/e2e/*/*.sh tests/lab/fidelity tests/kill/run \
	  tests/faults/run tests/soak/run tests/soak/slopes tests/traffic/run tests/traffic/real) .ci/run

clean:
	rm -rf $(ROOT)

# Parts of the project with programs of their own bring their rules along.
include $(filter %.mk,$(RULES))

.PHONY: all needs test-needs check-needs unit test nightly demo deps check-layers check-events check-headers check-citations check-version check-spelling \
        check-words coverage lint lint-format lint-tidy lint-shell clean
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
