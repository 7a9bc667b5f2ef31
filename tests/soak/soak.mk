# Long use (README.md here). Included by the Makefile.
#   make soak HOURS=8 [SEED=1]

HOURS ?= 1

soak: all
	@QMGR=$(BUILD)/eqmgr EQMGRCTL=$(BUILD)/eqmgrctl OUT=$(ROOT)/soak $(if $(SEED),SEED=$(SEED)) tests/soak/run $(HOURS)

.PHONY: soak
