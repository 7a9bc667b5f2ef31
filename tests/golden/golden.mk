# Golden tests: each line that the daemon can log, and each input that can be bad, is tested somewhere.
# Included by the Makefile.
#   make golden-ctl   writes what eqmgrctl prints to tests/data/ctl anew, and shows what changed

unit: | check-tables

check-tables:
	@tests/golden/check-log-lines
	@tests/golden/check-bad-inputs

golden-ctl:
	GOLDEN_UPDATE=1 $(MAKE) --no-print-directory unit T=ctl_golden
	git --no-pager diff --stat tests/data/ctl

.PHONY: check-tables golden-ctl
