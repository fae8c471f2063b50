//! PostgreSQL cannot execute a statement.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tokio::time::sleep;
use uuid::Uuid;

use super::{Deployment, Path, by_both_paths};

by_both_paths!(
    a_full_disk_is_answered_503,
    a_short_wait_for_a_lock_is_waited_for,
    a_long_wait_for_a_lock_is_answered_503_after_four_seconds,
    a_statement_that_does_not_end_is_answered_503_after_four_seconds,
);

/// PostgreSQL cancels a statement after four seconds, and the answer takes a moment.
const GIVEN_UP: Duration = Duration::from_millis(4900);

async fn a_full_disk_is_answered_503(path: Path) {
    // Declared first, so that it is unmounted after PostgreSQL has ended.
    let disk = SmallDisk::mount();
    let deployment = Deployment::start(path).await;
    let outcome = if let Some(disk) = &disk {
        disk.give(&deployment).await;
        let fault = async {
            // The free space on the last pages is soon used up.
            let filler =
                "insert into filler select repeat('x', 1000) from generate_series(1, 20000)";
            let refusal = deployment
                .superuser()
                .await
                .batch_execute(filler)
                .await
                .unwrap_err();
            assert_eq!(refusal.code().unwrap().code(), "53100");
            sleep(Duration::from_secs(3)).await;
            deployment.execute("drop table filler").await;
        };
        deployment.trial("disk full (53100)", fault).await
    } else {
        let fault = async {
            deployment
                .execute(&before_insert(
                    "raise exception 'full' using errcode = '53100'",
                ))
                .await;
            sleep(Duration::from_secs(2)).await;
            deployment.execute("drop trigger fault on tasks").await;
        };
        deployment
            .trial("disk full (53100, raised by a trigger)", fault)
            .await
    };
    outcome.was_noticed().recovers_with_the_next_request();
}

async fn a_short_wait_for_a_lock_is_waited_for(path: Path) {
    let deployment = Deployment::start(path).await;
    let outcome = deployment.trial("lock held for 2 s", hold_lock(&deployment, 2));
    outcome
        .await
        .recovers_with_the_next_request()
        .was_only_slow(Duration::from_millis(1500));
}

async fn a_long_wait_for_a_lock_is_answered_503_after_four_seconds(path: Path) {
    let deployment = Deployment::start(path).await;
    let outcome = deployment
        .trial("lock held for 7 s", hold_lock(&deployment, 7))
        .await;
    let outcome = outcome.was_noticed().recovers_with_the_next_request();
    assert!(outcome.slowest < GIVEN_UP, "{:?}", outcome.slowest);
}

async fn a_statement_that_does_not_end_is_answered_503_after_four_seconds(path: Path) {
    let deployment = Deployment::start(path).await;
    let outcome = deployment.trial("statements that do not end, for 5 s (57014)", async {
        deployment
            .execute(&before_insert("perform pg_sleep(60)"))
            .await;
        sleep(Duration::from_secs(5)).await;
        // Waits for the statements that run.
        deployment.execute("drop trigger fault on tasks").await;
    });
    let outcome = outcome.await.was_noticed().recovers_with_the_next_request();
    // They may also wait until the trigger is dropped.
    assert!(outcome.slowest < GIVEN_UP, "{:?}", outcome.slowest);
}

/// Locks all tasks against changes for this time.
async fn hold_lock(deployment: &Deployment, seconds: u64) {
    let client = deployment.superuser().await;
    client
        .batch_execute("begin; lock table tasks in exclusive mode")
        .await
        .unwrap();
    sleep(Duration::from_secs(seconds)).await;
    client.batch_execute("commit").await.unwrap();
}

/// Creates a trigger that runs `body` whenever a task is stored.
fn before_insert(action: &str) -> String {
    format!(
        "create or replace function fault() returns trigger language plpgsql as
             $$ begin {action}; return new; end $$;
         create trigger fault before insert on tasks for each row execute function fault()"
    )
}

/// A filesystem of four megabytes.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None if this user may not mount anything.
    fn mount() -> Option<Self> {
        let place = std::env::temp_dir().join(format!("todo-disk-{}", Uuid::new_v4().simple()));
        fs::create_dir(&place).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
            .arg(&place)
            .output();
        let disk = Self(place);
        mount
            .is_ok_and(|output| output.status.success())
            .then_some(disk)
    }

    /// Moves the tasks here, and creates a table that fills the rest.
    async fn give(&self, deployment: &Deployment) {
        let client = deployment.superuser().await;
        let data: String = client
            .query_one("show data_directory", &[])
            .await
            .unwrap()
            .get(0);
        let owner = fs::metadata(data).unwrap();
        std::os::unix::fs::chown(&self.0, Some(owner.uid()), Some(owner.gid())).unwrap();
        let place = self.0.to_str().unwrap();
        client
            .batch_execute(&format!("create tablespace small location '{place}'"))
            .await
            .unwrap();
        client
            .batch_execute("alter table tasks set tablespace small")
            .await
            .unwrap();
        client
            .batch_execute("create table filler (text text) tablespace small")
            .await
            .unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // It may not be mounted, and PostgreSQL may still be ending.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
        fs::remove_dir(&self.0).unwrap();
    }
}
