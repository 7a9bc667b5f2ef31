/* Moved to tests/support/sched_notice.h; this forwarder goes as soon as nobody names it. */
#include "tests/support/sched_notice.h"
