//! A user with one device.

mod reads;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::retry::Retries;
use crate::harness::{Gateway, Request};
use fastrand::Rng;

/// With more tasks than this, the client deletes some, so that lists stay short.
const MANY: usize = 25;

/// A change of a task: the action, and the task's title and `completed` afterwards.
pub type DoneChange = (String, String, bool);

/// A task as its only writer knows it.
struct KnownTask {
    title: String,
    completed: bool,
    etag: String,
    /// Whether a creation with the client's own ID may still arrive after a deletion.
    may_return: bool,
}

/// The only writer of a user's tasks. It repeats a request until it knows the result.
pub struct Client<'a> {
    pub user_id: String,
    pub retries: Retries<'a>,
    pub operations: usize,
    /// The changes that must have been done, in order, by task.
    pub steps: BTreeMap<String, Vec<DoneChange>>,
    known: BTreeMap<String, KnownTask>,
    random: Rng,
    stranger: String,
}

impl<'a> Client<'a> {
    /// `stranger` is another user's task.
    pub fn new(api: &'a Gateway, number: usize, stranger: &str, random: Rng) -> Self {
        Self {
            user_id: format!("client-{number}"),
            retries: Retries::new(api),
            operations: 0,
            steps: BTreeMap::new(),
            known: BTreeMap::new(),
            random,
            stranger: stranger.to_owned(),
        }
    }

    pub async fn work(&mut self, operations: usize) {
        while self.operations < operations {
            self.operations += 1;
            let ids: Vec<String> = self.known.keys().cloned().collect();
            if ids.is_empty() {
                self.create().await;
                continue;
            }
            let id = &ids[self.random.usize(..ids.len())];
            match self.random.usize(..11) {
                _ if ids.len() > MANY => self.delete(id).await,
                0 | 1 => self.create().await,
                2 => self.create_with_own_id().await,
                3 | 4 => self.change(id, true).await,
                5 => self.change(id, false).await,
                6 => self.delete(id).await,
                7 => self.reads(id).await,
                8 => self.reads_all().await,
                9 => self.batch(id).await,
                _ => self.meets_a_stranger().await,
            }
        }
    }

    async fn create(&mut self) {
        let title = self.new_title();
        let request = Request::create(&self.user_id).json(&json!({"title": title}));
        let request = request.header("idempotency-key", &Uuid::new_v4().to_string());
        let (created, _) = self.retries.until_known(request).await;
        let task = created.expect(201);
        self.learn("INSERT", &task, created.header("etag").unwrap(), false);
    }

    async fn create_with_own_id(&mut self) {
        let (id, title) = (Uuid::new_v4().to_string(), self.new_title());
        let request = Request::put(&self.user_id, &id).json(&json!({"title": title}));
        let (answer, again) = self
            .retries
            .until_known(request.header("if-none-match", "*"))
            .await;
        let answer = match answer.status {
            412 if again => {
                self.retries
                    .until_known(Request::get(&self.user_id, &id))
                    .await
                    .0
            }
            _ => answer,
        };
        assert!([200, 201].contains(&answer.status), "{answer:?}");
        let task = answer.json();
        assert_eq!(task["title"], title.as_str(), "{task}");
        self.learn("INSERT", &task, answer.header("etag").unwrap(), again);
    }

    /// Renames the task, or toggles it, on condition that it has not changed.
    async fn change(&mut self, id: &str, rename: bool) {
        let title = self.new_title();
        let known = &self.known[id];
        let (request, title, completed) = if rename {
            let request = Request::patch(&self.user_id, id).json(&json!({"title": title}));
            (request, title, known.completed)
        } else {
            let request =
                Request::complete(&self.user_id, id).json(&json!({"completed": !known.completed}));
            (request, known.title.clone(), !known.completed)
        };
        let may_return = known.may_return;
        let (answer, again) = self
            .retries
            .until_known(request.header("if-match", &known.etag))
            .await;
        // An earlier attempt changed it, because nobody else does.
        let answer = match answer.status {
            412 if again => {
                self.retries
                    .until_known(Request::get(&self.user_id, id))
                    .await
                    .0
            }
            _ => answer,
        };
        let task = answer.expect(200);
        assert_eq!(
            (&task["title"], &task["completed"]),
            (&json!(title), &json!(completed)),
            "{task}"
        );
        self.learn("UPDATE", &task, answer.header("etag").unwrap(), may_return);
    }

    /// Renames the task and creates another one, or does neither.
    async fn batch(&mut self, id: &str) {
        let (new, titles, known) = (
            Uuid::new_v4().to_string(),
            self.two_titles(),
            &self.known[id],
        );
        let may_return = known.may_return;
        let operations = json!([
            {"operation": "update", "id": id, "if_match": known.etag, "task": {"title": titles[0]}},
            {"operation": "create", "id": new, "task": {"title": titles[1]}},
        ]);
        let request = Request::batch(&self.user_id, true, &operations);
        let (answer, again) = self.retries.until_known(request).await;
        assert!(
            answer.status == 200 || again && answer.status == 409,
            "{answer:?}"
        );
        // After a 409, an earlier attempt has done both, because nobody else changes them.
        for (id, title, action) in [(id, &titles[0], "UPDATE"), (&new, &titles[1], "INSERT")] {
            let (read, _) = self
                .retries
                .until_known(Request::get(&self.user_id, id))
                .await;
            let task = read.expect(200);
            assert_eq!(task["title"], title.as_str(), "half a batch: {task}");
            // As with every creation with the client's own ID.
            let may_return = if action == "INSERT" {
                again
            } else {
                may_return
            };
            self.learn(action, &task, read.header("etag").unwrap(), may_return);
        }
    }

    async fn delete(&mut self, id: &str) {
        if self.known[id].may_return {
            return;
        }
        let (answer, again) = self
            .retries
            .until_known(Request::delete(&self.user_id, id))
            .await;
        assert!(
            answer.status == 204 || again && answer.status == 404,
            "{answer:?}"
        );
        let known = self.known.remove(id).unwrap();
        let step = ("DELETE".to_owned(), known.title, known.completed);
        self.steps.get_mut(id).unwrap().push(step);
    }

    fn learn(&mut self, action: &str, task: &Value, etag: &str, may_return: bool) {
        let (id, title) = (
            task["id"].as_str().unwrap(),
            task["title"].as_str().unwrap().to_owned(),
        );
        let completed = task["completed"].as_bool().unwrap();
        let step = (action.to_owned(), title.clone(), completed);
        self.steps.entry(id.to_owned()).or_default().push(step);
        let etag = etag.to_owned();
        self.known.insert(
            id.to_owned(),
            KnownTask {
                title,
                completed,
                etag,
                may_return,
            },
        );
    }

    fn two_titles(&mut self) -> [String; 2] {
        [self.new_title(), self.new_title()]
    }

    fn new_title(&mut self) -> String {
        format!("{} of {}", self.random.u64(..), self.user_id)
    }
}
