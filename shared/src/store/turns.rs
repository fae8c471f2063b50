//! Turns: one user's writes of several tasks are done one after the other.

/// Waits for the user's turn, until the transaction ends.
///
/// Without turns, two batches that name the same tasks in different orders would deadlock, and
/// PostgreSQL would fail one of them. Locking those tasks first would not help: tasks that two
/// batches create with the same ids do not exist yet, and the batches would still wait for each
/// other. An operation on one task needs no turn, since it holds nothing while it waits.
///
/// Users never wait for each other: a digest names the lock, so nobody can choose a user id that
/// shares another user's lock.
pub(super) const TAKE_TURN: &str = "
select pg_advisory_xact_lock(
    ('x' || encode(substr(sha256(convert_to($1, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint
)";
