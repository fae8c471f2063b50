//! A table full of tasks, as people have them: most without a due date, a few tags, some completed,
//! short descriptions.

use tokio_postgres::{Client, Error};

/// Adds `tasks` tasks. `owner` is the SQL expression for the user ID of task number `n`. A user's
/// tasks have the IDs 00000000-0000-7000-8000-000000000001 and so on, and are spread over the whole
/// table.
///
/// # Errors
///
/// When PostgreSQL refuses the statement.
pub async fn fill(client: &Client, tasks: i64, owner: &str) -> Result<(), Error> {
    let statement = format!(
        "
        -- Triggers, which would count each task by itself, take too long for millions.
        alter table tasks disable trigger user;
        insert into tasks (
            id, user_id, title, description, folded, completed, completed_at, priority, tags, due_on,
            created_at, updated_at, version
        )
        select id, user_id, title, description, fold_text(title || E'\\n' || coalesce(description, '')),
               completed, case when completed then t end, priority, tags, due_on, t, t, {tasks} + 1 - n
        from (
            select ('00000000-0000-7000-8000-' || lpad(to_hex(row_number() over (partition by user_id)), 12, '0'))::uuid
                       as id,
                   user_id, n, t,
                   (array['Buy', 'Call', 'Write', 'Fix', 'Read'])[1 + m % 5] || ' ' || substr(md5(n::text), 1, 8)
                       || ' ' || n as title,
                   case when m % 3 = 0 then repeat(md5((n / 7)::text) || ' ', 4) end as description,
                   m % 4 = 1 as completed,
                   case when m % 50 < 5 then m % 50 else 0 end as priority,
                   case when m % 20 = 0 then array['rare ' || m % 1000]
                        when m % 3 = 0 then array['home', 'work']
                        else '{{}}' end as tags,
                   case when m % 5 = 0 then date '2026-12-01' + (m % 700)::int - 350 end as due_on
            from (
                select n, n / 10 as m, now() - n * interval '1 second' as t, {owner} as user_id
                from generate_series(1, {tasks}) n
            ) as numbers
        ) as tasks
        order by n;
        alter table tasks enable trigger user;
        insert into user_counters (user_id, version, tasks, text_bytes)
        select user_id, first_version(), count(*), sum(text_bytes(title, description)) from tasks group by user_id
        on conflict (user_id) do update set
            version = excluded.version, tasks = excluded.tasks, text_bytes = excluded.text_bytes"
    );
    client.batch_execute(&statement).await
}
