//! What a client reads is what it knows.

use serde_json::{Value, json};

use super::Client;
use crate::harness::Request;

impl Client<'_> {
    pub(super) async fn reads(&self, id: &str) {
        let (answer, _) = self
            .retries
            .until_known(Request::get(&self.user_id, id))
            .await;
        let task = answer.expect(200);
        self.assert_known(&task);
        assert_eq!(
            answer.header("etag"),
            Some(self.known[id].etag.as_str()),
            "{task}"
        );
    }

    /// The list holds exactly the known tasks.
    pub async fn reads_all(&self) {
        let (answer, _) = self.retries.until_known(Request::list(&self.user_id)).await;
        let list = answer.expect(200);
        let tasks = list.as_array().unwrap();
        for task in tasks {
            self.assert_known(task);
        }
        assert_eq!(
            tasks.len(),
            self.known.len(),
            "a task is missing, or there twice: {list}"
        );
    }

    /// Another user's task does not exist, whatever the request.
    pub(super) async fn meets_a_stranger(&mut self) {
        let (user_id, id) = (&self.user_id, &self.stranger);
        let requests = [
            Request::get(user_id, id),
            Request::patch(user_id, id).json(&json!({"title": "stolen"})),
            Request::complete(user_id, id),
            Request::delete(user_id, id),
        ];
        let request = requests[self.random.usize(..requests.len())].clone();
        self.retries.until_known(request).await.0.problem(404);
    }

    #[track_caller]
    fn assert_known(&self, task: &Value) {
        assert_eq!(
            task["user_id"],
            self.user_id.as_str(),
            "another user's task"
        );
        let known = self.known.get(task["id"].as_str().unwrap());
        let known = known.unwrap_or_else(|| panic!("never created, or deleted: {task}"));
        let expected = (&json!(known.title), &json!(known.completed));
        assert_eq!(
            (&task["title"], &task["completed"]),
            expected,
            "a change is missing: {task}"
        );
    }
}
