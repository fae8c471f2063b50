//! What the system says of processes, in `/proc`: Linux only; elsewhere these figures are 0.

use std::fs;

/// The CPU time that a process has used, in nanoseconds (`man proc_pid_schedstat`). The counts in
/// `/proc/PID/stat` are hundredths of a second.
pub(crate) fn cpu_nanoseconds(pid: u32) -> u64 {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return 0;
    };
    threads
        .flatten()
        .filter_map(|thread| first(&thread.path().join("schedstat")))
        .sum()
}

/// The same of the thread that asks.
pub(crate) fn own_cpu_nanoseconds() -> u64 {
    first(std::path::Path::new("/proc/thread-self/schedstat")).unwrap_or_default()
}

fn first(file: &std::path::Path) -> Option<u64> {
    fs::read_to_string(file)
        .ok()?
        .split(' ')
        .next()?
        .parse()
        .ok()
}

/// The most memory that a process has had, in MB (10^6 bytes).
pub(crate) fn peak_megabytes(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes =
        line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kibibytes.unwrap_or_default() * 1024.0 / 1e6
}

/// What the figures were measured on.
pub(crate) fn machine() -> String {
    let value = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_default();
        line.split_once(':')
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "{cores} cores of {}, {} memory, Linux {}, load at the start {}",
        value("/proc/cpuinfo", "model name"),
        value("/proc/meminfo", "MemTotal"),
        kernel.trim(),
        load.split(' ').next().unwrap_or_default(),
    )
}
