//! What Linux says about processes. On other systems these figures are 0.

#[cfg(target_os = "linux")]
use linux as system;

/// The CPU time that a process has used, in nanoseconds.
pub(crate) fn cpu_nanoseconds(pid: u32) -> u64 {
    system::cpu_nanoseconds(pid).unwrap_or_default()
}

/// The CPU time that processes have used together, in nanoseconds.
pub(crate) fn total_cpu_nanoseconds(pids: &[u32]) -> u64 {
    pids.iter().map(|&pid| cpu_nanoseconds(pid)).sum()
}

/// The CPU time that the calling thread has used, in nanoseconds.
pub(crate) fn thread_cpu_nanoseconds() -> u64 {
    system::thread_cpu_nanoseconds().unwrap_or_default()
}

/// The most memory that a process has used at once, in MB (10^6 bytes).
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub(crate) fn peak_megabytes(pid: u32) -> f64 {
    system::peak_kibibytes(pid).unwrap_or_default() as f64 * 1024.0 / 1e6
}

/// The machine that the figures were measured on.
pub(crate) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let rest = system::machine().unwrap_or_else(|| "an unknown machine".to_owned());
    format!("{cores} cores of {rest}")
}

#[cfg(target_os = "linux")]
mod linux {
    use procfs::process::{Process, Schedstat};
    use procfs::sys::kernel::Version;
    use procfs::{CpuInfo, Current, FromRead, LoadAverage, Meminfo};

    fn process(pid: u32) -> Option<Process> {
        Process::new(pid.try_into().ok()?).ok()
    }

    /// Of all threads. `schedstat` counts nanoseconds, and `stat` only hundredths of a second.
    pub(super) fn cpu_nanoseconds(pid: u32) -> Option<u64> {
        let threads = process(pid)?.tasks().ok()?.flatten();
        Some(
            threads
                .filter_map(|thread| thread.schedstat().ok())
                .map(|times| times.sum_exec_runtime)
                .sum(),
        )
    }

    pub(super) fn thread_cpu_nanoseconds() -> Option<u64> {
        Some(
            Schedstat::from_file("/proc/thread-self/schedstat")
                .ok()?
                .sum_exec_runtime,
        )
    }

    pub(super) fn peak_kibibytes(pid: u32) -> Option<u64> {
        process(pid)?.status().ok()?.vmhwm
    }

    pub(super) fn machine() -> Option<String> {
        let cpu = CpuInfo::current().ok()?;
        let memory = Meminfo::current().ok()?.mem_total / 1024;
        let Version {
            major,
            minor,
            patch,
        } = Version::current().ok()?;
        let load = LoadAverage::current().ok()?.one;
        let model = cpu.model_name(0).unwrap_or("an unknown model");
        Some(format!(
            "{model}, {memory} kB memory, Linux {major}.{minor}.{patch}, load at the start {load}"
        ))
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    pub(super) fn cpu_nanoseconds(_: u32) -> Option<u64> {
        None
    }

    pub(super) fn thread_cpu_nanoseconds() -> Option<u64> {
        None
    }

    pub(super) fn peak_kibibytes(_: u32) -> Option<u64> {
        None
    }

    pub(super) fn machine() -> Option<String> {
        None
    }
}
