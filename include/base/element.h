#ifndef EQMGR_BASE_ELEMENT_H
#define EQMGR_BASE_ELEMENT_H

/*
 * base/element: from a node to the element that embeds it.
 */

#include <stddef.h>
#include <string.h>

/* Nodes reach comparisons as const, elements are found for whoever owns them: without const. */
static inline void *element_at(const void *node, size_t offset_bytes)
{
    const char *address = (const char *)node - offset_bytes;
    void *element;

    memcpy(&element, &address, sizeof(element));
    return element;
}

/* The element whose member `member` is at `node`. */
#define ELEMENT(node, type, member) ((type *)element_at(node, offsetof(type, member)))

#endif
