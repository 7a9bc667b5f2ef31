/* Moved to tests/support/codec_fixture.h; this forwarder goes as soon as nobody names it. */
#include <string.h>

#include "tests/support/codec_fixture.h"
