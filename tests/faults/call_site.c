#include "tests/faults/call_site.h"

#include <elf.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FRAMES_MAX   32
#define HELPERS_MAX  8
#define NAMES_MAX    3
#define TRANSPARENT  "loop_"
#define SUFFIX_BEGIN '.' /* of what the compiler made of a function: ".part.0", ".constprop.0" */

typedef struct Range {
    uintptr_t from, to;
} Range;

typedef struct Symbol {
    uintptr_t from, to;
    const char *name;
} Symbol;

static uintptr_t program_base;
static Range program, helpers[HELPERS_MAX]; /* libraries whose calls are made for the program */
static size_t helper_count;
static Symbol *symbols;
static size_t symbol_count;

static bool contains(const Range *range, uintptr_t address)
{
    return address >= range->from && address < range->to;
}

static bool is_helper(const char *path)
{
    return strstr(path, "/libevent") != NULL || strstr(path, "/libglib") != NULL;
}

static int note_object(struct dl_phdr_info *info, size_t size, void *ctx)
{
    bool is_program = info->dlpi_name[0] == '\0' && program.to == 0;
    Range range = {UINTPTR_MAX, 0};

    (void)size;
    (void)ctx;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t from = info->dlpi_addr + header->p_vaddr;

        if (header->p_type != PT_LOAD || (header->p_flags & PF_X) == 0)
            continue;
        range.from = from < range.from ? from : range.from;
        range.to = from + header->p_memsz > range.to ? from + header->p_memsz : range.to;
    }
    if (is_program) {
        program = range;
        program_base = info->dlpi_addr;
    } else if (is_helper(info->dlpi_name) && helper_count < HELPERS_MAX) {
        helpers[helper_count++] = range;
    }
    return 0;
}

static int by_address(const void *a, const void *b)
{
    const Symbol *left = a, *right = b;

    return left->from < right->from ? -1 : left->from > right->from;
}

static void read_table(const char *image, const ElfW(Shdr) * table, const ElfW(Shdr) * texts)
{
    const ElfW(Sym) *all = (const void *)(image + table->sh_offset);
    size_t count = table->sh_size / sizeof(*all);

    symbols = malloc(count * sizeof(*symbols));
    for (size_t i = 0; symbols != NULL && i < count; i++) {
        uintptr_t from = program_base + all[i].st_value;

        if (ELF64_ST_TYPE(all[i].st_info) == STT_FUNC && all[i].st_size > 0)
            symbols[symbol_count++] =
                (Symbol){from, from + all[i].st_size, image + texts->sh_offset + all[i].st_name};
    }
    qsort(symbols, symbol_count, sizeof(*symbols), by_address);
}

static void read_image(const char *image)
{
    const ElfW(Ehdr) *header = (const void *)image;
    const ElfW(Shdr) *sections = (const void *)(image + header->e_shoff);

    for (int i = 0; i < header->e_shnum; i++)
        if (sections[i].sh_type == SHT_SYMTAB)
            read_table(image, &sections[i], &sections[sections[i].sh_link]);
}

/* The image stays mapped, since the names are in it. */
bool call_site_init(void)
{
    void *warm_up[1];
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    void *image = MAP_FAILED;
    struct stat st;

    (void)backtrace(warm_up, 1); /* loads the unwinder now rather than within a call */
    (void)dl_iterate_phdr(note_object, NULL);
    if (fd < 0)
        return false;
    if (fstat(fd, &st) == 0)
        image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    (void)close(fd);
    if (image != MAP_FAILED)
        read_image(image);
    return symbol_count > 0;
}

static bool calls_for_program(uintptr_t address)
{
    if (contains(&program, address))
        return true;
    for (size_t i = 0; i < helper_count; i++)
        if (contains(&helpers[i], address))
            return true;
    return false;
}

/* The frames before the caller are ours, and perhaps a sanitizer's. A return address may be the
 * first of the next function: the call is before it. */
bool call_site_take(const void *caller, CallSite *ret_site)
{
    void *found[FRAMES_MAX];
    int count, at = 0;
    size_t depth = 0;

    if (!calls_for_program((uintptr_t)caller - 1))
        return false;
    *ret_site = (CallSite){0};
    count = backtrace(found, FRAMES_MAX);
    while (at < count && found[at] != caller)
        at++;
    for (; at < count && depth < CALL_SITE_DEPTH; at++)
        if (contains(&program, (uintptr_t)found[at] - 1))
            ret_site->frames[depth++] = (uintptr_t)found[at] - 1;
    return depth > 0;
}

static const Symbol *find_symbol(uintptr_t address)
{
    size_t low = 0, high = symbol_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (symbols[middle].to <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < symbol_count && symbols[low].from <= address ? &symbols[low] : NULL;
}

static const char *name_of(uintptr_t address)
{
    const Symbol *symbol = find_symbol(address);

    return symbol != NULL ? symbol->name : "unknown";
}

static int length_of(const char *name)
{
    const char *suffix = strchr(name + 1, SUFFIX_BEGIN);

    return (int)(suffix != NULL ? (size_t)(suffix - name) : strlen(name));
}

void call_site_name(const CallSite *site, char *ret_name, size_t room)
{
    size_t used = 0, named = 0;

    ret_name[0] = '\0';
    for (size_t i = 0; i < CALL_SITE_DEPTH && site->frames[i] != 0 && named < NAMES_MAX; i++) {
        const char *name = name_of(site->frames[i]);

        if (strncmp(name, TRANSPARENT, strlen(TRANSPARENT)) == 0 || used >= room)
            continue;
        used += (size_t)snprintf(ret_name + used, room - used, "%s%.*s", named > 0 ? "<-" : "",
                                 length_of(name), name);
        named++;
        if (strcmp(name, "main") == 0)
            break;
    }
}
