#include <string.h>

#include "base/element.h"
#include "spool/deferred_index.h"
#include "src/life/context_internal.h"
#include "src/life/message_internal.h"
#include "src/life/parked_internal.h"

/*
 * Parked: a table of sites, and one of messages by queue ID. Each site has a tree of its messages:
 * so a message that comes back keeps its place. Sites are also in the order of their last use:
 * whoever asks for one frees those that nobody needs.
 */

#define KEPT_US       (120 * INT64_C(1000000))
#define FREED_AT_ONCE 2

typedef struct ParkedMessage {
    TreeNode in_site, in_untried;
    ParkSite *site;
    ParkedMail mail;
    char queue_id[];
} ParkedMessage;

/* Of a message in memory; one of both sites is not NULL. */
typedef struct ParkNote {
    ParkSite *called_for, *waits_for;
    char *transport, *destination; /* of waits_for */
    bool is_bound;
} ParkNote;

typedef TAILQ_HEAD(ParkList, ParkSite) ParkList;

typedef struct Parked {
    GHashTable *sites;    /* SiteKey -> ParkSite */
    GHashTable *messages; /* set of queue_id */
    GHashTable *notes;    /* Message -> ParkNote */
    ParkList by_use, line, waiting;
} Parked;

/* ---- sites ---- */

void parked_init(Life *life)
{
    Parked *parked = life->parked = g_new0(Parked, 1);

    parked->sites = g_hash_table_new(site_key_hash, site_key_equal);
    parked->messages = g_hash_table_new(g_str_hash, g_str_equal);
    parked->notes = g_hash_table_new(NULL, NULL);
    TAILQ_INIT(&parked->by_use);
    TAILQ_INIT(&parked->line);
    TAILQ_INIT(&parked->waiting);
}

static bool is_needed(const ParkSite *site)
{
    return site->waiting_count > 0 || site->pin_count > 0;
}

static void site_use(Life *life, ParkSite *site)
{
    TAILQ_REMOVE(&life->parked->by_use, site, by_use);
    TAILQ_INSERT_TAIL(&life->parked->by_use, site, by_use);
    site->used_us = life_now(life)->mono_us;
}

static void site_free(Life *life, ParkSite *site)
{
    parked_leave_line(life, site);
    TAILQ_REMOVE(&life->parked->by_use, site, by_use);
    (void)g_hash_table_remove(life->parked->sites, &site->key);
    g_free(site->transport);
    g_free(site->name);
    g_free(site);
}

/* Two for each that is used: so there are never many that nobody needs. */
static void free_old_sites(Life *life)
{
    for (int i = 0; i < FREED_AT_ONCE; i++) {
        ParkSite *site = TAILQ_FIRST(&life->parked->by_use);

        if (site == NULL || life_now(life)->mono_us - site->used_us < KEPT_US)
            return;
        if (is_needed(site))
            site_use(life, site);
        else
            site_free(life, site);
    }
}

ParkSite *parked_site_find(const Life *life, const SchedDestination *destination)
{
    const SiteKey key = site_key_of(destination);

    return g_hash_table_lookup(life->parked->sites, &key);
}

ParkSite *parked_site(Life *life, const SchedDestination *destination, int share_percent)
{
    const SiteKey key = site_key_of(destination);
    ParkSite *site = g_hash_table_lookup(life->parked->sites, &key);

    if (site == NULL) {
        site = g_new0(ParkSite, 1);
        site->transport = g_strdup(key.transport);
        site->name = g_strdup(key.name);
        site->key = (SiteKey){site->transport, site->name, key.is_shared};
        site->share_percent = share_percent;
        (void)g_hash_table_insert(life->parked->sites, &site->key, site);
        TAILQ_INSERT_TAIL(&life->parked->by_use, site, by_use);
    }
    site_use(life, site);
    free_old_sites(life);
    return site;
}

ParkSite *parked_next_site(const Life *life, const ParkSite *site)
{
    return site == NULL ? TAILQ_FIRST(&life->parked->waiting) : TAILQ_NEXT(site, in_waiting);
}

void parked_enter_line(Life *life, ParkSite *site)
{
    if (!site->is_in_line)
        TAILQ_INSERT_TAIL(&life->parked->line, site, in_line);
    site->is_in_line = true;
}

void parked_leave_line(Life *life, ParkSite *site)
{
    if (site->is_in_line)
        TAILQ_REMOVE(&life->parked->line, site, in_line);
    site->is_in_line = false;
}

ParkSite *parked_first_in_line(const Life *life)
{
    return TAILQ_FIRST(&life->parked->line);
}

/* ---- messages ---- */

static ParkedMessage *parked_at(const TreeNode *node)
{
    return node != NULL ? ELEMENT(node, ParkedMessage, in_site) : NULL;
}

static ParkedMessage *untried_at(const TreeNode *node)
{
    return node != NULL ? ELEMENT(node, ParkedMessage, in_untried) : NULL;
}

static bool is_earlier(const ParkedMessage *one, const ParkedMessage *other)
{
    if (one->mail.arrival_s != other->mail.arrival_s)
        return one->mail.arrival_s < other->mail.arrival_s;
    if (one->mail.arrival_us != other->mail.arrival_us)
        return one->mail.arrival_us < other->mail.arrival_us;
    return strcmp(one->queue_id, other->queue_id) < 0;
}

static bool arrived_before(const TreeNode *a, const TreeNode *b)
{
    return is_earlier(parked_at(a), parked_at(b));
}

static bool untried_before(const TreeNode *a, const TreeNode *b)
{
    return is_earlier(untried_at(a), untried_at(b));
}

static const TreeKind by_arrival = {.is_before = arrived_before};
static const TreeKind untried_by_arrival = {.is_before = untried_before};

static ParkedMessage *find_parked(const Life *life, const char *queue_id)
{
    return g_hash_table_lookup(life->parked->messages, queue_id);
}

void parked_forget(Life *life, const char *queue_id)
{
    ParkedMessage *message = find_parked(life, queue_id);
    ParkSite *site;

    if (message == NULL)
        return;
    site = message->site;
    tree_remove(&site->waiting, &by_arrival, &message->in_site);
    if (!message->mail.was_tried)
        tree_remove(&site->untried, &untried_by_arrival, &message->in_untried);
    (void)g_hash_table_remove(life->parked->messages, message->queue_id);
    g_free(message);
    if (--site->waiting_count > 0)
        return;
    TAILQ_REMOVE(&life->parked->waiting, site, in_waiting);
    parked_leave_line(life, site);
    site->is_calling = false;
}

void parked_add(Life *life, ParkSite *site, const char *queue_id, const ParkedMail *mail)
{
    size_t id_bytes = strlen(queue_id) + 1;
    ParkedMessage *message;

    parked_forget(life, queue_id);
    if (parked_count(life) >= DEFERRED_INDEX_FILES_MAX)
        return;
    message = g_malloc0(sizeof(*message) + id_bytes);
    message->site = site;
    message->mail = *mail;
    memcpy(message->queue_id, queue_id, id_bytes);
    tree_insert(&site->waiting, &by_arrival, &message->in_site);
    if (!mail->was_tried)
        tree_insert(&site->untried, &untried_by_arrival, &message->in_untried);
    g_hash_table_insert(life->parked->messages, message->queue_id, message);
    if (site->waiting_count++ == 0)
        TAILQ_INSERT_TAIL(&life->parked->waiting, site, in_waiting);
}

bool parked_is_kept(const Life *life, const char *queue_id)
{
    const ParkedMessage *message = find_parked(life, queue_id);

    return message != NULL && life_now(life)->wall_s < message->mail.kept_until_s;
}

unsigned parked_count(const Life *life)
{
    return g_hash_table_size(life->parked->messages);
}

const char *parked_first(const ParkSite *site, bool may_be_tried)
{
    const ParkedMessage *message = may_be_tried ? parked_at(tree_first(&site->waiting))
                                                : untried_at(tree_first(&site->untried));

    return message != NULL ? message->queue_id : NULL;
}

ParkSite *parked_place(const Life *life, const char *queue_id, unsigned max, unsigned *ret_place)
{
    const ParkedMessage *message = find_parked(life, queue_id);
    const TreeNode *node;
    unsigned place = 1;

    if (message == NULL)
        return NULL;
    for (node = tree_first(&message->site->waiting); node != &message->in_site && place <= max;
         place++)
        node = tree_next(node);
    *ret_place = place <= max ? place : 0;
    return message->site;
}

/* ---- messages in memory ---- */

static ParkNote *find_note(const Message *message)
{
    return g_hash_table_lookup(message->life->parked->notes, message);
}

static ParkNote *ensure_note(Message *message)
{
    ParkNote *note = find_note(message);

    if (note != NULL)
        return note;
    note = g_new0(ParkNote, 1);
    g_hash_table_insert(message->life->parked->notes, message, note);
    return note;
}

void parked_note_called(Message *message, ParkSite *site)
{
    ParkNote *note = ensure_note(message);

    g_assert(note->called_for == NULL);
    note->called_for = site;
    site->called_count++;
    site->pin_count++;
}

bool parked_is_called_for(const Message *message, const ParkSite *site)
{
    const ParkNote *note = find_note(message);

    return note != NULL && note->called_for == site;
}

void parked_note_bound(Message *message)
{
    ParkNote *note = find_note(message);

    if (note == NULL || note->called_for == NULL || note->is_bound)
        return;
    note->is_bound = true;
    note->called_for->called_count--;
}

void parked_note_wait(Message *message, ParkSite *site, const SchedDestination *destination)
{
    ParkNote *note = ensure_note(message);

    if (note->waits_for != NULL)
        return;
    note->waits_for = site;
    site->pin_count++;
    note->transport = g_strdup(sched_transport_name(sched_destination_transport(destination)));
    note->destination = g_strdup(sched_destination_name(destination));
}

ParkSite *parked_waits_for(const Message *message, const char **ret_transport,
                           const char **ret_destination)
{
    const ParkNote *note = find_note(message);

    if (note == NULL || note->waits_for == NULL)
        return NULL;
    *ret_transport = note->transport;
    *ret_destination = note->destination;
    return note->waits_for;
}

void parked_forget_message(Message *message)
{
    ParkNote *note = find_note(message);

    if (note == NULL)
        return;
    parked_note_bound(message);
    if (note->called_for != NULL)
        note->called_for->pin_count--;
    if (note->waits_for != NULL)
        note->waits_for->pin_count--;
    (void)g_hash_table_remove(message->life->parked->notes, message);
    g_free(note->transport);
    g_free(note->destination);
    g_free(note);
}

/* ---- the end, and tests ---- */

void parked_stop(Life *life)
{
    Parked *parked = life->parked;
    ParkSite *site;

    while ((site = TAILQ_FIRST(&parked->by_use)) != NULL) {
        const ParkedMessage *message;

        while ((message = parked_at(tree_first(&site->waiting))) != NULL)
            parked_forget(life, message->queue_id);
        site_free(life, site);
    }
    g_hash_table_unref(parked->sites);
    g_hash_table_unref(parked->messages);
    g_hash_table_unref(parked->notes);
    g_free(parked);
}

void parked_check(const Life *life)
{
    const Parked *parked = life->parked;
    const ParkSite *site;
    unsigned site_count = 0, message_count = 0;

    TAILQ_FOREACH (site, &parked->by_use, by_use) {
        CHECK(tree_check(&site->waiting, &by_arrival) == site->waiting_count);
        CHECK(tree_check(&site->untried, &untried_by_arrival) <= site->waiting_count);
        CHECK(site->called_count <= site->pin_count);
        CHECK(site->waiting_count > 0 || (!site->is_in_line && !site->is_calling));
        CHECK(site->share_percent > 0 || site->waiting_count == 0);
        message_count += site->waiting_count;
        site_count++;
    }
    CHECK(site_count == g_hash_table_size(parked->sites));
    CHECK(message_count == g_hash_table_size(parked->messages));
    CHECK(g_hash_table_size(parked->notes) <= sched_message_count(life->sched));
}
