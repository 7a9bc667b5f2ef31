/*
 * Rings of fixed records. The record of a serial is found by the serial modulo the size, so nothing
 * is moved and nothing is searched but by destination.
 */

#include "stats/ring.h"

#include <string.h>

struct FailureRing {
    uint64_t last_serial; /* 0: none yet */
    Failure *entries;     /* FAILURE_MAX */
};

struct EventRing {
    uint64_t last_serial;
    Event *entries; /* EVENT_MAX */
};

#define UTF8_TAIL_MAX 3 /* bytes of a sequence after its first one */

/* Cuts at a whole UTF-8 sequence where the text is UTF-8. */
static void put_text(char *out, size_t size_bytes, const char *text)
{
    size_t length;

    if (text == NULL)
        text = "";
    length = strlen(text);
    if (length >= size_bytes) {
        length = size_bytes - 1;
        for (int i = 0; i < UTF8_TAIL_MAX && ((unsigned char)text[length] & 0xc0) == 0x80; i++)
            length--;
    }
    memcpy(out, text, length);
    memset(out + length, 0, size_bytes - length);
}

#define PUT_TEXT(out, text) put_text(out, sizeof(out), text)

/*
 * Written to at once, so that the process has all of its memory from the start: it does not grow as
 * the ring fills, and what cannot be had is missed before there is mail.
 */
static void *alloc_written(size_t size_bytes)
{
    return memset(g_malloc(size_bytes), 0, size_bytes);
}

static uint32_t hash_names(const char *transport, const char *destination)
{
    return g_str_hash(transport) * 31 + g_str_hash(destination);
}

FailureRing *failure_ring_new(void)
{
    FailureRing *ring = g_new0(FailureRing, 1);

    ring->entries = alloc_written(FAILURE_MAX * sizeof(Failure));
    return ring;
}

void failure_ring_free(FailureRing *ring)
{
    if (ring == NULL)
        return;
    g_free(ring->entries);
    g_free(ring);
}

void failure_add(FailureRing *ring, int64_t wall_s, const char *transport, const char *destination,
                 const char *status, const char *reason)
{
    Failure *entry;

    if (ring == NULL)
        return;
    entry = &ring->entries[++ring->last_serial % FAILURE_MAX];
    entry->serial = ring->last_serial;
    entry->wall_s = wall_s;
    entry->hash = hash_names(transport, destination);
    PUT_TEXT(entry->transport, transport);
    PUT_TEXT(entry->destination, destination);
    PUT_TEXT(entry->status, status);
    PUT_TEXT(entry->reason, reason);
}

static bool is_cut_of(const char *kept, size_t size_bytes, const char *name)
{
    size_t length = strlen(kept);

    return strncmp(kept, name, length) == 0 &&
           (name[length] == '\0' || length + UTF8_TAIL_MAX + 1 >= size_bytes);
}

const Failure *failure_find(const FailureRing *ring, const char *transport, const char *destination,
                            uint64_t before)
{
    uint32_t hash = hash_names(transport, destination);
    uint64_t newest = before == 0 ? 0 : MIN(ring->last_serial, before - 1);
    uint64_t oldest = ring->last_serial > FAILURE_MAX ? ring->last_serial - FAILURE_MAX + 1 : 1;

    for (uint64_t serial = newest; serial >= oldest; serial--) {
        const Failure *entry = &ring->entries[serial % FAILURE_MAX];

        if (entry->hash == hash &&
            is_cut_of(entry->transport, sizeof(entry->transport), transport) &&
            is_cut_of(entry->destination, sizeof(entry->destination), destination))
            return entry;
    }
    return NULL;
}

const char *event_kind_str(EventKind kind)
{
    static const char *const names[EVENT_KIND_COUNT] = {
        [EVENT_STARTED] = "started",
        [EVENT_TRANSPORT_DIED] = "transport-died",
        [EVENT_TRANSPORT_REVIVED] = "transport-revived",
        [EVENT_DESTINATION_DIED] = "destination-died",
        [EVENT_DESTINATION_REVIVED] = "destination-revived",
        [EVENT_INDEX_COMPLETE] = "index-complete",
        [EVENT_INDEX_LOST] = "index-lost",
        [EVENT_CLOCK_JUMPED] = "clock-jumped",
        [EVENT_SUSPENDED] = "suspended",
        [EVENT_RESUMED] = "resumed",
        [EVENT_LIMITED] = "limited",
        [EVENT_UNLIMITED] = "unlimited",
        [EVENT_JOB_BEGUN] = "job-begun",
        [EVENT_JOB_ENDED] = "job-ended",
    };

    g_assert(kind < EVENT_KIND_COUNT);
    return names[kind];
}

EventRing *event_ring_new(void)
{
    EventRing *ring = g_new0(EventRing, 1);

    ring->entries = alloc_written(EVENT_MAX * sizeof(Event));
    return ring;
}

void event_ring_free(EventRing *ring)
{
    if (ring == NULL)
        return;
    g_free(ring->entries);
    g_free(ring);
}

void event_add_change(EventRing *ring, int64_t wall_s, EventKind kind, const char *transport,
                      const char *destination, const char *reason)
{
    Event *entry;

    if (ring == NULL)
        return;
    entry = &ring->entries[++ring->last_serial % EVENT_MAX];
    entry->serial = ring->last_serial;
    entry->wall_s = wall_s;
    entry->kind = kind;
    PUT_TEXT(entry->transport, transport);
    PUT_TEXT(entry->destination, destination);
    PUT_TEXT(entry->reason, reason);
}

const Event *event_next(const EventRing *ring, uint64_t after)
{
    uint64_t oldest = ring->last_serial > EVENT_MAX ? ring->last_serial - EVENT_MAX + 1 : 1;
    uint64_t serial = MAX(after + 1, oldest);

    return serial <= ring->last_serial && after < ring->last_serial
               ? &ring->entries[serial % EVENT_MAX]
               : NULL;
}

uint64_t event_last_serial(const EventRing *ring)
{
    return ring->last_serial;
}
