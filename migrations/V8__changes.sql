-- A feed of changes, and a trash. The feed lists tasks and deletions in the order of their versions. A deleted task
-- leaves a row behind: its content, until it leaves the trash, and after that only the news that it is gone.

alter table user_counters
    -- Which history the versions belong to. A user who was erased and comes back has another one, as has everyone after
    -- the database was restored to an earlier state (docs/deploy.md).
    add column epoch uuid not null default gen_random_uuid(),
    -- The latest deletion that was forgotten: a client that knows less has to read everything.
    add column purged_version bigint not null default 0,
    -- How many deletions are remembered, and the bytes of titles and descriptions in the trash.
    add column deletions bigint not null default 0,
    add column trash_bytes bigint not null default 0;

create index tasks_by_version on tasks (user_id, version);

create table deleted_tasks (
    user_id text not null,
    id uuid not null,
    version bigint not null,
    deleted_at timestamptz not null,
    -- The columns of the task that are not derived from others, by name, and the bytes of its title and description;
    -- null once it has left the trash. A migration that adds a column with `not null` also has to add its value here.
    content jsonb,
    text_bytes integer,

    primary key (user_id, id),
    constraint deleted_tasks_text_bytes_of_content check ((content is null) = (text_bytes is null))
);

create index deleted_tasks_by_version on deleted_tasks (user_id, version);
create index deleted_tasks_by_time on deleted_tasks (deleted_at);
create index deleted_tasks_in_the_trash on deleted_tasks (deleted_at) where text_bytes is not null;

alter table deleted_tasks enable row level security;
alter table deleted_tasks force row level security;

create policy deleted_tasks_of_the_user on deleted_tasks
    using (user_id = (select nullif(current_setting('app.user_id', true), '')))
    with check (user_id = (select nullif(current_setting('app.user_id', true), '')));

grant select, insert, update, delete on deleted_tasks to todo_app;

-- Deletes the content of these tasks in the user's trash. What remains is the news that they are gone.
create function empty_trash(owner text, ids uuid[]) returns void
language sql volatile
begin atomic
    with before as (
        select id, text_bytes from deleted_tasks
        where user_id = owner and id = any(ids) and text_bytes is not null
    ), emptied as (
        update deleted_tasks set content = null, text_bytes = null
        from before
        where deleted_tasks.user_id = owner and deleted_tasks.id = before.id
        returning before.text_bytes
    )
    update user_counters set trash_bytes = trash_bytes - (select sum(text_bytes) from emptied)
    where user_id = owner and exists (select from emptied);
end;

-- Forgets that these tasks were deleted.
create function forget_deletions(owner text, ids uuid[]) returns void
language sql volatile
begin atomic
    with forgotten as (
        delete from deleted_tasks where user_id = owner and id = any(ids)
        returning version, coalesce(text_bytes, 0) as bytes
    )
    update user_counters
    set purged_version = greatest(purged_version, (select max(version) from forgotten)),
        deletions = deletions - (select count(*) from forgotten),
        trash_bytes = trash_bytes - (select sum(bytes) from forgotten)
    where user_id = owner and exists (select from forgotten);
end;

-- Limits what a user's deletions take up: a user could otherwise fill the database by creating and deleting tasks. It
-- forgets the oldest deletions and empties the oldest part of the trash, down to three quarters of the limit, so that it
-- has to run only now and then.
create function bound_deletions(changed_user text) returns void
language plpgsql as $$
declare
    most_deletions constant integer := 20000;
    most_bytes constant integer := 4 * 1024 * 1024;
    counters user_counters;
begin
    select * into counters from user_counters where user_id = changed_user;
    if counters.deletions > most_deletions then
        perform forget_deletions(changed_user, array(
            select id from deleted_tasks where user_id = changed_user
            order by version desc offset most_deletions * 3 / 4
        ));
    end if;
    if counters.trash_bytes > most_bytes then
        perform empty_trash(changed_user, array(
            select id
            from (
                select id, sum(text_bytes) over (order by version desc) as newer_bytes
                from deleted_tasks
                where user_id = changed_user and text_bytes is not null
            ) as sizes
            where newer_bytes > most_bytes * 3 / 4
        ));
    end if;
end
$$;

-- Counts all tasks that a statement deletes, each as a change of its own, and moves them to the trash; unless the
-- setting says that they are deleted permanently, or that everything of the user goes.
create or replace function count_deleted_tasks() returns trigger
language plpgsql as $$
declare
    how constant text := coalesce(current_setting('app.deletion', true), '');
    change record;
begin
    for change in
        update user_counters
        set version = version + gone.count,
            tasks = user_counters.tasks - gone.count,
            text_bytes = user_counters.text_bytes - gone.bytes,
            deletions = deletions + case when how = 'erasure' then 0 else gone.count end,
            trash_bytes = trash_bytes + case when how = '' then gone.bytes else 0 end
        from (
            select user_id, count(*) as count, sum(text_bytes(title, description)) as bytes
            from deleted_tasks_of_statement
            group by user_id
        ) as gone
        where user_counters.user_id = gone.user_id
        returning user_counters.user_id, version - gone.count as first_version
    loop
        continue when how = 'erasure';
        insert into deleted_tasks (user_id, id, version, deleted_at, content, text_bytes)
        select user_id, id, change.first_version + row_number() over (order by version), clock_timestamp(),
               case when how = '' then
                   to_jsonb(gone) - array['user_id', 'id', 'version', 'folded', 'search', 'due_order']
               end,
               case when how = '' then text_bytes(title, description) end
        from deleted_tasks_of_statement as gone
        where user_id = change.user_id;
        perform bound_deletions(change.user_id);
    end loop;
    return null;
end
$$;

-- A task that is there is not deleted: a new one with the same id, or one that is restored, ends the news of its end.
create or replace function count_new_task() returns trigger
language plpgsql as $$
declare
    bytes constant integer := text_bytes(new.title, new.description);
    deleted record;
begin
    new.version := count_change(new.user_id, 1, bytes);
    -- This trigger runs before PostgreSQL looks for a task with the same id. If there is one, nothing is inserted, and
    -- the change is taken back. The user's row is locked: nobody has seen it.
    if exists (select from tasks where user_id = new.user_id and id = new.id) then
        update user_counters
        set version = version - 1, tasks = tasks - 1, text_bytes = text_bytes - bytes
        where user_id = new.user_id;
        return new;
    end if;
    delete from deleted_tasks where user_id = new.user_id and id = new.id
    returning coalesce(text_bytes, 0) as bytes into deleted;
    if found then
        update user_counters
        set deletions = deletions - 1, trash_bytes = trash_bytes - deleted.bytes
        where user_id = new.user_id;
    end if;
    return new;
end
$$;

-- A task that is restored keeps when it was created and completed, but it has changed.
alter table tasks alter column updated_at drop default;

drop trigger tasks_dated on tasks;

create trigger tasks_dated
    before insert on tasks
    for each row
    when (new.updated_at is null)
    execute function date_new_task();

create or replace function complete_new_task() returns trigger
language plpgsql as $$
begin
    new.completed_at := coalesce(new.completed_at, new.created_at);
    return new;
end
$$;

-- Deletes the content of one task in the user's trash, or of all. Returns how many they were.
create function discard_tasks(owner text, task_id uuid) returns bigint
language plpgsql as $$
declare
    ids constant uuid[] := array(
        select id from deleted_tasks
        where user_id = owner and text_bytes is not null and (task_id is null or id = task_id)
    );
begin
    perform empty_trash(owner, ids);
    return cardinality(ids);
end
$$;

-- What the schedule's function deletes, with the role that can do nothing else (V7): the content of tasks that have been
-- in the trash for a long time, and deletions from long ago. Both functions delete at most `most`, and return an id for
-- each. They lock a user's row first, as writes do, and skip users who are writing.
create function purge_trash(age interval, most bigint) returns setof uuid
language plpgsql as $$
declare
    owner text;
    ids uuid[];
    more bigint := most;
begin
    for owner in
        select user_id from user_counters
        where user_id in (
            select user_id from deleted_tasks
            where text_bytes is not null and deleted_at <= now() - age
            order by deleted_at limit most
        )
        for update skip locked
    loop
        ids := array(
            select id from deleted_tasks
            where user_id = owner and text_bytes is not null and deleted_at <= now() - age
            order by version limit more
        );
        perform empty_trash(owner, ids);
        return query select unnest(ids);
        more := more - cardinality(ids);
        exit when more = 0;
    end loop;
end
$$;

create function purge_deletions(age interval, most bigint) returns setof uuid
language plpgsql as $$
declare
    owner text;
    ids uuid[];
    more bigint := most;
begin
    for owner in
        select user_id from user_counters
        where user_id in (
            select user_id from deleted_tasks where deleted_at <= now() - age order by deleted_at limit most
        )
        for update skip locked
    loop
        ids := array(
            select id from deleted_tasks
            where user_id = owner and deleted_at <= now() - age
            order by version limit more
        );
        perform forget_deletions(owner, ids);
        return query select unnest(ids);
        more := more - cardinality(ids);
        exit when more = 0;
    end loop;
end
$$;

grant select (user_id, purged_version, deletions, trash_bytes), update (purged_version, deletions, trash_bytes)
    on user_counters to todo_purge;
grant select (user_id, id, version, deleted_at, text_bytes), update (content, text_bytes), delete
    on deleted_tasks to todo_purge;

create policy user_counters_of_all_users on user_counters to todo_purge using (true);
create policy deleted_tasks_of_all_users on deleted_tasks to todo_purge using (true);

-- Even if the function is configured with shorter ages, nothing from the last day is deleted.
create policy deleted_tasks_of_earlier_days on deleted_tasks
    as restrictive
    to todo_purge
    using (deleted_at <= now() - interval '1 day')
    with check (content is null);

-- For the operator, after the database was restored to an earlier state: versions and cursors of what has been lost
-- must not be mistaken for those of what happens now.
create function begin_new_epochs() returns void
language plpgsql as $$
begin
    -- The owner sees rows only while row-level security is not forced.
    alter table user_counters no force row level security;
    update user_counters set epoch = gen_random_uuid(), version = greatest(version, first_version());
    alter table user_counters force row level security;
end
$$;

revoke execute on function begin_new_epochs() from public;
