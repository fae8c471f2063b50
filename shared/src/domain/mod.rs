//! The domain: what a task is, and what can be asked about tasks. No HTTP, no SQL.
//!
//! Its types cannot hold an invalid value: every [`Title`] is a valid title.

mod attempt;
mod batch;
mod changes;
mod days;
mod due;
mod feed;
mod page;
mod precondition;
mod priority;
mod quota;
mod search;
mod summary;
mod tags;
mod task;
mod text;
mod time_zone;
mod timestamp;
mod trash;

pub use attempt::Attempt;
pub use batch::{BATCH_MAX_OPERATIONS, Batch, Operation, Outcome};
pub use changes::{Change, Completion, TaskChanges};
pub use days::Days;
pub use due::{Due, InvalidDue};
pub use feed::{FeedChange, FeedPage, Position};
pub use page::{
    Cursor, DueWindow, LIST_MAX_TASKS, ListQuery, Listing, Page, Sort, SortKey, StatusFilter,
    Window,
};
pub use precondition::Precondition;
pub use priority::{Priority, UnknownPriority};
pub use quota::Quota;
pub use search::{InvalidSearch, SEARCH_MAX_CHARS, SEARCH_MAX_WORDS, Search};
pub use summary::{ByPriority, Counts, SUMMARY_MAX_TAGS, Summary, TagCounts};
pub use tags::{InvalidTags, TAG_MAX_CHARS, TAGS_MAX, Tags};
pub use task::{NewTask, Task, TaskFields};
pub use text::{DESCRIPTION_MAX_CHARS, Description, InvalidText, TITLE_MAX_CHARS, Title, is_blank};
pub use time_zone::{TimeZoneName, UnknownTimeZone};
pub(crate) use timestamp::rfc3339;
pub use trash::{TrashPage, TrashedTask};
