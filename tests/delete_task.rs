//! `DELETE /api/v1/{user_id}/tasks/{task_id}`

use crate::harness::{Handlers, Request};

#[tokio::test]
async fn a_deleted_task_is_gone() {
    let api = Handlers::start().await;
    let id = api.create("ann", "t").await;
    let other = api.create("ann", "other").await;

    let deleted = api.send(Request::delete("ann", &id)).await;

    assert_eq!((deleted.status, deleted.body.as_str()), (204, ""));
    api.send(Request::get("ann", &id)).await.problem(404);
    api.send(Request::delete("ann", &id)).await.problem(404);
    api.send(Request::get("ann", &other)).await.expect(200);
}
