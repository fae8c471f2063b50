//! Requests that are safe to repeat.

/// The result of a request that may have an `Idempotency-Key`.
#[derive(Debug)]
pub struct Attempt<T> {
    /// The result.
    pub result: T,
    /// Whether an earlier request with the same key had this result: this one has done nothing.
    pub replayed: bool,
}

impl<T> Attempt<T> {
    /// The result of a request that has done something.
    #[must_use]
    pub fn first(result: T) -> Self {
        Self {
            result,
            replayed: false,
        }
    }

    /// The result of an earlier request.
    #[must_use]
    pub fn replayed(result: T) -> Self {
        Self {
            result,
            replayed: true,
        }
    }

    /// The same attempt with another form of its result.
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> Attempt<U> {
        Attempt {
            result: form(self.result),
            replayed: self.replayed,
        }
    }
}
