//! The output of an environment: its stdout and stderr, line by line.

use std::io::{self, PipeReader, PipeWriter, Read};
use std::sync::{Arc, Mutex};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use tokio::io::unix::AsyncFd;

use super::fleet::Fleet;
use super::lock;

/// The longest line, in bytes; the rest is the next line. This is Lambda's own limit for a log
/// event.
const LINE_LIMIT: usize = 256 * 1024;

/// The reading end of a pipe, split into lines.
///
/// A task reads when there is something to read. [`Output::drain`] reads at once, so that
/// everything that a function has written is in the log before its caller gets the response.
pub(super) struct Output {
    pipe: AsyncFd<PipeReader>,
    /// The beginning of an unfinished line.
    partial: Mutex<Vec<u8>>,
    fleet: Arc<Fleet>,
}

impl Output {
    /// A pipe; the writing end is for the process.
    pub(super) fn pipe(fleet: &Arc<Fleet>) -> io::Result<(Arc<Self>, PipeWriter)> {
        let (pipe, writer) = io::pipe()?;
        fcntl(&pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        let output = Arc::new(Self {
            pipe: AsyncFd::new(pipe)?,
            partial: Mutex::default(),
            fleet: Arc::clone(fleet),
        });
        tokio::spawn(Arc::clone(&output).follow());
        Ok((output, writer))
    }

    async fn follow(self: Arc<Self>) {
        while let Ok(mut ready) = self.pipe.readable().await {
            // Before reading: what is written meanwhile makes it ready again.
            ready.clear_ready();
            if !self.drain() {
                return;
            }
        }
    }

    /// Reads everything that has been written so far. False at the end of the pipe.
    pub(super) fn drain(&self) -> bool {
        let mut partial = lock(&self.partial);
        let mut buffer = [0; 8192];
        loop {
            match self.pipe.get_ref().read(&mut buffer) {
                Ok(0) => {
                    self.flush(&mut partial);
                    return false;
                }
                Ok(count) => self.split(&mut partial, &buffer[..count]),
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
        if !partial.is_empty() {
            let line = String::from_utf8_lossy(partial);
            self.fleet
                .log(line.trim_end_matches(['\n', '\r']).to_owned());
        }
        partial.clear();
    }
}
