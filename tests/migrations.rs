//! The schema, and the migrations that create it.

use futures_util::future::join_all;
use shared::domain::Title;

use crate::harness::{TestDatabase, every_migration};

#[tokio::test]
async fn a_second_run_finds_nothing_to_do() {
    let database = TestDatabase::create_empty().await;
    let url = database.url().parse().unwrap();
    assert_eq!(
        migrations::apply(&url).await.unwrap().applied,
        every_migration()
    );
    assert_eq!(
        migrations::apply(&url).await.unwrap().applied,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn concurrent_runs_apply_each_migration_once() {
    let database = TestDatabase::create_empty().await;
    let url = database.url().parse().unwrap();
    let reports = join_all((0..5).map(|_| migrations::apply(&url))).await;
    let applied: usize = reports
        .into_iter()
        .map(|report| report.unwrap().applied.len())
        .sum();
    assert_eq!(applied, every_migration().len());
}

/// If the trigger missed a column, a change of it would move neither `updated_at` nor the entity tag,
/// and another client would overwrite it unawares.
#[tokio::test]
async fn a_change_of_any_column_that_a_client_sets_touches_the_task() {
    let database = TestDatabase::create().await;
    let client = database.superuser().await;
    let touching = "select pg_get_triggerdef(oid) from pg_trigger where tgname = 'tasks_touch'";
    let trigger: String = client.query_one(touching, &[]).await.unwrap().get(0);
    let set_by_clients = "select attname::text from pg_attribute
        where attrelid = 'tasks'::regclass and attnum > 0 and not attisdropped and attgenerated = ''
          and attname not in ('id', 'user_id', 'completed_at', 'created_at', 'updated_at', 'version', 'folded', 'search')";
    let columns = client.query(set_by_clients, &[]).await.unwrap();
    assert!(columns.len() >= 9, "only {} columns", columns.len());
    for row in columns {
        let column: String = row.get(0);
        for version in ["old", "new"] {
            let compared = format!("{version}.{column}");
            let mut words =
                trigger.split(|char: char| !(char.is_alphanumeric() || "._".contains(char)));
            assert!(
                words.any(|word| word == compared),
                "{compared} is not in {trigger}"
            );
        }
    }
}

#[tokio::test]
async fn the_table_refuses_what_the_domain_refuses() {
    let database = TestDatabase::create().await;
    let client = database.superuser().await;
    let insert = "insert into tasks (id, user_id, title, description) values (gen_random_uuid(), $1, $2, $3)";
    let long = |char: &str, chars| char.repeat(chars);
    for (user_id, title, description, constraint) in [
        (String::new(), "t".into(), None, "tasks_user_id_length"),
        (long("ü", 256), "t".into(), None, "tasks_user_id_length"),
        ("u".into(), String::new(), None, "tasks_title_length"),
        ("u".into(), long("ü", 201), None, "tasks_title_length"),
        ("u".into(), " t".into(), None, "tasks_title_trimmed"),
        (
            "u".into(),
            "t".into(),
            Some(long("日", 10_001)),
            "tasks_description_length",
        ),
    ] {
        let error = client
            .execute(insert, &[&user_id, &title, &description])
            .await
            .unwrap_err();
        assert_eq!(
            error.as_db_error().and_then(|error| error.constraint()),
            Some(constraint)
        );
    }
    client
        .execute(
            insert,
            &[&long("ü", 255), &long("ü", 200), &Some(long("日", 10_000))],
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn the_table_and_the_domain_trim_the_same_characters() {
    let database = TestDatabase::create().await;
    let client = database.superuser().await;
    let trims = "select n from generate_series(1, 65535) n
                 where n not between 55296 and 57343 and trim_white_space(chr(n) || 'x' || chr(n)) = 'x'";
    let trimmed = client.query(trims, &[]).await.unwrap();
    let trimmed: Vec<u32> = trimmed
        .iter()
        .map(|row| row.get::<_, i32>(0).cast_unsigned())
        .collect();
    let expected: Vec<u32> = (1..=0xffff)
        .filter_map(char::from_u32)
        .filter(|char| Title::parse(&format!("{char}x{char}")).unwrap().as_str() == "x")
        .map(u32::from)
        .collect();
    assert_eq!(trimmed, expected);
}
