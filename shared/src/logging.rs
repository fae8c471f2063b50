//! Logging: one JSON object a line on standard output, which Lambda sends to CloudWatch Logs.

use tracing_subscriber::EnvFilter;

/// Sets up logging for the process. `AWS_LAMBDA_LOG_LEVEL` (Lambda's advanced logging controls) wins
/// over `RUST_LOG`; without either, or where it cannot be understood, the level is `info`.
pub(crate) fn init() {
    let directives =
        ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"].into_iter().find_map(|name| std::env::var(name).ok());
    let filter = directives
        .map(|level| if level.eq_ignore_ascii_case("fatal") { "error".to_owned() } else { level })
        .and_then(|directives| EnvFilter::try_new(directives).ok())
        .unwrap_or_else(|| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(filter)
        .finish();
    // Fails only when another subscriber was set before, as a test may do.
    let _ = tracing::subscriber::set_global_default(subscriber);
}
