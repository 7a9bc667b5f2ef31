# Golden tests: each line that the daemon can log, and each input that can be bad, is tested somewhere.
# Included by the Makefile.

unit: | check-tables

check-tables:
	@tests/golden/check-log-lines
	@tests/golden/check-bad-inputs

.PHONY: check-tables
