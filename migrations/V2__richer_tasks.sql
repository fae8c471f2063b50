-- What frontends ask of a task beyond a title: when it is due, how much it matters, and tags.
--
-- The key becomes (user_id, id), which the inserts of the release before (`on conflict (id)`) do not suit. That
-- release was never deployed; from here on, migrations suit the functions that serve while they run.

-- Clients may choose ids. Were an id unique among all users, choosing one would tell whether another user has it.
alter table tasks
    drop constraint tasks_pkey,
    add primary key (user_id, id);

-- One array, at most 20 different tags of 1 to 50 characters, trimmed: what `Tags` of the functions accepts.
create function are_tags(tags text[]) returns boolean
language sql immutable strict parallel safe
return cardinality(tags) <= 20
    and (cardinality(tags) = 0 or array_ndims(tags) = 1)
    and (select count(distinct tag) = cardinality(tags) from unnest(tags) tag)
    and not exists (
        select from unnest(tags) tag
        where tag is null or char_length(tag) not between 1 and 50 or tag <> trim_white_space(tag)
    );

alter table tasks
    -- Due on a day, the same date everywhere, or at an instant. `due_given` is the instant as the client wrote it, with
    -- its offset from UTC.
    add column due_on date,
    add column due_at timestamptz,
    add column due_given text,
    -- The order of dues: a day counts from its start in UTC, a task that is never due comes last.
    add column due_order timestamptz not null generated always as
        (coalesce(due_at, due_on::timestamp at time zone 'UTC', 'infinity')) stored,
    add column time_zone text,
    -- 0 none, 1 low, 2 medium, 3 high, 4 urgent: sorts as people mean it.
    add column priority smallint not null default 0,
    add column tags text[] not null default '{}',
    add column completed_at timestamptz,
    -- `simple` does not stem, so that it suits every language.
    add column search tsvector not null generated always as
        (to_tsvector('simple', title || ' ' || coalesce(description, ''))) stored,

    add constraint tasks_due_once check (num_nonnulls(due_on, due_at) <= 1),
    add constraint tasks_due_given_with_due_at check ((due_at is null) = (due_given is null)),
    add constraint tasks_due_given_length check (char_length(due_given) <= 35),
    add constraint tasks_time_zone_length check (char_length(time_zone) between 1 and 64),
    add constraint tasks_priority_known check (priority between 0 and 4),
    add constraint tasks_tags_valid check (are_tags(tags));

-- When the tasks that are completed already were completed is not known; their last change is the nearest to it. The
-- owner, who migrates, sees rows only while row-level security is not forced upon him.
alter table tasks no force row level security;
drop trigger tasks_touch on tasks;
update tasks set completed_at = updated_at where completed;
alter table tasks force row level security;

alter table tasks
    add constraint tasks_completed_at_when_completed check (completed = (completed_at is not null));

-- Each order that a list can have is a range of one index, forwards or backwards.
create index tasks_by_update on tasks (user_id, updated_at, id);
create index tasks_by_due on tasks (user_id, due_order, id);
create index tasks_by_priority on tasks (user_id, priority, id);
-- Unicode's own order: neither the language nor the platform of the database changes what a client sees.
create index tasks_by_title on tasks (user_id, title collate "und-x-icu", id);

-- `completed_at` follows `completed`, whoever sets that.
create or replace function touch_task() returns trigger
language plpgsql as $$
begin
    new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
    if new.completed is distinct from old.completed then
        new.completed_at := case when new.completed then new.updated_at end;
    end if;
    return new;
end
$$;

-- Names the columns, since the whole row has generated ones, which are not computed yet before an update.
create trigger tasks_touch
    before update on tasks
    for each row
    when (
        (old.title, old.description, old.completed, old.priority, old.due_on, old.due_at, old.due_given, old.time_zone, old.tags)
        is distinct from
        (new.title, new.description, new.completed, new.priority, new.due_on, new.due_at, new.due_given, new.time_zone, new.tags)
    )
    execute function touch_task();

create function complete_new_task() returns trigger
language plpgsql as $$
begin
    new.completed_at := new.created_at;
    return new;
end
$$;

create trigger tasks_completed_from_the_start
    before insert on tasks
    for each row
    when (new.completed)
    execute function complete_new_task();

-- What was created under which Idempotency-Key. `fingerprint` tells whether a repeated request is the same one. Kept
-- for a day at least; a user's next creation clears away what is older.
create table idempotency_keys (
    user_id text not null,
    key text not null,
    fingerprint bytea not null,
    task_id uuid not null,
    created_at timestamptz not null default now(),

    primary key (user_id, key),
    constraint idempotency_keys_key_length check (char_length(key) between 1 and 255),
    constraint idempotency_keys_fingerprint_length check (octet_length(fingerprint) = 32)
);

create index idempotency_keys_by_age on idempotency_keys (user_id, created_at);

alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;

create policy idempotency_keys_of_the_user on idempotency_keys
    using (user_id = (select nullif(current_setting('app.user_id', true), '')))
    with check (user_id = (select nullif(current_setting('app.user_id', true), '')));

grant select, insert, update, delete on idempotency_keys to todo_app;
