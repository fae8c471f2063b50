//! Due dates: their forms, and their precision.

use serde_json::json;

use crate::harness::{Handlers, Request};

#[tokio::test]
async fn every_form_of_due_date_is_kept() {
    let api = Handlers::start().await;
    for due in [
        "2026-12-01",
        "0001-01-01",
        "9999-12-31",
        "2026-12-01T23:59:59Z",
        "2026-12-01T00:00:00.123456-11:30",
    ] {
        let body = json!({"title": "t", "due": due});
        let created = api
            .send(Request::create("ann").json(&body))
            .await
            .expect(201);
        let read = api
            .send(Request::get("ann", created["id"].as_str().unwrap()))
            .await
            .expect(200);
        assert_eq!(read["due"], due);
        let put = Request::put("ann", read["id"].as_str().unwrap()).json(&json!({"due": due}));
        assert_eq!(
            api.send(put).await.expect(200),
            read,
            "the same due date is not a change"
        );
    }
}

#[tokio::test]
async fn a_due_date_with_more_than_six_digits_is_cut_and_comes_back_the_same_from_then_on() {
    let api = Handlers::start().await;
    for (due, kept) in [
        (
            "2026-12-01T09:30:00.1234567Z",
            "2026-12-01T09:30:00.123456Z",
        ),
        (
            "2026-12-01T09:30:00.123456789+01:00",
            "2026-12-01T09:30:00.123456+01:00",
        ),
        (
            "2026-12-01T23:59:59.999999999Z",
            "2026-12-01T23:59:59.999999Z",
        ),
        (
            "2026-12-01T09:30:00.0000000-11:30",
            "2026-12-01T09:30:00.000000-11:30",
        ),
    ] {
        let body = json!({"title": "t", "due": due});
        let created = api
            .send(Request::create("ann").json(&body))
            .await
            .expect(201);
        assert_eq!(created["due"], kept, "{due}");
        let id = created["id"].as_str().unwrap();
        assert_eq!(api.send(Request::get("ann", id)).await.expect(200), created);
        for again in [created.clone(), json!({"due": due})] {
            let put = api
                .send(Request::put("ann", id).json(&again))
                .await
                .expect(200);
            assert_eq!(put, created, "the same due date is not a change");
        }
    }
}

#[tokio::test]
async fn times_that_differ_in_their_sixth_digit_are_in_order() {
    let api = Handlers::start().await;
    let second = "2026-12-01T09:30:00";
    for fraction in ["000003999", "0000019", "000002"] {
        let body = json!({"title": fraction, "due": format!("{second}.{fraction}Z")});
        api.send(Request::create("ann").json(&body))
            .await
            .expect(201);
    }
    let list = api
        .send(Request::list("ann").query("sort=due"))
        .await
        .expect(200);
    let titles: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|task| &task["title"])
        .collect();
    assert_eq!(titles, ["0000019", "000002", "000003999"]);
}
