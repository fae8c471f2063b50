//! What operations take out of a request.

mod caller;
mod cursor;
mod erase;
mod export;
mod idempotency;
mod invocation;
mod list;
mod no_parameters;
mod parameters;
mod summary;
mod update;

pub use caller::Caller;
pub(super) use cursor::encode as encode_cursor;
pub use erase::Confirmation;
pub use export::ExportRequest;
pub use idempotency::IdempotencyKey;
pub use invocation::Invocation;
pub use list::ListRequest;
pub use no_parameters::NoParameters;
pub use summary::SummaryRequest;
pub use update::UpdateRequest;
