#include "tests/hostile/tampering.h"

#include <string.h>

#include "tests/lab/peer.h"
#include "tests/lab/stage.h"
#include "tests/lab/trace.h"
#include "tests/postfix/wire.h"

#define ENDLESS_MAX_BYTES (4 * 1024 * 1024) /* four times what the daemon may ever take */
#define LISTS_MAX         5                 /* the list at which a long connection falls ill */
#define NEVER_ILL         (-1)

typedef struct Patient {
    Tampering *tampering;
    Ward *ward;
    Peer *peer;
    unsigned number; /* of its connection, from 1 */
    Illness illness;
    GRand *dice;
    int ill_at, list_count; /* lists sent so far, the announcement is the first */
    Mutation *mutation;     /* NULL: not ill yet */
    guint next_piece;
    size_t endless_bytes;
    StageAction next;
} Patient;

struct Tampering {
    Core *core;
    Tamper tamper;
    TamperingPlan plan;
    GPtrArray *wards;
    bool is_over;
    TamperingFn *on_list;
    void *ctx;
};

static void ward_free(void *data)
{
    Ward *ward = data;

    g_free(ward->path);
    g_free(ward);
}

static Ward *find_ward(Tampering *tampering, const char *path)
{
    Ward *ward;

    for (guint i = 0; i < tampering->wards->len; i++) {
        ward = g_ptr_array_index(tampering->wards, i);
        if (strcmp(ward->path, path) == 0)
            return ward;
    }
    ward = g_new0(Ward, 1);
    ward->path = g_strdup(path);
    g_ptr_array_add(tampering->wards, ward);
    return ward;
}

/* Connections on which more than one question is asked. */
static bool is_long_lived(const char *path)
{
    return strcmp(path, "private/rewrite") == 0 || strcmp(path, "private/verify") == 0;
}

static int choose_list(const Patient *patient)
{
    if (patient->illness == ILL_EARLY)
        return 0;
    return g_rand_int_range(patient->dice, 0, is_long_lived(patient->ward->path) ? LISTS_MAX : 2);
}

/* Its fate depends on nothing but its server and its number there: which of two servers is called
 * first is not always the same. */
static GRand *dice_of(const Tampering *tampering, const Patient *patient)
{
    const guint32 seeds[] = {tampering->plan.seed, g_str_hash(patient->ward->path),
                             patient->number};

    return g_rand_new_with_seed_array(seeds, G_N_ELEMENTS(seeds));
}

static void infect(const Tampering *tampering, Patient *patient)
{
    const TamperingPlan *plan = &tampering->plan;

    patient->ill_at = NEVER_ILL;
    if (tampering->is_over)
        return;
    if (plan->path != NULL) {
        patient->illness = plan->illness;
        if (strcmp(plan->path, patient->ward->path) == 0 && patient->number == plan->connection)
            patient->ill_at = plan->at_answer ? 1 : 0;
    } else if (g_rand_double(patient->dice) < plan->sickness) {
        patient->illness = (Illness)g_rand_int_range(patient->dice, 0, ILLNESSES);
        patient->ill_at = choose_list(patient);
    }
}

/* A good answer of that server, to a question that was never asked. */
static GByteArray *make_answer(const char *path)
{
    static const char *const delivered[] = {"status",    "diag_type", "diag_text", "mta_type",
                                            "mta_mname", "action",    "reason"};
    g_autoptr(GString) out = g_string_new(NULL);
    GByteArray *answer = g_byte_array_new();

    if (strcmp(path, "private/rewrite") == 0) {
        wire_put(out, "flags", "0");
        wire_put(out, "transport", "smtp");
        wire_put(out, "nexthop", "early.test");
        wire_put(out, "recipient", "early@early.test");
        wire_put(out, "flags", "4096");
    } else {
        bool is_agent = strcmp(path, "public/flush") != 0 && !is_long_lived(path) &&
                        strcmp(path, "private/bounce") != 0 && strcmp(path, "private/defer") != 0 &&
                        strcmp(path, "private/trace") != 0;

        for (size_t i = 0; is_agent && i < G_N_ELEMENTS(delivered); i++)
            wire_put(out, delivered[i], i == 0 ? "2.0.0" : "");
        wire_put(out, "status", "0");
    }
    wire_end(out);
    g_byte_array_append(answer, (const guint8 *)out->str, (guint)out->len);
    return answer;
}

static void offer_next(Patient *patient)
{
    const GPtrArray *pieces = patient->mutation->pieces;
    int64_t delay_ms = 0;

    if (patient->next_piece < pieces->len)
        delay_ms = ((const Piece *)g_ptr_array_index(pieces, patient->next_piece))->delay_ms;
    stage_offer(patient->tampering->core->stage, STAGE_ANSWER, &patient->next, delay_ms);
}

static void send_endless(Patient *patient)
{
    const GByteArray *endless = patient->mutation->endless;

    if (patient->endless_bytes > ENDLESS_MAX_BYTES) {
        patient->ward->endless_count++;
        peer_drop(patient->peer); /* the patient is gone */
        return;
    }
    peer_put(patient->peer, endless->data, endless->len);
    patient->endless_bytes += endless->len;
    offer_next(patient);
}

/* All pieces are out. */
static void end(Patient *patient)
{
    switch (patient->mutation->sequel) {
    case SEQUEL_NONE:
        if (patient->peer->orphaned)
            peer_drop(patient->peer); /* the patient is gone */
        break;
    case SEQUEL_CLOSE:
        peer_drop(patient->peer); /* the patient is gone */
        break;
    case SEQUEL_SILENCE:
        break;
    case SEQUEL_ENDLESS:
        send_endless(patient);
        break;
    }
}

static bool is_waiting(const Patient *patient)
{
    return patient->mutation != NULL && patient->next_piece < patient->mutation->pieces->len;
}

static void on_next(void *ctx)
{
    Patient *patient = ctx;
    const Piece *piece;

    if (is_waiting(patient)) {
        piece = g_ptr_array_index(patient->mutation->pieces, patient->next_piece++);
        peer_put(patient->peer, piece->bytes->data, piece->bytes->len);
    }
    if (is_waiting(patient))
        offer_next(patient);
    else
        end(patient);
}

/*
 * Not what is as good as what a healthy peer does: trivial-rewrite(8) ends between two lists when
 * it likes to; and what comes behind the answer that was asked for is not looked at any more.
 */
static bool is_worth_a_line(const Patient *patient)
{
    const Mutation *mutation = patient->mutation;
    const Piece *first = g_ptr_array_index(mutation->pieces, 0);

    if (mutation->sequel == SEQUEL_CLOSE && first->bytes->len == 0 &&
        strcmp(patient->ward->path, "private/rewrite") == 0)
        return false;
    if (patient->illness == ILL_DOUBLED && patient->ill_at > 0)
        return false;
    return mutation->is_wrong;
}

static void fall_ill(Patient *patient, const GByteArray *list)
{
    const Tampering *tampering = patient->tampering;
    GByteArray *answer = make_answer(patient->ward->path);

    patient->mutation = mutate(patient->illness, patient->dice, list, answer);
    patient->ward->ill_count++;
    patient->ward->wrong_count += is_worth_a_line(patient);
    trace_add(tampering->core->trace, TRACE_NOTES, NULL, "%s: connection %u is ill: %s, list %d%s",
              patient->ward->path, patient->number, illness_str(patient->illness),
              patient->list_count, is_worth_a_line(patient) ? "" : " (no line)");
    offer_next(patient);
    g_byte_array_unref(answer);
}

static void on_sending(Peer *peer, const void *bytes, size_t count, void *ctx)
{
    const Tampering *tampering = ctx;
    Patient *patient = peer->tampering;
    bool is_due = patient->list_count++ == patient->ill_at;
    bool speaks = patient->mutation == NULL || patient->mutation->sequel == SEQUEL_NONE;
    GByteArray *list = g_byte_array_new();

    g_byte_array_append(list, bytes, (guint)count);
    tampering->on_list((is_due && patient->illness != ILL_FRAGMENTS) || !speaks, tampering->ctx);
    if (is_due)
        fall_ill(patient, list);
    else if (is_waiting(patient))
        mutation_add(patient->mutation, bytes, count);
    else if (speaks)
        peer_put(peer, bytes, count);
    g_byte_array_unref(list);
}

/* An ill peer goes on by itself when its process is done with it. */
static bool on_closing(Peer *peer, void *ctx)
{
    const Patient *patient = peer->tampering;

    (void)ctx;
    return patient->mutation == NULL ||
           (!is_waiting(patient) && patient->mutation->sequel == SEQUEL_NONE);
}

static void on_opened(Peer *peer, void *ctx)
{
    Tampering *tampering = ctx;
    Patient *patient = g_new0(Patient, 1);

    patient->tampering = tampering;
    patient->peer = peer;
    patient->ward = find_ward(tampering, peer_path(peer));
    patient->number = ++patient->ward->opened_count;
    patient->next.perform = on_next;
    patient->next.ctx = patient;
    patient->dice = dice_of(tampering, patient);
    infect(tampering, patient);
    peer->tampering = patient;
}

static void on_closed(Peer *peer, void *ctx)
{
    const Tampering *tampering = ctx;
    Patient *patient = peer->tampering;

    stage_withdraw(tampering->core->stage, &patient->next);
    mutation_free(patient->mutation);
    g_rand_free(patient->dice);
    g_free(patient);
}

Tampering *tampering_new(Core *core, const TamperingPlan *plan, TamperingFn *on_list, void *ctx)
{
    Tampering *tampering = g_new0(Tampering, 1);

    tampering->core = core;
    tampering->plan = *plan;
    tampering->wards = g_ptr_array_new_with_free_func(ward_free);
    tampering->on_list = on_list;
    tampering->ctx = ctx;
    tampering->tamper = (Tamper){on_opened, on_sending, on_closing, on_closed, tampering};
    core->tamper = &tampering->tamper;
    return tampering;
}

void tampering_stop(Tampering *tampering)
{
    tampering->is_over = true;
}

void tampering_free(Tampering *tampering)
{
    if (tampering == NULL)
        return;
    g_ptr_array_free(tampering->wards, TRUE);
    g_free(tampering);
}

const GPtrArray *tampering_wards(const Tampering *tampering)
{
    return tampering->wards;
}
