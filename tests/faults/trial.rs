//! Users at work during a fault, and what became of their changes.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use tokio::sync::Barrier;
use tokio::time::sleep;

use super::Deployment;
use super::workload::{Seen, User};

const USERS: usize = 3;

/// How long they continue afterwards, at least.
const CALM: Duration = Duration::from_millis(300);

/// The functions' `Timeout` in template.yaml. The gateway answers when a function takes longer.
const DEADLINE: Duration = Duration::from_secs(15);

/// What users saw of a fault.
pub struct TrialReport {
    pub requests: usize,
    /// Replies that were not a success.
    pub refused: usize,
    /// Those of them to requests that were sent after the fault.
    pub refused_after: usize,
    /// The longest wait for a reply, without the cold starts before the fault.
    pub slowest: Duration,
    /// From the end of the fault to the last user's first success.
    pub recovered: Duration,
    pub lost: usize,
    pub duplicated: usize,
    sees: String,
}

impl Deployment {
    /// Lets users work while the fault comes and goes, and prints a row of the table.
    pub async fn trial(&self, fault: &str, disturb: impl Future<Output = ()>) -> TrialReport {
        self.trial_of(fault, false, disturb).await
    }

    /// As `trial`, for a fault that ends environments.
    pub async fn trial_of_crashes(
        &self,
        fault: &str,
        disturb: impl Future<Output = ()>,
    ) -> TrialReport {
        self.trial_of(fault, true, disturb).await
    }

    async fn trial_of(
        &self,
        fault: &str,
        may_crash: bool,
        disturb: impl Future<Output = ()>,
    ) -> TrialReport {
        let (ready, over) = (Barrier::new(USERS + 1), AtomicBool::new(false));
        let users = (0..USERS).map(|_| User::new(&self.api, may_crash).work(&ready, &over));
        let course = async {
            ready.wait().await;
            let begin = Instant::now();
            disturb.await;
            let end = Instant::now();
            sleep(CALM).await;
            over.store(true, Ordering::Relaxed);
            (begin, end)
        };
        let (users, (begin, end)) = join(join_all(users), course).await;
        for seen in users.iter().flat_map(|user| &user.seen) {
            assert!(
                seen.sent >= begin || is_success(seen),
                "refused before there was a fault"
            );
        }
        let (mut lost, mut duplicated) = (0, 0);
        for user in &users {
            lost += self.lost(user).await;
            duplicated += self.duplicated(user).await;
        }
        let report = TrialReport::of(&users, begin..end, lost, duplicated);
        println!("| {fault} | {:?} | {} |", self.path, report.row());
        assert!(report.slowest < DEADLINE, "{:?}", report.slowest);
        assert_eq!(
            (report.lost, report.duplicated),
            (0, 0),
            "lost and duplicated"
        );
        report
    }

    /// The number of acknowledged changes that are not in the database.
    async fn lost(&self, user: &User<'_>) -> usize {
        let tasks = "select id::text, title, completed from tasks where user_id = $1";
        let rows = self
            .superuser()
            .await
            .query(tasks, &[&user.name])
            .await
            .unwrap();
        let stored: BTreeMap<String, (String, bool)> = rows
            .iter()
            .map(|row| (row.get(0), (row.get(1), row.get(2))))
            .collect();
        let is_lost =
            |task: &&super::workload::Acknowledged| match (stored.get(&task.id), task.deleted) {
                (Some((title, completed)), Some(false)) => {
                    *title != task.title || task.completed && !completed
                }
                (found, Some(deleted)) => found.is_some() == deleted,
                (_, None) => false,
            };
        user.acknowledged.iter().filter(is_lost).count()
    }

    /// The number of tasks that are stored twice.
    async fn duplicated(&self, user: &User<'_>) -> usize {
        let twice = "select title from tasks where user_id = $1 group by title having count(*) > 1";
        self.superuser()
            .await
            .query(twice, &[&user.name])
            .await
            .unwrap()
            .len()
    }
}

fn is_success(seen: &Seen) -> bool {
    seen.status < 300
}

impl TrialReport {
    fn of(users: &[User<'_>], fault: Range<Instant>, lost: usize, duplicated: usize) -> Self {
        let seen = || users.iter().flat_map(|user| &user.seen);
        let first_success = |user: &User<'_>| {
            let mut after = user.seen.iter().filter(|seen| seen.sent >= fault.end);
            let success = after
                .find(|seen| is_success(seen))
                .unwrap_or_else(|| panic!("nothing succeeds after the fault"));
            success.sent + success.took - fault.end
        };
        let refused = seen().filter(|seen| !is_success(seen));
        Self {
            requests: seen().count(),
            refused: refused.clone().count(),
            refused_after: refused.filter(|seen| seen.sent >= fault.end).count(),
            slowest: seen()
                .filter(|seen| seen.sent >= fault.start)
                .map(|seen| seen.took)
                .max()
                .unwrap(),
            recovered: users.iter().map(first_success).max().unwrap(),
            lost,
            duplicated,
            sees: sees(seen()),
        }
    }

    /// The service recovers as soon as the fault is over: no request sent after it was refused.
    #[track_caller]
    pub fn recovers_with_the_next_request(self) -> Self {
        assert_eq!(self.refused_after, 0, "refused although the fault was over");
        self
    }

    /// Some requests were refused. A trial that nobody notices proves nothing.
    #[track_caller]
    pub fn was_noticed(self) -> Self {
        assert!(self.refused > 0, "nobody was refused");
        self
    }

    /// Clients noticed a delay, and nothing else.
    #[track_caller]
    pub fn was_only_slow(self, at_least: Duration) -> Self {
        assert_eq!(self.refused, 0);
        assert!(self.slowest >= at_least, "{:?}", self.slowest);
        self
    }

    fn row(&self) -> String {
        let Self {
            requests,
            lost,
            duplicated,
            sees,
            ..
        } = self;
        let (slowest, recovered) = (self.slowest.as_millis(), self.recovered.as_millis());
        format!("{sees} | {slowest} | {recovered} | {requests} | {lost} | {duplicated}")
    }
}

/// The statuses, such as `2xx: 120, 503: 3`.
fn sees<'a>(seen: impl Iterator<Item = &'a Seen>) -> String {
    let mut counts = BTreeMap::<String, usize>::new();
    for one in seen {
        let status = if is_success(one) {
            "2xx".to_owned()
        } else {
            one.status.to_string()
        };
        *counts.entry(status).or_default() += 1;
    }
    let mut text = String::new();
    for (status, count) in counts {
        let separator = if text.is_empty() { "" } else { ", " };
        write!(text, "{separator}{status}: {count}").unwrap();
    }
    text
}
