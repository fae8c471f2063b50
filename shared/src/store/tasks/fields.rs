//! How the value of a field is kept in columns.

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::domain::{Change, Completion, Description, Due, Priority, Tags, TimeZoneName, Title};
use crate::store::StoreError;
use crate::store::database::{BoundValue, Statement};

/// The cells of a row, read one after the other.
pub(super) struct Cells<'a> {
    row: &'a Row,
    next: usize,
}

impl<'a> Cells<'a> {
    pub(super) fn new(row: &'a Row) -> Self {
        Self { row, next: 0 }
    }

    pub(super) fn next<T: FromSql<'a>>(&mut self) -> Result<T, StoreError> {
        let index = self.next;
        self.next += 1;
        self.row.try_get(index).map_err(StoreError::defect)
    }
}

/// A value that is kept in one column or several.
pub(super) trait StoredValue: Sized {
    /// Gives the value of each column to `put`.
    fn store(self, put: &mut dyn FnMut(BoundValue));

    /// Reads the value of each column.
    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError>;
}

/// How an update changes a value.
pub(super) trait Assignment {
    /// Appends assignments to these columns, each with a comma after it; nothing if the value
    /// stays.
    fn assign(self, columns: &[&'static str], statement: &mut Statement);
}

impl<T: StoredValue> Assignment for Change<T> {
    fn assign(self, columns: &[&'static str], statement: &mut Statement) {
        let Self::Set(value) = self else { return };
        let mut columns = columns.iter();
        value.store(&mut |value| {
            statement.push_text(columns.next().copied().unwrap_or_default());
            statement.push_text(" = ");
            statement.push_value(value);
            statement.push_text(", ");
        });
    }
}

impl Assignment for Completion {
    fn assign(self, columns: &[&'static str], statement: &mut Statement) {
        match self {
            Self::Keep => {}
            Self::Toggle => statement.push_text("completed = not completed, "),
            Self::Set(completed) => Change::Set(completed).assign(columns, statement),
        }
    }
}

/// Values that are kept in one column: how they are written and read.
macro_rules! in_one_column {
    ($($type:ty as $column:ty: $write:expr, $read:expr;)+) => {
        $(impl StoredValue for $type {
            fn store(self, put: &mut dyn FnMut(BoundValue)) {
                let write: fn(Self) -> $column = $write;
                put(write(self).into());
            }

            fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
                let read: fn($column) -> Self = $read;
                cells.next().map(read)
            }
        })+
    };
}

in_one_column! {
    bool as bool: |value| value, |value| value;
    Title as String: Title::into_string, Title::from_stored;
    Option<Description> as Option<String>:
        |value| value.map(Description::into_string), |text| text.map(Description::from_stored);
    // A constraint of the table allows no other number.
    Priority as i16: Priority::rank, |rank| Priority::from_rank(rank).unwrap_or_default();
    Option<TimeZoneName> as Option<String>:
        |value| value.map(TimeZoneName::into_string), |name| name.map(TimeZoneName::from_stored);
    Tags as Vec<String>: Tags::into_vec, Tags::from_stored;
}

/// A day in the first column, or an instant in the second and the client's text in the third.
impl StoredValue for Option<Due> {
    fn store(self, put: &mut dyn FnMut(BoundValue)) {
        let (day, at, given) = match self {
            None => (None, None, None),
            Some(Due::Day(day)) => (Some(day), None, None),
            Some(Due::Instant { at, given }) => (None, Some(at), Some(given)),
        };
        put(day.into());
        put(at.into());
        put(given.into());
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, StoreError> {
        Ok(match (cells.next()?, cells.next()?, cells.next()?) {
            (Some(day), _, _) => Some(Due::Day(day)),
            (None, Some(at), Some(given)) => Some(Due::Instant { at, given }),
            _ => None,
        })
    }
}
