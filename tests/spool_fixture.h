/* Moved to tests/support/spool_fixture.h; this forwarder goes as soon as nobody names it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/spool_fixture.h"
