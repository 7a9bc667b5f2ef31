#include "job_objects_internal.h"

/*
 * What only some jobs have. Most mail is one job that is delivered and gone; the links of those
 * that preempt, read on or get another turn would more than double its size.
 */

JobExtra *job_extra(Job *job)
{
    if (job->extra == NULL) {
        job->extra = g_new0(JobExtra, 1);
        job->extra->job = job;
        TAILQ_INIT(&job->extra->children);
        for (JobTree tree = 0; tree < JOB_TREE_COUNT; tree++)
            job->extra->in_tree[tree].job = job;
    }
    return job->extra;
}

void job_extra_free(Job *job)
{
    if (job->extra != NULL && job->extra->peers != NULL)
        g_hash_table_destroy(job->extra->peers);
    g_clear_pointer(&job->extra, g_free);
}

bool job_node_is_before(const TreeNode *a, const TreeNode *b)
{
    return job_is_before(job_at_node(a), job_at_node(b));
}

void job_tree_move(Job *job, JobTree tree, const TreeKind *kind)
{
    Tree *members = &job->transport->job_trees[tree];

    job->trees ^= 1U << tree;
    if (job_is_in(job, tree))
        tree_insert(members, kind, &job_extra(job)->in_tree[tree].node);
    else
        tree_remove(members, kind, &job->extra->in_tree[tree].node);
}

void job_tree_check(const SchedTransport *transport, JobTree tree, const TreeKind *kind)
{
    size_t count = 0;

    for (const Job *job = job_at(transport->jobs.first); job != NULL; job = job_next(job))
        count += job_is_in(job, tree) ? 1 : 0;
    CHECK(tree_check(&transport->job_trees[tree], kind) == count);
}
