/* Moved to tests/support/life_fixture.h; this forwarder goes as soon as nobody names it. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "src/life/deliver_internal.h"
#include "src/life/scan_internal.h"
#include "tests/postfix/queue_file.h"
#include "tests/support/life_fixture.h"
