#ifndef EQMGR_BASE_CHAIN_H
#define EQMGR_BASE_CHAIN_H

/*
 * base/chain: a singly linked list that costs one pointer per element and one per list.
 *
 * Elements embed a Link as their first member; a Link is in at most one chain. The chain keeps
 * its last element only, whose `next` is the first one, so appending and joining are O(1).
 * The chain owns nothing: whoever removes an element owns it.
 */

#include <stdbool.h>
#include <stddef.h>

typedef struct Link {
    struct Link *next;
} Link;

typedef struct Chain {
    Link *last; /* NULL: empty */
} Chain;

static inline bool chain_is_empty(const Chain *chain)
{
    return chain->last == NULL;
}

static inline Link *chain_first(const Chain *chain)
{
    return chain->last == NULL ? NULL : chain->last->next;
}

/* The element after `link`, or NULL at the end. */
static inline Link *chain_next(const Chain *chain, const Link *link)
{
    return link == chain->last ? NULL : link->next;
}

static inline void chain_append(Chain *chain, Link *link)
{
    if (chain->last == NULL) {
        link->next = link;
    } else {
        link->next = chain->last->next;
        chain->last->next = link;
    }
    chain->last = link;
}

/* Removes and returns the first element, or NULL. */
static inline Link *chain_pop_first(Chain *chain)
{
    Link *first = chain_first(chain);

    if (first == NULL)
        return NULL;
    if (first == chain->last)
        chain->last = NULL;
    else
        chain->last->next = first->next;
    first->next = NULL;
    return first;
}

/* Appends all of `from` to `chain`; `from` is empty afterwards. */
static inline void chain_join(Chain *chain, Chain *from)
{
    Link *first = chain_first(from);

    if (first == NULL)
        return;
    if (chain->last != NULL) {
        from->last->next = chain->last->next;
        chain->last->next = first;
    }
    chain->last = from->last;
    from->last = NULL;
}

#endif
