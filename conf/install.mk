# Installation, and what an administrator needs in addition to the daemon. Included by the Makefile.
#   make install [DESTDIR=dir] [prefix=/usr] [NO_CTL=1]     make uninstall
#   make lint-admin            what is shipped beside the programs
#
# The program files of Postfix are never touched: eqmgr is in the same directory under a name of its own,
# and eqmgr.d/oqmgr is the same program under the name that selects the round-robin scheduler.

DESTDIR ?=
prefix  ?= /usr/local
sbindir ?= $(prefix)/sbin
mandir  ?= $(prefix)/share/man
docdir  ?= $(prefix)/share/doc/eqmgr
bashcompdir ?= $(prefix)/share/bash-completion/completions
zshcompdir  ?= $(prefix)/share/zsh/site-functions
fishcompdir ?= $(prefix)/share/fish/vendor_completions.d
unitdir ?= $(prefix)/lib/systemd/system
# Looked up only when it is used, because building needs no Postfix. Without a main.cf (a Postfix that is
# not configured yet) the default is used.
daemon_directory ?= $(shell PATH=$$PATH:/usr/sbin:/sbin; postconf -h daemon_directory 2>/dev/null || \
  postconf -dh daemon_directory 2>/dev/null)
INSTALL ?= install

SHELLS := bash zsh fish
MAN5 := eqmgr.cf.5 eqmgr_policy.5
MAN8 := eqmgr.8 eqmgr-switch.8 $(if $(NO_CTL),,eqmgrctl.8)

# The switch is several files for its readers, and one file for whoever copies it to a machine. Between the
# first file and the last, definitions may come in any order.
SWITCH := prologue instance processes log checks resolvers master_cf service change commands status main

all: $(BUILD)/eqmgr-switch
$(BUILD)/eqmgr-switch: $(SWITCH:%=src/switch/%.sh) conf/install.mk
	@mkdir -p $(@D)
	@echo "join $@"
	sed '/^# shellcheck shell=bash$$/d' $(SWITCH:%=src/switch/%.sh) >$@.new && chmod 755 $@.new && mv -f $@.new $@

# Pages for people, beside README.md: not at the top of the project, which has its code map there.
PAGES := CHANGELOG.md SECURITY.md from-qmgr-to-eqmgr.md when-mail-does-not-move.md

CTL_EXAMPLES := prometheus-eqmgr.rules.yml grafana-eqmgr.json
UNIT        := $(BUILD)/eqmgrctl-web.service
# It names the program where it is installed.
$(UNIT): conf/eqmgrctl-web.service $(RULES)
	@mkdir -p $(@D)
	sed 's|@sbindir@|$(sbindir)|' $< >$@.new && mv -f $@.new $@
CTL_FILES   := $(BUILD)/eqmgrctl $(SHELLS:%=$(BUILD)/completion/%)
INSTALL_CTL  = $(INSTALL) -d '$(DESTDIR)$(bashcompdir)' '$(DESTDIR)$(zshcompdir)' '$(DESTDIR)$(fishcompdir)'; \
  $(INSTALL) -m 755 '$(BUILD)'/eqmgrctl '$(DESTDIR)$(sbindir)'/eqmgrctl; \
  $(INSTALL) -m 644 '$(BUILD)'/completion/bash '$(DESTDIR)$(bashcompdir)'/eqmgrctl; \
  $(INSTALL) -m 644 '$(BUILD)'/completion/zsh '$(DESTDIR)$(zshcompdir)'/_eqmgrctl; \
  $(INSTALL) -m 644 '$(BUILD)'/completion/fish '$(DESTDIR)$(fishcompdir)'/eqmgrctl.fish; \
  $(INSTALL) -m 644 conf/eqmgrctl.schema.json '$(DESTDIR)$(docdir)'; \
  $(INSTALL) -d '$(DESTDIR)$(unitdir)'; \
  $(INSTALL) -m 644 '$(UNIT)' '$(DESTDIR)$(unitdir)'; \
  $(INSTALL) -m 644 $(CTL_EXAMPLES:%=conf/%) '$(DESTDIR)$(docdir)'/examples;

# By rename: master(8) may start the program at any moment, and must find the old or the new one.
install: $(BUILD)/eqmgr $(BUILD)/eqmgr-switch $(if $(NO_CTL),,$(CTL_FILES) $(UNIT))
	@dir='$(daemon_directory)'; test -n "$$dir" || \
	  { echo 'install: no postconf(1) here: say daemon_directory=DIR' >&2; exit 1; }; \
	set -ex; \
	$(INSTALL) -d '$(DESTDIR)'"$$dir"/eqmgr.d '$(DESTDIR)$(sbindir)' '$(DESTDIR)$(mandir)'/man5 \
	  '$(DESTDIR)$(mandir)'/man8 '$(DESTDIR)$(docdir)'/examples; \
	cd '$(CURDIR)'; \
	$(INSTALL) -m 755 '$(BUILD)'/eqmgr '$(DESTDIR)'"$$dir"/eqmgr.new; \
	mv -f '$(DESTDIR)'"$$dir"/eqmgr.new '$(DESTDIR)'"$$dir"/eqmgr; \
	ln -f '$(DESTDIR)'"$$dir"/eqmgr '$(DESTDIR)'"$$dir"/eqmgr.d/oqmgr.new; \
	mv -f '$(DESTDIR)'"$$dir"/eqmgr.d/oqmgr.new '$(DESTDIR)'"$$dir"/eqmgr.d/oqmgr; \
	$(INSTALL) -m 755 '$(BUILD)'/eqmgr-switch '$(DESTDIR)$(sbindir)'/eqmgr-switch; \
	$(if $(NO_CTL),,$(INSTALL_CTL)) \
	$(INSTALL) -m 644 $(MAN5:%=man/%) '$(DESTDIR)$(mandir)'/man5; \
	$(INSTALL) -m 644 $(MAN8:%=man/%) '$(DESTDIR)$(mandir)'/man8; \
	$(INSTALL) -m 644 conf/eqmgr.cf conf/eqmgr_policy.sample '$(DESTDIR)$(docdir)'/examples; \
	$(INSTALL) -m 644 README.md LICENSE $(PAGES:%=conf/doc/%) '$(DESTDIR)$(docdir)'
	@echo 'eqmgr $(VERSION) is installed. "eqmgr-switch on" lets it manage the queue; if it does'
	@echo 'already, "postfix reload" starts the new version.'

# A program that master.cf names must stay: without it no mail would move.
uninstall:
	@dir='$(daemon_directory)'; test -n "$$dir" || \
	  { echo 'uninstall: no postconf(1) here: say daemon_directory=DIR' >&2; exit 1; }; \
	if test -z '$(DESTDIR)'; then \
	  PATH=$$PATH:/usr/sbin:/sbin; \
	  for instance in $$(postconf -xh config_directory multi_instance_directories 2>/dev/null | tr , ' '); do \
	    if postconf -c "$$instance" -F '*/*/command' 2>/dev/null | grep -qE '= eqmgr(\.d/| |$$)'; then \
	      echo "uninstall: eqmgr is still in use: eqmgr-switch -c $$instance off" >&2; \
	      exit 1; \
	    fi; \
	  done; \
	fi; \
	set -x; \
	rm -f '$(DESTDIR)'"$$dir"/eqmgr '$(DESTDIR)'"$$dir"/eqmgr.d/oqmgr '$(DESTDIR)$(sbindir)'/eqmgr-switch \
	  '$(DESTDIR)$(sbindir)'/eqmgrctl '$(DESTDIR)$(bashcompdir)'/eqmgrctl '$(DESTDIR)$(zshcompdir)'/_eqmgrctl \
	  '$(DESTDIR)$(fishcompdir)'/eqmgrctl.fish '$(DESTDIR)$(docdir)'/eqmgrctl.schema.json \
	  '$(DESTDIR)$(unitdir)'/eqmgrctl-web.service $(CTL_EXAMPLES:%='$(DESTDIR)$(docdir)'/examples/%) \
	  $(MAN5:%='$(DESTDIR)$(mandir)'/man5/%) $(MAN8:%='$(DESTDIR)$(mandir)'/man8/%) \
	  '$(DESTDIR)$(docdir)'/examples/eqmgr.cf '$(DESTDIR)$(docdir)'/examples/eqmgr_policy.sample '$(DESTDIR)$(docdir)'/README.md '$(DESTDIR)$(docdir)'/LICENSE \
	  $(PAGES:%='$(DESTDIR)$(docdir)'/%); \
	rmdir '$(DESTDIR)'"$$dir"/eqmgr.d '$(DESTDIR)$(docdir)'/examples '$(DESTDIR)$(docdir)' 2>/dev/null || :

lint: lint-admin
lint-admin: lint-shell-admin lint-apparmor lint-manuals
lint-shell-admin: $(BUILD)/eqmgr-switch
	shellcheck -x $(BUILD)/eqmgr-switch conf/packaging/in-a-new-debian conf/packaging/debian/tests/life-of-the-package tests/logwatch/run tests/e2e/lib/switch.sh
# Without AppArmor in the kernel it tells so about a good profile, too: what it says matters when it fails.
lint-apparmor:
	@if ! command -v apparmor_parser >/dev/null; then \
	  echo 'lint-apparmor: skipped, there is no apparmor_parser'; \
	elif ! said=$$(apparmor_parser -QTK $(wildcard conf/apparmor/*) 2>&1); then echo "$$said" >&2; exit 1; fi
# Which other manuals are on this machine does not matter.
lint-manuals:
	@! mandoc -T lint $(MAN5:%=man/%) $(MAN8:%=man/%) 2>&1 | grep -vE 'outdated mandoc.db|referenced manual not found'

.PHONY: install uninstall lint-admin lint-shell-admin lint-apparmor lint-manuals
