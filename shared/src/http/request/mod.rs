//! What operations take out of a request.

mod caller;
mod cursor;
mod delete;
mod erase;
mod export;
mod feed;
mod idempotency;
mod invocation;
mod limit;
mod list;
mod no_parameters;
mod parameters;
mod position;
mod summary;
mod trash;
mod update;

pub use caller::Caller;
pub(super) use cursor::encode as encode_cursor;
pub use delete::Permanently;
pub use erase::Confirmation;
pub use export::ExportRequest;
pub use feed::FeedRequest;
pub use idempotency::IdempotencyKey;
pub use invocation::Invocation;
pub use list::ListRequest;
pub use no_parameters::NoParameters;
pub(super) use position::encode as encode_position;
pub use summary::SummaryRequest;
pub use trash::TrashRequest;
pub use update::UpdateRequest;
