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
        insert into tasks (id, user_id, title, description, completed, priority, tags, due_on, created_at, updated_at)
        select ('00000000-0000-7000-8000-' || lpad(to_hex(row_number() over (partition by user_id)), 12, '0'))::uuid,
               user_id,
               (array['Buy', 'Call', 'Write', 'Fix', 'Read'])[1 + m % 5] || ' ' || substr(md5(n::text), 1, 8) || ' ' || n,
               case when m % 3 = 0 then repeat(md5((n / 7)::text) || ' ', 4) end,
               m % 4 = 1,
               case when m % 50 < 5 then m % 50 else 0 end,
               case when m % 20 = 0 then array['rare ' || m % 1000]
                    when m % 3 = 0 then array['home', 'work']
                    else '{{}}' end,
               case when m % 5 = 0 then date '2026-12-01' + (m % 700)::int - 350 end,
               t, t
        from (
            select n, n / 10 as m, now() - n * interval '1 second' as t, {owner} as user_id
            from generate_series(1, $1::int8) n
        ) as tasks
        order by n"
    );
    client.execute(&statement, &[&tasks]).await.map(drop)
}
