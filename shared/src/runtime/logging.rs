//! Logging: one JSON object per line on standard output, which Lambda sends to CloudWatch Logs.

use std::panic;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Registry, fmt};

/// `AWS_LAMBDA_LOG_LEVEL` (Lambda's advanced logging controls) takes precedence over `RUST_LOG`.
/// Without either, or if it cannot be understood, the level is `info`.
const LEVELS: [&str; 2] = ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"];

/// Sets up logging for the process.
pub(super) fn init() {
    let json = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false);
    let subscriber = Registry::default()
        .with(levels())
        .with(filter_fn(is_discreet))
        .with(json);
    // Fails only if another subscriber was set before, as a test may do.
    let _ = tracing::subscriber::set_global_default(subscriber);
    // A panic's message may quote what it was about: only the place is logged.
    panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location, "panic");
    }));
}

fn levels() -> Targets {
    let given = LEVELS.into_iter().find_map(|name| std::env::var(name).ok());
    let given = given.map(|level| match level {
        // Lambda's highest level, which `tracing` does not have.
        fatal if fatal.eq_ignore_ascii_case("fatal") => "error".to_owned(),
        level => level,
    });
    let targets = given.and_then(|levels| levels.parse().ok());
    targets.unwrap_or_else(|| Targets::new().with_default(Level::INFO))
}

/// At the level `trace`, Lambda's runtime logs whole events, including tokens and titles; and AWS's
/// SDK logs whole responses, including parameters and credentials.
fn is_discreet(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let is_talkative = target.starts_with("lambda_") || target.starts_with("aws_");
    *metadata.level() != Level::TRACE || !is_talkative
}
