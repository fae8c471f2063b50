//! Proves the contract: black-box tests of the real binaries behind the emulated gateway, and
//! in-process tests of their handlers where there are many inputs to try.

#![expect(unreachable_pub, reason = "a test target exports nothing")]
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a panic fails the test, and values read better than references"
)]

mod api_guide;
mod attacks;
mod authentication;
mod bad_input;
mod batch_atomicity;
mod batch_input;
mod batch_model;
mod batch_tasks;
mod batch_times;
mod better_auth;
mod changes;
mod ci_scripts;
mod complete_task;
mod conditions;
mod create_task;
mod delete_task;
mod docs;
mod docs_page;
mod end_to_end;
mod expensive_requests;
mod fuzz;
mod get_task;
#[expect(dead_code, reason = "the reliability tests use the rest")]
mod harness;
mod head;
mod idempotency;
mod isolation;
mod key_sets;
mod lambda_features;
mod list_days;
mod list_filters;
mod list_pages;
mod list_tasks;
mod logging;
mod migrations;
mod model;
mod offline_clients;
mod outages;
mod plans;
mod privileges;
mod problems;
mod production;
mod purge;
mod query_parameters;
mod quota;
mod readme;
mod release;
mod remote_keys;
mod rich_tasks;
mod round_trips;
mod routes;
mod search;
mod security;
mod ssm;
mod stack;
mod summarize_tasks;
mod trash;
mod typescript;
mod update_task;
mod user;
mod user_share;
mod versions;
mod withdrawn_keys;
