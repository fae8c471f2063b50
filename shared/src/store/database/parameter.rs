//! Values as parameters of statements.

use jiff::Timestamp;
use jiff::civil::Date;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

/// A value that can be a parameter of a statement, and its type in PostgreSQL.
///
/// With the type of each parameter, a statement need not be prepared, which would take another
/// round trip, and it works through `PgBouncer` in transaction mode.
pub trait Parameter: ToSql + Send + Sync + 'static {
    /// The type.
    const TYPE: Type;
}

/// A value that can be an element of an array.
pub trait Element: Parameter {
    /// The type of such an array.
    const ARRAY: Type;
}

impl<T: Parameter> Parameter for Option<T> {
    const TYPE: Type = T::TYPE;
}

impl<T: Element> Parameter for Vec<T> {
    const TYPE: Type = T::ARRAY;
}

macro_rules! parameters {
    ($($rust:ty: $type:ident, $array:ident;)+) => {
        $(
            impl Parameter for $rust {
                const TYPE: Type = Type::$type;
            }

            impl Element for $rust {
                const ARRAY: Type = Type::$array;
            }
        )+
    };
}

parameters! {
    bool: BOOL, BOOL_ARRAY;
    i16: INT2, INT2_ARRAY;
    i32: INT4, INT4_ARRAY;
    i64: INT8, INT8_ARRAY;
    String: TEXT, TEXT_ARRAY;
    Uuid: UUID, UUID_ARRAY;
    Date: DATE, DATE_ARRAY;
    Timestamp: TIMESTAMPTZ, TIMESTAMPTZ_ARRAY;
}

/// `bytea`.
impl Parameter for Vec<u8> {
    const TYPE: Type = Type::BYTEA;
}
