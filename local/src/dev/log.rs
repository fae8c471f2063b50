//! The functions' log on stdout.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;

use local::{LogLine, LogSink};

/// The most lines that wait for the reader of stdout.
const WAITING_LINES: usize = 10_000;

/// Prints lines from a separate thread: when the reader of stdout pauses (`less`, Ctrl-S), the
/// API goes on. Lines that find no room to wait are lost.
pub(super) fn print() -> LogSink {
    let (sender, lines) = sync_channel::<LogLine>(WAITING_LINES);
    thread::spawn(move || {
        for line in lines {
            // stdout may be closed.
            let _ = writeln!(io::stdout().lock(), "{} | {}", line.function, line.text);
        }
    });
    Arc::new(move |line| drop(sender.try_send(line)))
}
