#ifndef EQMGR_TESTS_MODEL_RENAME_H
#define EQMGR_TESTS_MODEL_RENAME_H

/*
 * Included before everything else when the model is compiled: the model implements sched/sched.h
 * under other names, so that one program can hold it and the core.
 */

#define sched_batch_assign          model_batch_assign
#define sched_batch_begin           model_batch_begin
#define sched_batch_drop            model_batch_drop
#define sched_batch_end             model_batch_end
#define sched_batch_failed          model_batch_failed
#define sched_batch_limit           model_batch_limit
#define sched_check                 model_check
#define sched_connection_failed     model_connection_failed
#define sched_connection_ready      model_connection_ready
#define sched_destination_get       model_destination_get
#define sched_destination_is_dead   model_destination_is_dead
#define sched_destination_name      model_destination_name
#define sched_destination_nexthop   model_destination_nexthop
#define sched_destination_revive    model_destination_revive
#define sched_destination_transport model_destination_transport
#define sched_entry_destination     model_entry_destination
#define sched_entry_discard         model_entry_discard
#define sched_entry_finish          model_entry_finish
#define sched_entry_give_back       model_entry_give_back
#define sched_entry_message         model_entry_message
#define sched_entry_recipient_count model_entry_recipient_count
#define sched_entry_recipients      model_entry_recipients
#define sched_entry_session_flags   model_entry_session_flags
#define sched_flush                 model_flush
#define sched_free                  model_free
#define sched_message_add           model_message_add
#define sched_message_count         model_message_count
#define sched_message_outstanding   model_message_outstanding
#define sched_message_owner         model_message_owner
#define sched_message_remove        model_message_remove
#define sched_new                   model_new
#define sched_next_connection       model_next_connection
#define sched_next_timer_s          model_next_timer_s
#define sched_recipient_count       model_recipient_count
#define sched_retry_transport       model_retry_transport
#define sched_run_timers            model_run_timers
#define sched_select                model_select
#define sched_pop_notice            model_pop_notice
#define sched_pop_undeliverable     model_pop_undeliverable
#define sched_transport_add         model_transport_add
#define sched_transport_find        model_transport_find
#define sched_transport_is_dead     model_transport_is_dead
#define sched_transport_name        model_transport_name
#define sched_transport_params      model_transport_params
#define sched_transport_revive      model_transport_revive
#define sched_wants_refill          model_wants_refill

/* What its files offer each other. */

#define cause_new                   plain_cause_new
#define cause_report                plain_cause_report
#define cause_unref                 plain_cause_unref
#define destination_die             plain_destination_die
#define destination_forget_if_empty plain_destination_forget_if_empty
#define destination_free            plain_destination_free
#define destination_free_if_unused  plain_destination_free_if_unused
#define destination_on_timer        plain_destination_on_timer
#define destination_revive          plain_destination_revive
#define destination_suspend         plain_destination_suspend
#define entry_add_recipient         plain_entry_add_recipient
#define entry_end                   plain_entry_end
#define entry_free_all              plain_entry_free_all
#define entry_give_up               plain_entry_give_up
#define entry_new                   plain_entry_new
#define entry_run                   plain_entry_run
#define job_block                   plain_job_block
#define job_free                    plain_job_free
#define job_pop                     plain_job_pop
#define job_release_blockers        plain_job_release_blockers
#define job_retire                  plain_job_retire
#define job_take                    plain_job_take
#define job_unblock                 plain_job_unblock
#define message_free                plain_message_free
#define notice_add_clog             plain_notice_add_clog
#define notice_add_feedback         plain_notice_add_feedback
#define notice_add_window           plain_notice_add_window
#define notice_add_transport        plain_notice_add_transport
#define notice_clear                plain_notice_clear
#define peer_choose                 plain_peer_choose
#define peer_equal                  plain_peer_equal
#define peer_free_if_empty          plain_peer_free_if_empty
#define peer_hash                   plain_peer_hash
#define peer_take                   plain_peer_take
#define preempt_current             plain_preempt_current
#define preemptive_assign           plain_preemptive_assign
#define preemptive_end_batch        plain_preemptive_end_batch
#define preemptive_select           plain_preemptive_select
#define redirect_waiting            plain_redirect_waiting
#define round_robin_assign          plain_round_robin_assign
#define round_robin_select          plain_round_robin_select
#define slots_grant_extra           plain_slots_grant_extra
#define slots_return                plain_slots_return
#define slots_return_all            plain_slots_return_all
#define slots_return_unneeded       plain_slots_return_unneeded
#define slots_take_pool             plain_slots_take_pool
#define transport_fail              plain_transport_fail
#define transport_free              plain_transport_free
#define window_feed_negative        plain_window_feed_negative
#define window_feed_positive        plain_window_feed_positive

#endif
