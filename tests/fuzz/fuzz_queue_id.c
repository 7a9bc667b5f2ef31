/* Names of files in the queue, and the hash directories they imply. */

#include <stdint.h>
#include <string.h>

#include <glib.h>

#include "codec/queue_id.h"

#define DEPTH_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *name = g_strndup((const char *)data, size);
    bool is_valid = queue_id_is_valid(name);

    g_assert(!is_valid || (strlen(name) <= QUEUE_ID_MAX_BYTES && strchr(name, '/') == NULL));
    for (unsigned depth = 0; is_valid && depth <= DEPTH_MAX; depth++) {
        char dirs[2 * DEPTH_MAX + 1];

        memset(dirs, 'x', sizeof(dirs));
        queue_id_hash_dirs(name, depth, dirs);
        g_assert(strlen(dirs) == (size_t)2 * depth);
        for (unsigned level = 0; level < depth; level++)
            g_assert((g_ascii_isalnum(dirs[2 * level]) || dirs[2 * level] == '_') &&
                     dirs[2 * level + 1] == '/');
    }
    return 0;
}
