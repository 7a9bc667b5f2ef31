# Golden tests: each line that the daemon can log is tested somewhere. Included by the Makefile.

unit: | check-log-lines

check-log-lines:
	@tests/golden/check-log-lines

.PHONY: check-log-lines
