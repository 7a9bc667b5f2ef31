#ifndef EQMGR_BASE_ELEMENT_H
#define EQMGR_BASE_ELEMENT_H

/*
 * base/element: finds the element that embeds a node.
 */

#include <stddef.h>
#include <string.h>

/* Comparisons get const nodes, but owners want elements that they can change: so the const goes. */
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
