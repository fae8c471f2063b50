//! REPORT lines, as Lambda writes them.
//! <https://docs.aws.amazon.com/lambda/latest/dg/rust-logging.html>

use std::fmt;
use std::time::Duration;

/// What an invocation used.
pub(super) struct ReportLine<'a> {
    pub(super) request_id: &'a str,
    pub(super) duration: Duration,
    /// From the start of the process to its first poll, if this was its first invocation.
    pub(super) init: Option<Duration>,
    /// In MB.
    pub(super) memory_size: u32,
    /// In MB, where it is known.
    pub(super) max_memory: Option<u64>,
    /// Such as `timeout`, when it failed.
    pub(super) status: Option<String>,
}

impl fmt::Display for ReportLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = |duration: Duration| duration.as_secs_f64() * 1000.0;
        let (id, size) = (self.request_id, self.memory_size);
        let duration = milliseconds(self.duration);
        // Init counts too: https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
        let billed = (duration + self.init.map_or(0.0, milliseconds)).ceil();
        write!(f, "REPORT RequestId: {id}\tDuration: {duration:.2} ms\t")?;
        write!(
            f,
            "Billed Duration: {billed:.0} ms\tMemory Size: {size} MB\t"
        )?;
        if let Some(memory) = self.max_memory {
            write!(f, "Max Memory Used: {memory} MB\t")?;
        }
        if let Some(init) = self.init {
            write!(f, "Init Duration: {:.2} ms\t", milliseconds(init))?;
        }
        let mut status = self.status.iter();
        status.try_for_each(|status| write!(f, "Status: {status}\t"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_report_has_the_init_duration_and_bills_it() {
        let report = ReportLine {
            request_id: "0a1b",
            duration: Duration::from_micros(1_230),
            init: Some(Duration::from_micros(12_345)),
            memory_size: 256,
            max_memory: Some(18),
            status: None,
        };

        assert_eq!(
            report.to_string(),
            "REPORT RequestId: 0a1b\tDuration: 1.23 ms\tBilled Duration: 14 ms\tMemory Size: 256 MB\t\
             Max Memory Used: 18 MB\tInit Duration: 12.35 ms\t"
        );
    }

    #[test]
    fn a_later_report_has_no_init_duration() {
        let report = ReportLine {
            request_id: "0a1b",
            duration: Duration::from_secs(3),
            init: None,
            memory_size: 128,
            max_memory: None,
            status: Some("timeout".into()),
        };

        assert_eq!(
            report.to_string(),
            "REPORT RequestId: 0a1b\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\t\
             Status: timeout\t"
        );
    }
}
