/* Moved to tests/support/ctl_row.h; this forwarder goes as soon as nobody names it. */
#include "tests/support/ctl_row.h"
