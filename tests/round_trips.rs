//! One round trip to the database for each request.

use crate::harness::{Database, Gateway, Proxy, Request};

#[tokio::test]
async fn a_warm_request_of_each_operation_takes_exactly_one_round_trip() {
    let database = Database::create().await;
    let proxy = Proxy::to(database.port()).await;
    let api = Gateway::start_on(&proxy.url(&database)).await;
    let create = || api.create("ann", "t");

    // The first round connects; the second is warm.
    for warm in [false, true] {
        let id = create().await;
        let toggle = Request::complete("ann", &id);
        for request in Request::every_operation("ann", &id).into_iter().rev().chain([toggle]).rev() {
            proxy.take();
            let (operation, method) = (request.operation, request.method);
            let answer = api.send(request).await;
            assert!(answer.status < 300, "{answer:?}");
            let (round_trips, flushes) = proxy.take();
            if warm {
                assert_eq!((round_trips, flushes), (1, 1), "{method} {operation}");
            }
        }
        proxy.take();
        api.http("GET", "/health", &[]).await.expect(200);
        let counted = proxy.take();
        assert!(!warm || counted == (1, 1), "health: {counted:?}");
    }
}

#[tokio::test]
async fn a_refused_token_costs_no_round_trip() {
    let database = Database::create().await;
    let proxy = Proxy::to(database.port()).await;
    let api = Gateway::start_on(&proxy.url(&database)).await;
    api.send(Request::list("ann")).await.expect(200);
    proxy.take();
    api.send(Request::list("ann").token("a.b.c")).await.problem(401);
    assert_eq!(proxy.take(), (0, 0));
}
