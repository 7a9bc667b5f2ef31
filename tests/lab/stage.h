#ifndef EQMGR_TESTS_LAB_STAGE_H
#define EQMGR_TESTS_LAB_STAGE_H

/*
 * tests/lab/stage: who acts next.
 *
 * Everything the played processes do of their own accord (answer, report, announce themselves) is
 * an action. In a scenario actions wait on the stage, and one at a time is performed, only when the
 * daemon under test has come to rest; so what it does never depends on who was faster. In a
 * measurement the stage is open: actions are performed the moment they are offered.
 *
 * Order: kinds in the order of StageKind; within a kind the order of offering, except that
 * announcements go round by rank.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

typedef struct Stage Stage;

typedef enum StageKind { STAGE_ANSWER, STAGE_REPLY, STAGE_ANNOUNCE, STAGE_KINDS } StageKind;

typedef struct StageAction {
    TAILQ_ENTRY(StageAction) link;
    void (*perform)(void *ctx); /* the action is off the stage by then */
    void *ctx;
    StageKind kind;
    int rank; /* of announcements */
    bool waiting;
    int64_t due_ns; /* virtual time before which it is not performed */
} StageAction;

Stage *stage_new(bool open);
void stage_free(Stage *stage);

/* The virtual time, for delays. */
void stage_set_time(Stage *stage, int64_t now_ns);
int64_t stage_time_ns(const Stage *stage);

/* `action` is embedded in the actor; perform, ctx and rank are set. Offering twice is a no-op. */
void stage_offer(Stage *stage, StageKind kind, StageAction *action, int64_t delay_ms);
void stage_withdraw(Stage *stage, StageAction *action);

/* Only kinds up to `last_kind` are considered. false: nobody wants to act now. */
bool stage_perform_next(Stage *stage, StageKind last_kind);

/* When the next delayed action becomes due; INT64_MAX: none. */
int64_t stage_next_due_ns(const Stage *stage);

#endif
