-- The tasks of all users, each visible to its owner alone.

-- What the functions become for the length of a transaction. It cannot log in and, unlike Neon's default
-- owner, cannot pass by row-level security. Roles belong to the whole cluster, so another database's
-- migration may create it at the same moment.
do $$
begin
    create role todo_app nologin nobypassrls;
exception
    when duplicate_object or unique_violation then null;
end
$$;

-- `set role` needs membership. PostgreSQL 16 gives a role's creator only the right to grant it.
grant todo_app to current_user;

-- What `trim` of the functions takes off: Unicode's White_Space.
create function trim_white_space(text text) returns text
language sql immutable strict parallel safe
return btrim(text, E'\t\n\u000B\f\r \u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006'
    '\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000');

create table tasks (
    -- Version 7, made in the function before the first try: trying again stores no second task.
    id uuid primary key,
    user_id text not null,
    title text not null,
    description text,
    completed boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),

    -- The same rules as the functions have, for whoever else writes.
    constraint tasks_user_id_length check (char_length(user_id) between 1 and 255),
    constraint tasks_title_length check (char_length(title) between 1 and 200),
    constraint tasks_title_trimmed check (title = trim_white_space(title)),
    constraint tasks_description_length check (char_length(description) <= 10000),
    constraint tasks_updated_at_not_before_created_at check (updated_at >= created_at)
);

-- Each list reads a range of one of these, in its order: newest first, ties by id.
create index tasks_by_age on tasks (user_id, created_at desc, id desc);
create index tasks_by_completed_and_age on tasks (user_id, completed, created_at desc, id desc);

-- `updated_at` moves with every change and only then. It always moves forward, also when the clock does not:
-- two changes never share a value.
create function touch_task() returns trigger
language plpgsql as $$
begin
    new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
    return new;
end
$$;

create trigger tasks_touch
    before update on tasks
    for each row
    when (old is distinct from new)
    execute function touch_task();

-- Isolation, also from a statement that forgets to filter. `force` binds the table's owner as well. The
-- subquery is evaluated once for a statement, not for each row. Without a user, no row matches.
alter table tasks enable row level security;
alter table tasks force row level security;

create policy tasks_of_the_user on tasks
    using (user_id = (select nullif(current_setting('app.user_id', true), '')))
    with check (user_id = (select nullif(current_setting('app.user_id', true), '')));

grant usage on schema public to todo_app;
grant select, insert, update, delete on tasks to todo_app;
