/* Moved to tests/support/control_fixture.h; this forwarder goes as soon as nobody names it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "codec/attr.h"
#include "tests/support/control_fixture.h"
#define start start_control
#define end   end_control
#define turn  turn_control
