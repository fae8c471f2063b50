//! The signals that end `cargo dev`.

use std::io;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

/// From now on Ctrl-C, SIGTERM and, when the terminal is closed, SIGHUP only notify.
pub(super) fn listen() -> io::Result<Arc<Notify>> {
    let asked = Arc::<Notify>::default();
    for kind in [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ] {
        let mut signal = signal(kind)?;
        let asked = Arc::clone(&asked);
        tokio::spawn(async move {
            while signal.recv().await.is_some() {
                asked.notify_one();
            }
        });
    }
    Ok(asked)
}
