-- A row for each user counts what changes and how much is stored. Its version is the number of the user's latest
-- change, which the changed task has too: tasks are compared by their versions, because clocks can stand still.

create table user_counters (
    user_id text primary key,
    version bigint not null,
    -- What the quota limits: tasks, and the bytes of their titles and descriptions.
    tasks bigint not null default 0,
    text_bytes bigint not null default 0,

    constraint user_counters_not_negative check (tasks >= 0 and text_bytes >= 0)
)
-- Every write updates one row. With space on its page and no index on what changes, that touches no index.
with (fillfactor = 50);

alter table user_counters enable row level security;
alter table user_counters force row level security;

create policy user_counters_of_the_user on user_counters
    using (user_id = (select nullif(current_setting('app.user_id', true), '')))
    with check (user_id = (select nullif(current_setting('app.user_id', true), '')));

grant select, insert, update, delete on user_counters to todo_app;

-- Where a user's versions start: at the time in microseconds, so that a user who was erased and comes back never has
-- a version again.
create function first_version() returns bigint
language sql volatile parallel safe
return (extract(epoch from clock_timestamp()) * 1000000)::bigint;

create function text_bytes(title text, description text) returns integer
language sql immutable parallel safe
return octet_length(title) + coalesce(octet_length(description), 0);

-- Tasks from before get versions in the order in which they last changed. The owner, who migrates, sees rows only
-- while row-level security is not forced.
alter table tasks add column version bigint;
alter table tasks no force row level security;
alter table user_counters no force row level security;

update tasks set version = numbered.version
from (
    select user_id, id, row_number() over (partition by user_id order by updated_at, id) as version
    from tasks
) as numbered
where (tasks.user_id, tasks.id) = (numbered.user_id, numbered.id);

insert into user_counters (user_id, version, tasks, text_bytes)
select user_id, first_version(), count(*), sum(text_bytes(title, description))
from tasks
group by user_id;

alter table user_counters force row level security;
alter table tasks force row level security;
alter table tasks alter column version set not null;

-- Counts one change, and returns its number.
create function count_change(changed_user text, more_tasks integer, more_bytes integer) returns bigint
language plpgsql as $$
declare
    number bigint;
begin
    update user_counters
    set version = version + 1, tasks = tasks + more_tasks, text_bytes = text_bytes + more_bytes
    where user_id = changed_user
    returning version into number;
    if not found then
        insert into user_counters (user_id, version, tasks, text_bytes)
        values (changed_user, first_version(), more_tasks, more_bytes)
        on conflict (user_id) do update
        set version = user_counters.version + 1,
            tasks = user_counters.tasks + more_tasks,
            text_bytes = user_counters.text_bytes + more_bytes
        returning version into number;
    end if;
    return number;
end
$$;

create function count_new_task() returns trigger
language plpgsql as $$
declare
    bytes constant integer := text_bytes(new.title, new.description);
begin
    new.version := count_change(new.user_id, 1, bytes);
    -- This trigger runs before PostgreSQL looks for a task with the same id. If there is one, nothing is inserted, and
    -- the change is taken back. The user's row is locked: nobody has seen it.
    if exists (select from tasks where user_id = new.user_id and id = new.id) then
        update user_counters
        set version = version - 1, tasks = tasks - 1, text_bytes = text_bytes - bytes
        where user_id = new.user_id;
    end if;
    return new;
end
$$;

create trigger tasks_count_new
    before insert on tasks
    for each row
    execute function count_new_task();

create or replace function touch_task() returns trigger
language plpgsql as $$
begin
    new.version := count_change(
        new.user_id, 0, text_bytes(new.title, new.description) - text_bytes(old.title, old.description)
    );
    new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
    if new.completed is distinct from old.completed then
        new.completed_at := case when new.completed then new.updated_at end;
    end if;
    return new;
end
$$;

-- Counts all tasks that a statement deletes at once: a user can have thousands.
create function count_deleted_tasks() returns trigger
language plpgsql as $$
begin
    update user_counters
    set version = version + deleted.tasks,
        tasks = user_counters.tasks - deleted.tasks,
        text_bytes = user_counters.text_bytes - deleted.text_bytes
    from (
        select user_id, count(*) as tasks, sum(text_bytes(title, description)) as text_bytes
        from deleted_tasks_of_statement
        group by user_id
    ) as deleted
    where user_counters.user_id = deleted.user_id;
    return null;
end
$$;

create trigger tasks_count_deleted
    after delete on tasks
    referencing old table as deleted_tasks_of_statement
    for each statement
    execute function count_deleted_tasks();

-- Takes one of the user's slots until the transaction ends, if one is free.
create function try_slot(user_id text, slots integer) returns boolean
language plpgsql as $$
declare
    first_slot constant bigint := user_lock('slot', user_id);
begin
    for slot in 0 .. slots - 1 loop
        if pg_try_advisory_xact_lock(first_slot # slot) then
            return true;
        end if;
    end loop;
    return false;
end
$$;

-- Takes the user's turn to write until the transaction ends: a lock on the user's row. Every write takes it first, so
-- that a user's changes are committed in the order of their versions, and no two writes of a user deadlock. Waits
-- only briefly, because waiting keeps a connection from other users; the function tries again without one.
--
-- A user without a row takes a lock on what would be its name, and looks again: another write may have inserted it.
create or replace function take_turn(user_id text) returns void
language plpgsql
set lock_timeout = '20ms'
as $$
begin
    perform from user_counters where user_counters.user_id = take_turn.user_id for no key update;
    if not found then
        perform pg_advisory_xact_lock(user_lock('turn', user_id));
        perform from user_counters where user_counters.user_id = take_turn.user_id for no key update;
    end if;
end
$$;

-- Records which operation of a batch failed, and why. Returns why. `record_failure()` (V3) stays for the functions of
-- the previous release.
create function record_failure(operation integer, failure text) returns text
language sql volatile
return case
    when set_config(
        'app.operation_failed',
        concat(current_setting('app.operation_failed', true), operation, ':', failure, ' '),
        true
    ) is not null then failure
end;

create or replace function raise_if_failed() returns void
language plpgsql as $$
begin
    if current_setting('app.operation_failed', true) <> '' then
        raise exception using
            errcode = 'TD001',
            message = 'an operation of an atomic batch failed, so the batch is rolled back';
    end if;
end
$$;

-- What an idempotency key stands for is more than one creation: the tasks of a request's operations in their order, their
-- versions after it (null if they were deleted), their times, and the operations that failed. All of this is null
-- for what the functions of the previous release created.
alter table idempotency_keys
    add column task_ids uuid[],
    add column versions bigint[],
    add column times timestamptz[],
    add column failures text;

-- How long a key is honoured.
create function idempotency_key_lifetime() returns interval
language sql immutable parallel safe
return interval '24 hours';

-- Keeps the keys of the user's latest 20,000 operations and deletes older ones. Otherwise a user could fill the database
-- with keys.
create function bound_idempotency_keys(owner text) returns void
language sql volatile
begin atomic
    delete from idempotency_keys
    where user_id = owner and created_at < (
        select min(created_at)
        from (
            select created_at,
                   sum(coalesce(cardinality(task_ids), 1)) over (order by created_at desc, key) as operations
            from idempotency_keys
            where user_id = owner
        ) as newest
        where operations <= 20000
    );
end;

-- Raises an error if the user has used the key, so that nothing is done twice. Forgets it if that was long ago.
create function raise_if_used(user_id text, key text) returns void
language plpgsql as $$
begin
    -- Now and then is enough.
    if random() < 0.02 then
        perform bound_idempotency_keys(user_id);
    end if;
    delete from idempotency_keys as used
    where used.user_id = raise_if_used.user_id and used.key = raise_if_used.key
        and used.created_at <= now() - idempotency_key_lifetime();
    if exists (
        select from idempotency_keys as used
        where used.user_id = raise_if_used.user_id and used.key = raise_if_used.key
    ) then
        raise exception using errcode = 'TD003', message = 'the idempotency key was used before';
    end if;
end
$$;
