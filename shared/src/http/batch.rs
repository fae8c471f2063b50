//! The body of a batch.

use uuid::Uuid;

use super::invalid::pointer;
use super::task_fields::wrong;
use super::{Conditions, Field, Fields, FromFields, InvalidField, TaskId, Value};
use crate::tasks::{BATCH_MAX_OPERATIONS, Batch, Operation};
use crate::{Completion, Error, NewTask, TaskChanges};

/// The most bytes of a batch. Lambda takes events of 6 MB, in which the body is a string of JSON: quotes and
/// backslashes are doubled there. So a body of half as much always arrives, and one that has more is refused by this
/// service, which says why, rather than by API Gateway.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_BYTES: usize = 3_000_000;

/// The most wrong fields that are told of one operation, so that all of a batch fit into an answer. A task has 7 fields
/// and 20 tags.
const MAX_WRONG: usize = 30;

/// The fields that operations have beside `operation`.
const FIELDS: [&str; 4] = ["id", "if_match", "task", "completed"];

impl FromFields for Batch {
    const MAX_BYTES: usize = MAX_BYTES;

    /// An invalid operation makes an atomic batch invalid; in another one, it fails alone.
    fn from_fields(mut fields: Fields) -> Result<Self, Vec<InvalidField>> {
        let atomic = fields
            .optional("atomic")
            .map(|atomic| atomic.unwrap_or(true));
        let Operations(operations) = fields.required("operations").unwrap_or_default();
        let mut wrong = fields
            .finish("a batch", || Some(()))
            .err()
            .unwrap_or_default();
        if atomic != Some(false) || !wrong.is_empty() {
            wrong.extend(
                operations
                    .iter()
                    .filter_map(|operation| operation.as_ref().err())
                    .flatten()
                    .cloned(),
            );
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let operations = operations
            .into_iter()
            .map(|operation| operation.map_err(Error::Invalid));
        Ok(Self {
            atomic: atomic != Some(false),
            operations: operations.collect(),
        })
    }
}

#[derive(Default)]
struct Operations(Vec<Result<Operation, Vec<InvalidField>>>);

impl Field for Operations {
    fn from_value(value: Value, at: &str) -> Result<Self, Vec<InvalidField>> {
        let Value::Array(items) = value else {
            return Err(wrong(at, format!("must be an array, not {}", value.kind())));
        };
        if !(1..=BATCH_MAX_OPERATIONS).contains(&items.len()) {
            let rule = format!(
                "must have 1 to {BATCH_MAX_OPERATIONS} operations, not {}",
                items.len()
            );
            return Err(wrong(at, rule));
        }
        let operations = items.into_iter().enumerate().map(|(index, item)| {
            let operation = Nested::from_value(item, &pointer(at, &index.to_string()));
            operation
                .map(|Nested(operation)| operation)
                .map_err(|mut wrong| {
                    wrong.truncate(MAX_WRONG);
                    wrong
                })
        });
        Ok(Self(operations.collect()))
    }
}

/// An object within another.
struct Nested<T>(T);

impl<T: FromFields> Field for Nested<T> {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        match value {
            Value::Object(object) => T::from_fields(Fields::of(object, pointer)).map(Self),
            value => Err(wrong(
                pointer,
                format!("must be an object, not {}", value.kind()),
            )),
        }
    }
}

impl FromFields for Operation {
    fn from_fields(mut fields: Fields) -> Result<Self, Vec<InvalidField>> {
        match fields.required("operation") {
            Some(Kind::Create) => create(fields),
            Some(Kind::Update) => update(fields),
            Some(Kind::Complete) => complete(fields),
            Some(Kind::Delete) => delete(fields),
            None => {
                fields.ignore(&FIELDS);
                fields.finish("an operation", || None)
            }
        }
    }
}

enum Kind {
    Create,
    Update,
    Complete,
    Delete,
}

impl Field for Kind {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        match String::from_value(value, pointer)?.as_str() {
            "create" => Ok(Self::Create),
            "update" => Ok(Self::Update),
            "complete" => Ok(Self::Complete),
            "delete" => Ok(Self::Delete),
            _ => Err(wrong(
                pointer,
                "must be `create`, `update`, `complete` or `delete`".to_owned(),
            )),
        }
    }
}

fn create(mut fields: Fields) -> Result<Operation, Vec<InvalidField>> {
    let id = fields.optional("id");
    let task = fields.required("task");
    fields.finish("an operation that creates", || {
        let Nested::<NewTask>(new) = task?;
        Some(Operation::Create(match id? {
            Some(NewId(id)) => NewTask { id, ..new },
            None => new,
        }))
    })
}

fn update(mut fields: Fields) -> Result<Operation, Vec<InvalidField>> {
    let id = fields.required("id");
    let if_match = fields.optional("if_match");
    let task = fields.required("task");
    fields.finish("an operation that updates", || {
        let (TaskId(id), Nested::<TaskChanges>(changes)) = (id?, task?);
        Some(Operation::Change(
            id,
            changes,
            conditions(if_match?).precondition(),
        ))
    })
}

fn complete(mut fields: Fields) -> Result<Operation, Vec<InvalidField>> {
    let id = fields.required("id");
    let if_match = fields.optional("if_match");
    let completed = fields.optional("completed");
    fields.finish("an operation that completes", || {
        let TaskId(id) = id?;
        let completion = completed?.map_or(Completion::Toggle, Completion::Set);
        Some(Operation::Change(
            id,
            completion.into(),
            conditions(if_match?).precondition(),
        ))
    })
}

fn delete(mut fields: Fields) -> Result<Operation, Vec<InvalidField>> {
    let id = fields.required("id");
    let if_match = fields.optional("if_match");
    fields.finish("an operation that deletes", || {
        let TaskId(id) = id?;
        Some(Operation::Delete(id, conditions(if_match?).precondition()))
    })
}

/// The id that a client chose for a new task.
struct NewId(Uuid);

impl Field for NewId {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        match TaskId::from_value(value, pointer)? {
            TaskId(id) if id.is_nil() => Err(wrong(pointer, "must be a UUID".to_owned())),
            TaskId(id) => Ok(Self(id)),
        }
    }
}

impl Field for TaskId {
    /// What is no UUID looks the same as a missing task, as it does in a path.
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        Ok(Self::parse(&String::from_value(value, pointer)?))
    }
}

struct IfMatch(Conditions);

impl Field for IfMatch {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        let conditions = Conditions::if_match(&String::from_value(value, pointer)?);
        let rule = || {
            wrong(
                pointer,
                "must be `*` or entity tags in double quotes".to_owned(),
            )
        };
        conditions.map(Self).ok_or_else(rule)
    }
}

fn conditions(if_match: Option<IfMatch>) -> Conditions {
    if_match
        .map(|IfMatch(conditions)| conditions)
        .unwrap_or_default()
}
