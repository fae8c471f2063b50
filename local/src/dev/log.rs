//! The functions' log on stdout.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;

use local::lambda::{LogLine, LogSink};

/// The most lines that wait for whoever reads stdout.
const WAITING_LINES: usize = 10_000;

/// Prints lines from a thread of its own: who reads stdout may stop to (`less`, Ctrl-S), and the API goes on.
/// What cannot wait any longer is lost.
pub(super) fn print() -> LogSink {
    let (sender, lines) = sync_channel::<LogLine>(WAITING_LINES);
    thread::spawn(move || {
        for line in lines {
            // Nobody has to look: stdout may be closed.
            let _ = writeln!(io::stdout().lock(), "{} | {}", line.function, line.text);
        }
    });
    Arc::new(move |line| drop(sender.try_send(line)))
}
