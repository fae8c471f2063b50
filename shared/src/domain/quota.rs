//! How much one user may have.

/// How much one user may have. What would be more is refused.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// The maximum number of tasks.
    pub tasks: i64,
    /// The size of all titles and descriptions, in bytes of UTF-8, from which on no task is added and
    /// no description grows. Titles, which are short, still may.
    pub text_bytes: i64,
}

impl Default for Quota {
    /// 10,000 tasks and 4 MiB of text.
    fn default() -> Self {
        Self {
            tasks: 10_000,
            text_bytes: 4 * 1024 * 1024,
        }
    }
}
