//! The record of what was really done.

use std::collections::BTreeMap;

use super::client::{Client, DoneChange};
use super::counter::{Counter, Switch, number};
use crate::faults::Deployment;

/// Gets a row for every row that a statement inserts, updates (even without a change) or deletes.
const TABLE: &str = "
    create table audit (number bigserial, user_id text, id uuid, action text, title text, completed boolean);
    create function audit() returns trigger language plpgsql security definer as $$
    declare task tasks := case when tg_op = 'DELETE' then old else new end;
    begin
        insert into public.audit (user_id, id, action, title, completed)
        values (task.user_id, task.id, tg_op, task.title, task.completed);
        return null;
    end $$;
    create trigger audit after insert or update or delete on tasks for each row execute function audit()";

/// What was done, in order, by user and task.
pub struct Audit(BTreeMap<(String, String), Vec<DoneChange>>);

/// Changes that were acknowledged but did not happen, and changes that happened too often.
#[derive(Debug, Default)]
pub struct Violations {
    pub lost: Vec<String>,
    pub repeated: Vec<String>,
}

impl Violations {
    pub fn is_empty(&self) -> bool {
        self.lost.is_empty() && self.repeated.is_empty()
    }
}

impl Audit {
    pub async fn begin(deployment: &Deployment) {
        deployment.execute(TABLE).await;
    }

    pub async fn read(deployment: &Deployment) -> Self {
        let rows = "select user_id, id::text, action, title, completed from audit order by number";
        let mut done = BTreeMap::<_, Vec<DoneChange>>::new();
        for row in deployment.superuser().await.query(rows, &[]).await.unwrap() {
            let step = (row.get(2), row.get(3), row.get(4));
            done.entry((row.get(0), row.get(1))).or_default().push(step);
        }
        Self(done)
    }

    fn of(&self, user_id: &str, id: &str) -> &[DoneChange] {
        self.0
            .get(&(user_id.to_owned(), id.to_owned()))
            .map_or(&[], Vec::as_slice)
    }

    /// The client's changes were done once each, in order, and nothing else was done.
    pub fn check_client(&self, client: &Client, found: &mut Violations) {
        for (id, steps) in &client.steps {
            let done = self.of(&client.user_id, id);
            for step in steps {
                let expected = steps.iter().filter(|other| *other == step).count();
                let times = done.iter().filter(|other| *other == step).count();
                match times.cmp(&expected) {
                    std::cmp::Ordering::Less => found.lost.push(format!("{id}: {step:?}")),
                    std::cmp::Ordering::Equal => {}
                    std::cmp::Ordering::Greater => found.repeated.push(format!("{id}: {step:?}")),
                }
            }
            if done.len() > steps.len() || done.len() == steps.len() && done != steps {
                found
                    .repeated
                    .push(format!("{id}: {done:?} in place of {steps:?}"));
            }
        }
        let unknown = |(user_id, id): &&(String, String)| {
            *user_id == client.user_id && !client.steps.contains_key(id)
        };
        found.repeated.extend(
            self.0
                .keys()
                .filter(unknown)
                .map(|(_, id)| format!("{id}: a second task")),
        );
    }

    /// Each acknowledged count was written once, any other at most once, and none was overwritten.
    pub fn check_counter(&self, counter: &Counter, found: &mut Violations) {
        let done = self.of(&counter.user_id, &counter.id);
        let titles: Vec<&String> = done.iter().map(|(_, title, _)| title).collect();
        let times = |title: &String| titles.iter().filter(|other| **other == title).count();
        let (told, unsure) = (counter.told.borrow(), counter.unsure.borrow());
        found
            .lost
            .extend(told.iter().filter(|title| times(title) == 0).cloned());
        found.repeated.extend(
            told.iter()
                .chain(&*unsure)
                .filter(|title| times(title) > 1)
                .cloned(),
        );
        for (expected, title) in titles.iter().enumerate() {
            if number(title) != expected {
                found.lost.push(format!(
                    "{}: {title} was written over, not {expected}",
                    counter.id
                ));
                break;
            }
        }
    }

    /// Toggled as often as acknowledged, or once more for each lost reply.
    pub fn check_switch(&self, switch: &Switch, found: &mut Violations) {
        // The first step is the creation.
        let times = self.of(&switch.user_id, &switch.id).len() - 1;
        if times < switch.told {
            found.lost.push(format!(
                "{}: toggled {times} times, not {}",
                switch.id, switch.told
            ));
        }
        if times > switch.told + switch.unsure {
            found.repeated.push(format!(
                "{}: toggled {times} times, not {}",
                switch.id, switch.told
            ));
        }
    }
}
