//! A client's copy of `ann`'s tasks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::harness::{Handlers, Request};

/// Tasks by their ids.
pub type Tasks = BTreeMap<String, Value>;

#[derive(Default)]
pub struct Replica {
    cursor: Option<String>,
    tasks: Tasks,
    /// What the pages of a reading of everything have listed so far.
    listed: BTreeSet<String>,
}

impl Replica {
    pub fn tasks(&self) -> Tasks {
        self.tasks.clone()
    }

    /// Has a task that the server does not have any more.
    pub fn keep(&mut self, id: &str) {
        self.tasks.insert(id.to_owned(), Value::Null);
    }

    /// Reads until there is no more. Returns the number of pages.
    pub async fn read_all(&mut self, api: &Handlers, limit: usize) -> usize {
        let mut pages = 1;
        while self.read_page(api, limit).await {
            pages += 1;
        }
        pages
    }

    /// Reads a page, and says whether there is another. Begins again if the cursor has expired.
    pub async fn read_page(&mut self, api: &Handlers, limit: usize) -> bool {
        let since = self.cursor.as_ref();
        let since = since.map_or_else(String::new, |cursor| format!("&since={cursor}"));
        let request = Request::changes("ann").query(&format!("limit={limit}{since}"));
        let answer = api.send(request).await;
        if answer.status == 410 {
            self.cursor = None;
            self.listed.clear();
            return true;
        }
        let page = answer.expect(200);
        for change in page["changes"].as_array().unwrap() {
            self.apply(change);
        }
        let has_more = page["has_more"] == true;
        if page["full"] == true && !has_more {
            let listed = std::mem::take(&mut self.listed);
            self.tasks.retain(|id, _| listed.contains(id));
        }
        self.cursor = Some(page["cursor"].as_str().unwrap().to_owned());
        has_more
    }

    fn apply(&mut self, change: &Value) {
        assert_eq!(change["type"], "task");
        let id = change["id"].as_str().unwrap().to_owned();
        if change["deleted"] == true {
            self.tasks.remove(&id);
        } else {
            assert_eq!(change["task"]["id"], *id);
            self.listed.insert(id.clone());
            self.tasks.insert(id, change["task"].clone());
        }
    }
}

/// The tasks of a list by their ids.
pub fn by_id(list: &Value) -> Tasks {
    let tasks = list.as_array().unwrap().iter();
    let tasks = tasks.map(|task| (task["id"].as_str().unwrap().to_owned(), task.clone()));
    tasks.collect()
}
