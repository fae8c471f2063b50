//! Users with two devices, or with unconditional requests.

use std::cell::RefCell;

use serde_json::json;

use super::retry::Retries;
use crate::harness::{Gateway, Request};

/// A task whose title two devices count up: read, add one, and write if it has not changed.
pub struct Counter<'a> {
    pub id: String,
    pub user_id: String,
    retries: Retries<'a>,
    /// Titles that were acknowledged.
    pub told: RefCell<Vec<String>>,
    /// Titles whose requests had no clear reply.
    pub unsure: RefCell<Vec<String>>,
}

impl<'a> Counter<'a> {
    pub async fn create(api: &'a Gateway, number: usize) -> Self {
        let user_id = format!("counter-{number}");
        let id = api.create(&user_id, "0").await;
        Self {
            id,
            user_id,
            retries: Retries::new(api),
            told: RefCell::default(),
            unsure: RefCell::default(),
        }
    }

    /// Counts up `times` times, as `device`.
    pub async fn count(&self, device: usize, times: usize) {
        let (mut done, mut attempt) = (0, 0);
        while done < times {
            attempt += 1;
            let (read, _) = self
                .retries
                .until_known(Request::get(&self.user_id, &self.id))
                .await;
            let title = format!(
                "{} {device}-{attempt}",
                number(read.expect(200)["title"].as_str().unwrap()) + 1
            );
            let write = Request::patch(&self.user_id, &self.id).json(&json!({"title": title}));
            match self
                .retries
                .once(write.header("if-match", read.header("etag").unwrap()))
                .await
            {
                None => self.unsure.borrow_mut().push(title),
                Some(answer) if answer.status == 412 => {}
                Some(answer) => {
                    assert_eq!(answer.expect(200)["title"], title.as_str());
                    self.told.borrow_mut().push(title);
                    done += 1;
                }
            }
        }
    }
}

/// The number that a counter's title begins with.
pub fn number(title: &str) -> usize {
    title.split(' ').next().unwrap().parse().unwrap()
}

/// A task that is toggled without any condition, as the former backend's frontends do: never sent
/// again.
pub struct Switch<'a> {
    pub id: String,
    pub user_id: String,
    retries: Retries<'a>,
    pub told: usize,
    pub unsure: usize,
}

impl<'a> Switch<'a> {
    pub async fn create(api: &'a Gateway, number: usize) -> Self {
        let user_id = format!("switch-{number}");
        let id = api.create(&user_id, "on and off").await;
        Self {
            id,
            user_id,
            retries: Retries::new(api),
            told: 0,
            unsure: 0,
        }
    }

    pub async fn toggle(&mut self, times: usize) {
        // What it must be; none when an answer was lost.
        let mut state = Some(false);
        for _ in 0..times {
            match self
                .retries
                .once(Request::complete(&self.user_id, &self.id))
                .await
            {
                None => {
                    self.unsure += 1;
                    state = None;
                }
                Some(answer) => {
                    self.told += 1;
                    let now = answer.expect(200)["completed"].as_bool().unwrap();
                    assert_ne!(state, Some(now), "toggled twice, or not at all");
                    state = Some(now);
                }
            }
        }
    }
}
