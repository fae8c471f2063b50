-- A function that a schedule invokes deletes what has expired, of all users: those who never come back have expired
-- idempotency keys too. It has a role of its own, which reaches nothing else.

-- As with todo_app (V1), another database's migration may create the role at the same moment.
do $$
begin
    create role todo_purge nologin nobypassrls;
exception
    when duplicate_object or unique_violation then null;
end
$$;

grant todo_purge to current_user;

-- The oldest keys of all users. `idempotency_keys_by_age` has those of one user, which `bound_idempotency_keys` (V6) reads.
create index idempotency_keys_by_creation on idempotency_keys (created_at);

-- Columns that identify a key and say how old it is, but not what was created with it. `select ... for update` needs
-- the right to update a column; the policy below allows no update all the same.
grant usage on schema public to todo_purge;
grant select (user_id, key, created_at), update (created_at), delete on idempotency_keys to todo_purge;

-- A row must pass the restrictive policy and any of the others. The policy for users (V2) is for every role, so that
-- without the restrictive one, a setting `app.user_id` would show that user's keys.
create policy idempotency_keys_of_all_users on idempotency_keys
    to todo_purge
    using (true);

create policy idempotency_keys_that_have_expired on idempotency_keys
    as restrictive
    to todo_purge
    using (created_at <= now() - idempotency_key_lifetime())
    with check (false);
