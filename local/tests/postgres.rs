//! The private PostgreSQL cluster, with real processes.

#![cfg(test)]

mod fixtures;

use std::path::PathBuf;

use fixtures::until;
use local::postgres::{Cluster, ClusterOptions};
use tokio_postgres::NoTls;

async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The single value that `statement` returns.
async fn value(url: &str, statement: &str) -> String {
    connect(url)
        .await
        .query_one(statement, &[])
        .await
        .unwrap()
        .get(0)
}

#[tokio::test]
async fn a_databases_owner_has_the_rights_of_neons_and_no_more() {
    let cluster = Cluster::start(testbed::cluster::temporary()).await.unwrap();
    cluster.create_database("tasks").await.unwrap();
    cluster.create_database("tasks").await.unwrap();

    let attributes =
        "select format('%s %s %s %s', rolcreaterole, rolcreatedb, rolbypassrls, rolsuper)
                        from pg_roles where rolname = current_user";
    assert_eq!(value(&cluster.url("tasks"), attributes).await, "t t t f");
    assert_eq!(
        value(&cluster.superuser_url("tasks"), attributes).await,
        "t t t t"
    );
}

#[tokio::test]
async fn a_database_is_a_copy_of_its_template_and_can_be_dropped() {
    let cluster = Cluster::start(testbed::cluster::temporary()).await.unwrap();
    cluster.create_database("origin").await.unwrap();
    connect(&cluster.url("origin"))
        .await
        .batch_execute("create table t as select 'copied' as x")
        .await
        .unwrap();

    let (copy, other) = (r#"a "copy""#, "other");
    for name in [copy, other] {
        cluster
            .create_database_from_template(name, "origin")
            .await
            .unwrap();
    }
    let open = connect(&cluster.url(other)).await;
    cluster.drop_database(other).await.unwrap();

    assert_eq!(
        value(&cluster.url("a%20%22copy%22"), "select x from t").await,
        "copied"
    );
    assert!(open.simple_query("select 1").await.is_err());
    assert!(
        tokio_postgres::connect(&cluster.url(other), NoTls)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_restarted_cluster_keeps_its_port_and_data() {
    let cluster = Cluster::start(testbed::cluster::temporary()).await.unwrap();
    cluster.create_database("kept").await.unwrap();
    let url = cluster.url("kept");

    cluster.kill().await;
    assert!(tokio_postgres::connect(&url, NoTls).await.is_err());
    cluster.restart().await.unwrap();
    assert_eq!(value(&url, "select 'there'").await, "there");
    cluster.stop().await;
    assert!(tokio_postgres::connect(&url, NoTls).await.is_err());
    cluster.restart().await.unwrap();
    assert_eq!(value(&url, "select 'there'").await, "there");
}

#[tokio::test]
async fn a_temporary_cluster_leaves_nothing_behind_whether_running_or_stopped() {
    let directories: Vec<PathBuf> = {
        let (running, stopped) = (testbed::cluster::temporary(), testbed::cluster::temporary());
        let directories = vec![running.directory.clone(), stopped.directory.clone()];
        let running = Cluster::start(running).await.unwrap();
        let stopped = Cluster::start(stopped).await.unwrap();
        stopped.stop().await;
        assert!(
            directories
                .iter()
                .all(|directory| directory.join("data/PG_VERSION").exists())
        );
        drop((running, stopped));
        directories
    };

    until("the directories are removed", || {
        directories.iter().all(|directory| !directory.exists())
    })
    .await;
}

#[tokio::test]
async fn a_kept_cluster_serves_one_process_at_a_time_and_keeps_its_data() {
    let directory = testbed::cluster::temporary().directory;
    let first = Cluster::start(ClusterOptions::kept(&directory))
        .await
        .unwrap();
    first.create_database("kept").await.unwrap();

    let second = Cluster::start(ClusterOptions::kept(&directory))
        .await
        .unwrap_err()
        .to_string();
    first.stop().await;
    let third = Cluster::start(ClusterOptions {
        temporary: true,
        ..ClusterOptions::kept(&directory)
    });
    let third = third.await.unwrap();

    assert!(
        second.starts_with("another `cargo dev` uses the database in"),
        "{second}"
    );
    assert_eq!(third.port(), first.port());
    assert_eq!(
        value(&third.url("kept"), "select current_database()::text").await,
        "kept"
    );
}
