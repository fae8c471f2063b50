//! The schema, and the migrations that create it.

use futures_util::future::join_all;
use shared::domain::Title;

use crate::harness::TestDatabase;

#[tokio::test]
async fn a_second_run_finds_nothing_to_do() {
    let database = TestDatabase::create_empty().await;
    let url = database.url().parse().unwrap();
    assert_eq!(
        migrations::apply(&url).await.unwrap().applied,
        ["V1__create_tasks", "V2__richer_tasks"]
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
    assert_eq!(applied, 2);
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
