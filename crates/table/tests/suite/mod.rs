//! What every engine behind the table must do, as plain functions over a
//! [`Table`](causeway_table::Table).
//!
//! Each makes its own objects with fresh ids and names, so that all of them
//! can run at once on one table. [`conforms`] makes tests of them; what it is
//! given runs one with a table. `tests/embedded.rs` runs them on the engine in
//! this process, `tests/service.rs` on one reached by HTTP.

pub(crate) mod configuration;
pub(crate) mod connections;
pub(crate) mod dependents;
pub(crate) mod fixtures;
pub(crate) mod fleet;
pub(crate) mod flows;
pub(crate) mod identity;
pub(crate) mod left_behind;
pub(crate) mod lists;
pub(crate) mod moves;
pub(crate) mod named_users;
pub(crate) mod objects;
pub(crate) mod races;
pub(crate) mod references;
pub(crate) mod searches;
pub(crate) mod sign_in;
pub(crate) mod unfinished;

/// Makes a test of each function of the suite; attributes go onto each.
macro_rules! conforms {
    ($(#[$attribute:meta])* $run:path) => {
        $crate::suite::conforms! { @each [$(#[$attribute])*] $run;
            objects:
                an_object_is_in_the_snapshot_after_it_was_written,
                a_snapshot_is_read_again_only_when_the_epoch_moved,
                an_update_needs_the_version_that_was_read,
                what_is_not_there_cannot_be_changed,
                an_id_is_taken_once,
                a_name_is_taken_once_and_free_again,
                two_objects_can_swap_their_names,
                one_refused_change_refuses_all,
                one_object_is_changed_once_in_a_transaction,
                a_transaction_has_a_limit_and_says_so,
                an_object_has_a_largest_size,
                a_name_is_neither_empty_nor_endless,
                an_endpoint_is_found_by_id_and_by_name,
                an_endpoint_keeps_its_name_when_something_else_changes,
                a_host_key_is_remembered_at_its_first_use,
                nothing_is_found_under_an_id_that_is_not_there;
            configuration:
                a_snapshot_follows_whatever_writers_do,
                a_snapshot_that_is_far_behind_is_read_whole,
                after_one_change_only_that_is_read,
                a_burst_of_readers_shares_one_load;
            references:
                what_is_referred_to_must_exist,
                what_is_referred_to_cannot_be_deleted,
                an_update_moves_references,
                a_provider_serves_one_application,
                a_group_with_members_stays,
                what_connections_use_cannot_be_deleted;
            identity:
                a_username_is_unique_whatever_its_case,
                a_password_stands_apart_from_its_user,
                a_request_is_authenticated_in_one_round_trip,
                a_session_ends_once,
                a_token_can_be_revoked,
                a_deleted_user_leaves_nothing_behind,
                attempts_are_limited_by_window;
            connections:
                a_launch_takes_two_round_trips,
                a_connection_goes_through_its_states,
                a_full_endpoint_takes_nobody,
                an_unlimited_endpoint_takes_everybody_and_counts,
                an_endpoint_with_no_places_takes_nobody,
                a_node_that_cannot_take_it_is_told_as_it_is,
                a_launch_needs_its_session,
                an_expired_session_launches_nothing,
                several_reasons_are_all_told,
                a_ticket_is_good_for_its_node_and_time_only,
                a_connection_out_of_time_cannot_be_claimed,
                tickets_of_a_connection_are_few,
                an_end_can_depend_on_the_state,
                a_sweep_ends_what_nobody_else_ends;
            fleet:
                a_heartbeat_leaves_the_leases_alone,
                a_heartbeat_of_an_unknown_node_makes_none,
                a_right_count_is_not_corrected,
                an_enrolment_token_is_used_once,
                an_enrolment_token_is_good_for_what_it_says,
                a_failed_enrolment_leaves_the_token_good,
                an_edge_is_heard_of_until_it_is_deleted;
            lists:
                endpoints_are_listed_by_name,
                a_cursor_is_good_for_its_list_only,
                more_than_a_megabyte_is_read_whole,
                users_are_listed_by_name,
                sessions_are_listed_newest_first,
                live_connections_are_listed_over_nodes,
                events_are_listed_newest_first_over_months;
            flows:
                an_execution_goes_on_under_its_version,
                an_execution_launches_once,
                a_refused_launch_leaves_its_execution,
                two_launches_of_one_execution_have_one_winner,
                an_approval_is_decided_once,
                an_approval_out_of_time_is_not_decided,
                a_withdrawn_approval_is_over,
                approvals_are_listed_newest_first,
                of_decisions_at_once_one_stands,
                what_is_good_once_is_taken_once;
            sign_in:
                factors_are_read_with_their_user,
                factors_change_together_or_not_at_all,
                a_factor_is_replaced_under_its_version,
                of_uses_of_a_factor_at_once_one_counts,
                factors_of_a_user_are_few,
                a_subject_is_one_user,
                a_user_is_made_with_their_identity_or_not_at_all,
                of_first_sign_ins_at_once_one_makes_the_user,
                a_user_who_goes_takes_no_identity_on,
                a_source_finds_its_session,
                a_session_learns_what_was_proven,
                a_mail_address_finds_its_users;
            moves:
                a_connection_moves_with_its_places,
                a_move_is_refused_with_its_reason,
                a_move_needs_its_session,
                a_node_ends_only_what_is_its_own,
                a_lost_node_leaves_what_can_move,
                a_drained_node_takes_nothing_new,
                moves_ends_and_claims_keep_the_counts;
            dependents:
                bindings_go_with_their_target,
                a_binding_needs_its_target_and_subject,
                a_binding_and_the_end_of_its_target_have_one_winner,
                who_refers_is_named,
                a_node_is_kept_by_its_connections;
            named_users:
                a_user_is_kept_by_the_bindings_that_ask_for_them,
                a_binding_and_the_end_of_its_user_have_one_winner;
            left_behind:
                a_target_with_many_bindings_is_deleted,
                a_deletion_that_breaks_off_opens_nothing;
            unfinished:
                many_changes_are_all_made,
                what_breaks_off_is_finished_and_never_open,
                several_processes_finish_the_same,
                what_somebody_stands_in_the_way_of_is_told,
                what_can_only_come_together_is_refused_when_it_is_too_much;
            searches:
                users_are_found_by_what_they_are_called,
                endpoints_are_found_across_providers,
                connections_are_found_by_what_they_use,
                events_are_found_by_what_they_say,
                endpoints_and_users_are_counted;
            races:
                concurrent_launches_never_overshoot_an_endpoint,
                concurrent_launches_never_overshoot_a_node,
                a_burst_spreads_over_nodes,
                a_ticket_is_burnt_once,
                a_name_has_one_winner,
                an_update_has_one_winner,
                a_provider_is_not_deleted_under_a_new_endpoint,
                snapshots_are_whole_under_writers,
                attempts_at_once_are_all_counted;
        }
    };
    (@each $attributes:tt $run:path; $($module:ident: $($test:ident),* ;)*) => {$(
        mod $module {
            $($crate::suite::conforms! { @one $attributes $run, $module, $test })*
        }
    )*};
    (@one [$(#[$attribute:meta])*] $run:path, $module:ident, $test:ident) => {
        #[test]
        $(#[$attribute])*
        fn $test() {
            $run(|table| Box::pin(async move {
                $crate::suite::$module::$test(&table).await;
            }));
        }
    };
}
pub(crate) use conforms;

/// One function of the suite, given its table.
pub(crate) type Test = std::pin::Pin<Box<dyn Future<Output = ()>>>;
