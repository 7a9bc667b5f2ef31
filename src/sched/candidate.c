#include "index_parts_internal.h"

/*
 * Which job may preempt the current one (9.3).
 *
 * Candidates are in classes of the same size: entries left and entries in all. Within a class the
 * one that has waited longest is the best, so a class answers with one descent of a tree in
 * scheduler order whose nodes know the oldest job of their subtree. A search asks each class with
 * at most `room` entries left; there are few, as most mail has one recipient.
 *
 * Jobs are put into classes when a search is made, not at every change of their size: most are
 * delivered before anybody searches.
 */

struct CandidateClass {
    int64_t left, max; /* entries */
    TreeNode in_transport;
    Tree regular;   /* those that count from the frontier on */
    Tree unblocked; /* those that count wherever they are */
};

/* ---- one class ---- */

static Job *candidate_at(const TreeNode *node)
{
    return node != NULL ? ELEMENT(node, Job, in_class) : NULL;
}

/* The older of two, or the first of equals; `second` is after `first` in order. NULL: none. */
static Job *older_of(Job *first, Job *second)
{
    if (first == NULL || second == NULL)
        return first != NULL ? first : second;
    return second->message->queued_s < first->message->queued_s ? second : first;
}

static Job *oldest_of(const TreeNode *subtree)
{
    return subtree != NULL ? candidate_at(subtree)->oldest : NULL;
}

static void refresh_candidate(TreeNode *node)
{
    Job *candidate = candidate_at(node);

    candidate->oldest =
        older_of(older_of(oldest_of(node->left), candidate), oldest_of(node->right));
}

static bool candidate_is_before(const TreeNode *a, const TreeNode *b)
{
    return job_is_before(candidate_at(a), candidate_at(b));
}

static const TreeKind by_place = {.is_before = candidate_is_before, .refresh = refresh_candidate};

/* The oldest one at the label or after it. */
static Job *oldest_from(const TreeNode *node, uint64_t label)
{
    Job *oldest = NULL;

    /* From the last to the first, so that equal ones are the first in order. */
    while (node != NULL) {
        Job *candidate = candidate_at(node);

        if (candidate->in_transport.label < label) {
            node = node->right;
            continue;
        }
        oldest = older_of(older_of(candidate, oldest_of(node->right)), oldest);
        node = node->left;
    }
    return oldest;
}

/* ---- the classes of a transport ---- */

static CandidateClass *class_at(const TreeNode *node)
{
    return ELEMENT(node, CandidateClass, in_transport);
}

static bool is_smaller(const CandidateClass *a, const CandidateClass *b)
{
    return a->left != b->left ? a->left < b->left : a->max < b->max;
}

static bool class_is_before(const TreeNode *a, const TreeNode *b)
{
    return is_smaller(class_at(a), class_at(b));
}

static bool class_is_before_key(const TreeNode *node, const void *key)
{
    return is_smaller(class_at(node), key);
}

static const TreeKind by_size = {.is_before = class_is_before};

static Tree *tree_of(const Job *candidate)
{
    return candidate->is_classed_as_unblocked ? &candidate->class->unblocked
                                              : &candidate->class->regular;
}

static void join_class(Job *job)
{
    SchedTransport *transport = job->transport;
    const CandidateClass size = {.left = job_entries_left_max(job), .max = job_entries_max(job)};
    TreeNode *node = tree_find(&transport->classes, class_is_before_key, &size);

    if (node == NULL || is_smaller(&size, class_at(node))) {
        CandidateClass *class = g_new(CandidateClass, 1);

        *class = size;
        node = &class->in_transport;
        tree_insert(&transport->classes, &by_size, node);
    }
    job->class = class_at(node);
    job->is_classed_as_unblocked = job_is_in(job, JOB_TREE_UNBLOCKED);
    tree_insert(tree_of(job), &by_place, &job->in_class);
}

static void leave_class(Job *job)
{
    CandidateClass *class = job->class;

    if (class == NULL)
        return;
    tree_remove(tree_of(job), &by_place, &job->in_class);
    job->class = NULL;
    if (!tree_is_empty(&class->regular) || !tree_is_empty(&class->unblocked))
        return;
    tree_remove(&job->transport->classes, &by_size, &class->in_transport);
    g_free(class);
}

/* ---- who has to be classed anew ---- */

void candidate_mark_dirty(Job *job)
{
    SchedTransport *transport = job->transport;

    if (job->dirty_place > 0 || transport->params.slot_cost < 2)
        return;
    if (transport->dirty == NULL)
        transport->dirty = g_ptr_array_new();
    g_ptr_array_add(transport->dirty, job);
    job->dirty_place = transport->dirty->len;
}

static void mark_clean(Job *job)
{
    GPtrArray *dirty = job->transport->dirty;
    guint place = job->dirty_place;

    if (place == 0)
        return;
    g_ptr_array_remove_index_fast(dirty, place - 1);
    if (place <= dirty->len)
        ((Job *)dirty->pdata[place - 1])->dirty_place = place;
    job->dirty_place = 0;
}

void candidate_remove(Job *job)
{
    leave_class(job);
    mark_clean(job);
}

static bool may_ever_be_candidate(const Job *job)
{
    return !job_has_children(job) && job_entries_left_max(job) >= 1;
}

static bool is_classed_right(const Job *job)
{
    const CandidateClass *class = job->class;

    if (!may_ever_be_candidate(job))
        return class == NULL;
    return class != NULL && job->is_classed_as_unblocked == job_is_in(job, JOB_TREE_UNBLOCKED) &&
           class->left == job_entries_left_max(job) && class->max == job_entries_max(job);
}

/* The current job changes all the time and is not searched for. */
static void classify_dirty(SchedTransport *transport)
{
    const GPtrArray *dirty = transport->dirty;

    for (guint place = dirty != NULL ? dirty->len : 0; place > 0; place--) {
        Job *job = dirty->pdata[place - 1];

        if (job == transport->current)
            continue;
        mark_clean(job);
        if (is_classed_right(job))
            continue;
        leave_class(job);
        if (may_ever_be_candidate(job))
            join_class(job);
    }
}

/* ---- the search (9.3) ---- */

/*
 * Of those that are not blocked; the labels say from where on each tree counts. Unblocked ones are
 * before the frontier, regular ones count from there on.
 */
static Job *oldest_eligible(const CandidateClass *class, uint64_t regular_from,
                            uint64_t unblocked_from)
{
    return older_of(oldest_from(class->unblocked.root, unblocked_from),
                    oldest_from(class->regular.root, regular_from));
}

/* The score: waiting long for little. */
Job *best_candidate(SchedTransport *transport, int64_t room, SchedNow now)
{
    uint64_t after_current = transport->current->in_transport.label + 1, regular_from = UINT64_MAX;
    Job *best = NULL;
    double best_score = 0;

    if (transport->frontier != NULL)
        regular_from = MAX(after_current, transport->frontier->in_transport.label);
    classify_dirty(transport);
    for (const TreeNode *node = tree_first(&transport->classes);
         node != NULL && class_at(node)->left <= room; node = tree_next(node)) {
        const CandidateClass *class = class_at(node);
        Job *candidate = oldest_eligible(class, regular_from, after_current);
        double score;

        if (candidate == NULL)
            continue;
        score = (double)(now.steady_s + 1 - candidate->message->queued_s) / (double)class->max;
        if (best == NULL || score > best_score ||
            (score >= best_score && job_is_before(candidate, best))) {
            best = candidate;
            best_score = score;
        }
    }
    return best;
}

void candidate_clear(SchedTransport *transport)
{
    TreeNode *node;

    while ((node = tree_first(&transport->classes)) != NULL) {
        tree_remove(&transport->classes, &by_size, node);
        g_free(class_at(node));
    }
    g_clear_pointer(&transport->dirty, g_ptr_array_unref);
}

void candidate_check(const SchedTransport *transport)
{
    const GPtrArray *dirty = transport->dirty;

    (void)tree_check(&transport->classes, &by_size);
    for (guint i = 0; dirty != NULL && i < dirty->len; i++)
        CHECK(((Job *)dirty->pdata[i])->dirty_place == i + 1);
    if (transport->params.slot_cost < 2)
        return;
    for (const Job *job = job_at(transport->jobs.first); job != NULL; job = job_next(job))
        CHECK(job->dirty_place > 0 || is_classed_right(job));
}
