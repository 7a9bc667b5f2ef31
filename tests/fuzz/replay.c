/*
 * Feeds files, and all files below directories, to a fuzz harness, which is linked in: no fuzzer
 * needed. Prints how many they were.
 */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned feed_file(const char *path)
{
    g_autofree char *bytes = NULL;
    g_autofree uint8_t *exact = NULL; /* without a NUL at the end, which would hide an overrun */
    gsize size;

    if (!g_file_get_contents(path, &bytes, &size, NULL)) {
        g_printerr("replay: %s: %s\n", path, g_strerror(errno));
        exit(EXIT_FAILURE);
    }
    exact = g_malloc(MAX(size, 1));
    for (gsize i = 0; i < size; i++)
        exact[i] = (uint8_t)bytes[i];
    (void)LLVMFuzzerTestOneInput(exact, size);
    return 1;
}

static unsigned feed(const char *path)
{
    GDir *directory = g_dir_open(path, 0, NULL);
    const char *name;
    unsigned count = 0;

    if (directory == NULL)
        return feed_file(path);
    while ((name = g_dir_read_name(directory)) != NULL) {
        g_autofree char *full = g_build_filename(path, name, NULL);

        count += feed(full);
    }
    g_dir_close(directory);
    return count;
}

/* Paths are made absolute before a harness changes the directory. */
int main(int argc, char **argv)
{
    unsigned count = 0;

    for (int i = 1; i < argc; i++) {
        g_autofree char *path = g_canonicalize_filename(argv[i], NULL);

        count += feed(path);
    }
    (void)printf("%u\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
