//! The output of an environment: its stdout and stderr, line by line.

use std::io::{self, LineWriter, PipeReader, PipeWriter, Read, Write};
use std::sync::{Arc, Mutex};

use tokio::net::unix::pipe::Receiver;

use super::fleet::Fleet;
use super::lock;

/// The longest line, in bytes; the rest is the next line. This is Lambda's own limit for a log
/// event.
const LINE_LIMIT: usize = 256 * 1024;

/// The reading end of a pipe.
///
/// A task reads when there is something to read. [`Output::drain`] reads at once, so that
/// everything that a function has written is in the log before its caller gets the response.
pub(super) struct Output {
    /// Knows when there is something to read.
    receiver: Receiver,
    /// The same pipe: Tokio's end reads only after it has been notified.
    pipe: PipeReader,
    log: Mutex<LineWriter<FleetLog>>,
}

/// Writes lines to the log of a function.
struct FleetLog(Arc<Fleet>);

impl Output {
    /// A pipe; the writing end is for the process.
    pub(super) fn pipe(fleet: &Arc<Fleet>) -> io::Result<(Arc<Self>, PipeWriter)> {
        let (pipe, writer) = io::pipe()?;
        // This sets O_NONBLOCK for both reading ends.
        let receiver = Receiver::from_owned_fd(pipe.try_clone()?.into())?;
        let log = LineWriter::with_capacity(LINE_LIMIT, FleetLog(Arc::clone(fleet)));
        let log = Mutex::new(log);
        let output = Arc::new(Self {
            receiver,
            pipe,
            log,
        });
        tokio::spawn(Arc::clone(&output).follow());
        Ok((output, writer))
    }

    async fn follow(self: Arc<Self>) {
        while self.receiver.readable().await.is_ok() && self.log(Notified(&self.receiver)) {}
    }

    /// Logs everything that has been written so far.
    pub(super) fn drain(&self) {
        self.log(&self.pipe);
    }

    /// Logs what can be read. False at the end of the pipe.
    fn log(&self, mut pipe: impl Read) -> bool {
        let mut log = lock(&self.log);
        match io::copy(&mut pipe, &mut *log) {
            Ok(_) => log.flush().is_err(),
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        }
    }
}

/// Tokio's end of the pipe. Reading waits for its next notification when there is no more.
struct Notified<'a>(&'a Receiver);

impl Read for Notified<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

impl Write for FleetLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for line in String::from_utf8_lossy(bytes).lines() {
            self.0.log(line.to_owned());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
