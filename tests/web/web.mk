# The status page in the world outside (run here). Included by the Makefile.
#   make web-check [WEB_SECONDS=60] [CHECKS="metrics rules dashboard unit prometheus pages"]

CHECKS ?=
WEB_SECONDS ?= 60

web-check: $(BUILD)/eqmgr $(BUILD)/eqmgrctl
	@MODE=$(MODE) ROOT='$(ROOT)' WEB_SECONDS=$(WEB_SECONDS) tests/web/run $(CHECKS)

.PHONY: web-check
