//! Logging: one JSON object a line on standard output, which Lambda sends to CloudWatch Logs.

use std::panic;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Registry, fmt};

/// Sets up logging for the process. `AWS_LAMBDA_LOG_LEVEL` (Lambda's advanced logging controls) wins
/// over `RUST_LOG`; without either, or where it cannot be understood, the level is `info`.
pub(crate) fn init() {
    let directives = ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    let filter = directives
        .map(|level| {
            if level.eq_ignore_ascii_case("fatal") {
                "error".to_owned()
            } else {
                level
            }
        })
        .and_then(|directives| directives.parse::<Targets>().ok())
        .unwrap_or_else(|| Targets::new().with_default(Level::INFO));
    let json = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false);
    let subscriber = Registry::default()
        .with(filter)
        .with(filter_fn(is_discreet))
        .with(json);
    // Fails only when another subscriber was set before, as a test may do.
    let _ = tracing::subscriber::set_global_default(subscriber);
    // A panic's message may quote what it was about: only the place is told.
    panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location, "panic");
    }));
}

/// At the level `trace`, Lambda's runtime logs whole events: tokens, titles and all; and AWS's SDK whole
/// answers: parameters and credentials.
fn is_discreet(metadata: &Metadata<'_>) -> bool {
    let is_talkative = ["lambda_", "aws_"]
        .iter()
        .any(|library| metadata.target().starts_with(library));
    *metadata.level() != Level::TRACE || !is_talkative
}
