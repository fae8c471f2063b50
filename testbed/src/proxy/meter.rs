//! What passes through a proxy.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What has passed through a proxy.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Traffic {
    /// How often the client spoke first, or after the server had.
    pub round_trips: usize,
    /// How many pieces the client sent, as they were read from its socket.
    pub flushes: usize,
    /// Bytes that the client sent.
    pub bytes_sent: usize,
    /// Bytes that the client received.
    pub bytes_received: usize,
}

#[derive(Default)]
pub(super) struct Meter {
    round_trips: AtomicUsize,
    pub(super) flushes: AtomicUsize,
    sent: AtomicUsize,
    received: AtomicUsize,
    /// Whether the client spoke last.
    is_asked: AtomicBool,
    pub(super) lose_next_answer: AtomicBool,
    pub(super) is_patient: AtomicBool,
}

impl Meter {
    pub(super) fn client_spoke(&self, bytes: usize) {
        self.flushes.fetch_add(1, Ordering::SeqCst);
        self.sent.fetch_add(bytes, Ordering::SeqCst);
        if !self.is_asked.swap(true, Ordering::SeqCst) {
            self.round_trips.fetch_add(1, Ordering::SeqCst);
        }
    }

    pub(super) fn server_spoke(&self, bytes: usize) {
        self.received.fetch_add(bytes, Ordering::SeqCst);
        self.is_asked.store(false, Ordering::SeqCst);
    }

    pub(super) fn take(&self) -> Traffic {
        self.is_asked.store(false, Ordering::SeqCst);
        let [round_trips, flushes, bytes_sent, bytes_received] =
            [&self.round_trips, &self.flushes, &self.sent, &self.received]
                .map(|count| count.swap(0, Ordering::SeqCst));
        Traffic {
            round_trips,
            flushes,
            bytes_sent,
            bytes_received,
        }
    }
}
