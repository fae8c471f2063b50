//! The output of an environment: its stdout and stderr, line by line.

use std::io::{self, PipeReader, PipeWriter, Read};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::net::unix::pipe::Receiver;

use super::lock;
use crate::{LogLine, LogSink};

/// The longest line, in bytes; the rest is the next line. This is Lambda's own limit for a log
/// event.
const LINE_LIMIT: usize = 256 * 1024;

/// The reading end of a pipe, split into lines.
///
/// A task reads when there is something to read. [`Output::drain`] reads at once, so that
/// everything that a function has written is in the log before its caller gets the response.
pub(super) struct Output {
    /// Knows when there is something to read.
    receiver: Receiver,
    /// The same pipe: Tokio's end reads only after it has been notified.
    pipe: PipeReader,
    /// The beginning of an unfinished line.
    partial: Mutex<Vec<u8>>,
    function: String,
    log: LogSink,
}

impl Output {
    /// A pipe; the writing end is for the process.
    pub(super) fn pipe(function: &str, log: LogSink) -> io::Result<(Arc<Self>, PipeWriter)> {
        let (pipe, writer) = io::pipe()?;
        // This sets O_NONBLOCK for both reading ends.
        let receiver = Receiver::from_owned_fd(pipe.try_clone()?.into())?;
        let function = function.to_owned();
        let output = Arc::new(Self {
            receiver,
            pipe,
            partial: Mutex::default(),
            function,
            log,
        });
        tokio::spawn(Arc::clone(&output).follow());
        Ok((output, writer))
    }

    /// Reads everything that has been written so far.
    pub(super) fn drain(&self) {
        let mut partial = lock(&self.partial);
        self.read(&mut partial, |buffer| (&self.pipe).read(buffer));
    }

    async fn follow(self: Arc<Self>) {
        while self.receiver.readable().await.is_ok() {
            let mut partial = lock(&self.partial);
            if !self.read(&mut partial, |buffer| self.receiver.try_read(buffer)) {
                return;
            }
        }
    }

    /// Reads until there is nothing more. False at the end of the pipe.
    fn read(
        &self,
        partial: &mut MutexGuard<'_, Vec<u8>>,
        mut read: impl FnMut(&mut [u8]) -> io::Result<usize>,
    ) -> bool {
        let mut buffer = [0; 8192];
        loop {
            match read(&mut buffer) {
                Ok(0) => {
                    self.flush(partial);
                    return false;
                }
                Ok(count) => self.split(partial, &buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
            }
        }
    }

    fn split(&self, partial: &mut Vec<u8>, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") || partial.len() >= LINE_LIMIT {
                self.flush(partial);
            }
        }
    }

    fn flush(&self, partial: &mut Vec<u8>) {
        let line = String::from_utf8_lossy(partial);
        let text = line.trim_end_matches(['\n', '\r']).to_owned();
        if !partial.is_empty() {
            (self.log)(LogLine {
                function: self.function.clone(),
                text,
            });
        }
        partial.clear();
    }
}
