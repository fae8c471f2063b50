//! The body of a batch.

use uuid::Uuid;

use super::members::{Flag, FromMembers, Given, Member, Members, wrong};
use super::value::Value;
use crate::domain::{
    BATCH_MAX_OPERATIONS, Batch, Completion, NewTask, Operation, Precondition, TaskChanges,
};
use crate::http::conditions::Conditions;
use crate::http::invalid::{InvalidField, pointer};
use crate::http::task_id::TaskId;

/// The maximum size of a batch, in bytes. Lambda accepts events of 6 MB, in which the body is a
/// JSON string, so that its quotes and backslashes count twice. A body of half as many bytes always
/// arrives, and this service, rather than API Gateway, refuses a larger one and says why.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_BYTES: usize = 3_000_000;

/// The maximum number of wrong fields that are reported for one operation, so that those of a whole
/// batch fit into an answer. A task has 7 fields and 20 tags.
const MAX_WRONG: usize = 30;

/// The members of operations besides `operation`.
const MEMBERS: [&str; 4] = ["id", "if_match", "task", "completed"];

/// A batch that a client asks for.
#[derive(Debug)]
pub struct BatchRequest {
    /// Its valid operations.
    pub batch: Batch,
    /// The positions of the others, in ascending order, and what is wrong with each. An atomic
    /// batch has none: they make the whole request invalid.
    pub invalid: Vec<(usize, Vec<InvalidField>)>,
}

impl FromMembers for BatchRequest {
    const MAX_BYTES: usize = MAX_BYTES;

    fn from_members(mut members: Members) -> Result<Self, Vec<InvalidField>> {
        let atomic = members.take::<Option<bool>>("atomic");
        let operations = members.take::<Operations>("operations");
        let finished = members.finish("a batch", || Some(()));
        let atomic = atomic.is_none_or(|atomic| atomic.unwrap_or(true));
        let Operations { valid, invalid } = operations.unwrap_or_default();
        let mut wrong = finished.err().unwrap_or_default();
        if atomic || !wrong.is_empty() {
            let fields = invalid.iter().flat_map(|(_, fields)| fields);
            wrong.extend(fields.cloned());
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let batch = Batch {
            atomic,
            operations: valid,
        };
        Ok(Self { batch, invalid })
    }
}

#[derive(Default)]
struct Operations {
    valid: Vec<Operation>,
    invalid: Vec<(usize, Vec<InvalidField>)>,
}

impl Member for Operations {
    fn from_value(value: Value, at: &str) -> Result<Self, Vec<InvalidField>> {
        let Value::Array(items) = value else {
            return Err(wrong(at, format!("must be an array, not {}", value.kind())));
        };
        let count = items.len();
        if !(1..=BATCH_MAX_OPERATIONS).contains(&count) {
            let rule = format!("must have 1 to {BATCH_MAX_OPERATIONS} operations, not {count}");
            return Err(wrong(at, rule));
        }
        let mut operations = Self::default();
        for (index, item) in items.into_iter().enumerate() {
            match Nested::from_value(item, &pointer(at, &index.to_string())) {
                Ok(Nested(operation)) => operations.valid.push(operation),
                Err(mut wrong) => {
                    wrong.truncate(MAX_WRONG);
                    operations.invalid.push((index, wrong));
                }
            }
        }
        Ok(operations)
    }
}

/// An object within another.
struct Nested<T>(T);

impl<T: FromMembers> Member for Nested<T> {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        match value {
            Value::Object(object) => T::from_members(Members::of(object, pointer)).map(Self),
            value => {
                let detail = format!("must be an object, not {}", value.kind());
                Err(wrong(pointer, detail))
            }
        }
    }
}

impl FromMembers for Operation {
    fn from_members(mut members: Members) -> Result<Self, Vec<InvalidField>> {
        match members.take("operation") {
            Some(Kind::Create) => create(members),
            Some(Kind::Update) => update(members),
            Some(Kind::Complete) => complete(members),
            Some(Kind::Delete) => delete(members),
            Some(Kind::Restore) => restore(members),
            None => {
                members.ignore(&MEMBERS);
                members.finish("an operation", || None)
            }
        }
    }
}

enum Kind {
    Create,
    Update,
    Complete,
    Delete,
    Restore,
}

impl Member for Kind {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        match String::from_value(value, pointer)?.as_str() {
            "create" => Ok(Self::Create),
            "update" => Ok(Self::Update),
            "complete" => Ok(Self::Complete),
            "delete" => Ok(Self::Delete),
            "restore" => Ok(Self::Restore),
            _ => {
                let rule = "must be `create`, `update`, `complete`, `delete` or `restore`";
                Err(wrong(pointer, rule))
            }
        }
    }
}

fn create(mut members: Members) -> Result<Operation, Vec<InvalidField>> {
    let id = members.take::<Option<NewId>>("id");
    let task = members.take::<Nested<NewTask>>("task");
    members.finish("an operation that creates", || {
        let Nested(new) = task?;
        let new = match id? {
            Some(NewId(id)) => new.with_id(id),
            None => new,
        };
        Some(Operation::Create(new))
    })
}

fn update(mut members: Members) -> Result<Operation, Vec<InvalidField>> {
    let id = members.take("id");
    let precondition = precondition(&mut members);
    let task = members.take("task");
    members.finish("an operation that updates", || {
        let (TaskId(id), Nested::<TaskChanges>(changes)) = (id?, task?);
        Some(Operation::Update(id, changes, precondition?))
    })
}

fn complete(mut members: Members) -> Result<Operation, Vec<InvalidField>> {
    let id = members.take("id");
    let precondition = precondition(&mut members);
    let completed = members.take("completed");
    members.finish("an operation that completes", || {
        let (TaskId(id), Given(completed)) = (id?, completed?);
        let completion = completed.map_or(Completion::Toggle, |Flag(value)| Completion::Set(value));
        Some(Operation::Update(id, completion.into(), precondition?))
    })
}

fn delete(mut members: Members) -> Result<Operation, Vec<InvalidField>> {
    let id = members.take("id");
    let precondition = precondition(&mut members);
    members.finish("an operation that deletes", || {
        let TaskId(id) = id?;
        Some(Operation::Delete(id, precondition?))
    })
}

fn restore(mut members: Members) -> Result<Operation, Vec<InvalidField>> {
    let id = members.take("id");
    members.finish("an operation that restores", || {
        let TaskId(id) = id?;
        Some(Operation::Restore(id))
    })
}

fn precondition(members: &mut Members) -> Option<Precondition> {
    let if_match = members.take::<Option<IfMatch>>("if_match")?;
    Some(if_match.map_or_else(Precondition::default, |IfMatch(precondition)| precondition))
}

/// The id that a client has chosen for a new task.
struct NewId(Uuid);

impl Member for NewId {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        match TaskId::from_value(value, pointer)? {
            TaskId(id) if id.is_nil() => Err(wrong(pointer, "must be a UUID")),
            TaskId(id) => Ok(Self(id)),
        }
    }
}

impl Member for TaskId {
    /// What is not a UUID is no different from the id of a missing task, as in a path.
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        Ok(Self::parse(&String::from_value(value, pointer)?))
    }
}

struct IfMatch(Precondition);

impl Member for IfMatch {
    fn from_value(value: Value, pointer: &str) -> Result<Self, Vec<InvalidField>> {
        let conditions = Conditions::if_match(&String::from_value(value, pointer)?);
        let rule = "must be `*` or entity tags in double quotes";
        let conditions = conditions.ok_or_else(|| wrong(pointer, rule))?;
        Ok(Self(conditions.precondition()))
    }
}
