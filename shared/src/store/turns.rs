//! Turns: one user's writes of several tasks are done one after the other.

/// Takes the user's turn until the transaction ends. If another request has it, the transaction fails
/// and is tried again (`Database::run`): a request does not wait with a connection in hand.
///
/// Without turns, two batches that name the same tasks in different orders would deadlock, and
/// PostgreSQL would fail one of them. Locking those tasks first would not help: tasks that two
/// batches create with the same ids do not exist yet, and the batches would still wait for each
/// other. An operation on one task needs no turn, since it holds nothing while it waits.
pub(super) const TAKE_TURN: &str = "select take_turn($1)";
