//! Each request takes one round trip to the database.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Gateway, Proxy, Request, TestDatabase, Traffic};

#[tokio::test]
async fn a_warm_request_of_each_operation_takes_exactly_one_round_trip() {
    let database = TestDatabase::create().await;
    let proxy = Proxy::start(database.port()).await.unwrap();
    let api = Gateway::start_on(&proxy.through(&database.url())).await;
    let create = || api.create("ann", "t");

    // The first round opens the connections; the second is warm.
    for warm in [false, true] {
        let id = create().await;
        let toggle = Request::complete("ann", &id);
        for request in Request::every_operation("ann", &id)
            .into_iter()
            .rev()
            .chain([toggle])
            .rev()
        {
            let _ = proxy.take();
            let (operation, method) = (request.operation, request.method);
            let answer = api.send(request).await;
            assert!(answer.status < 300, "{answer:?}");
            let traffic = proxy.take();
            if warm {
                assert_eq!(
                    (traffic.round_trips, traffic.flushes),
                    (1, 1),
                    "{method} {operation}"
                );
            }
        }
        let _ = proxy.take();
        api.http("GET", "/health", &[]).await.expect(200);
        let traffic = proxy.take();
        assert!(
            !warm || (traffic.round_trips, traffic.flushes) == (1, 1),
            "health: {traffic:?}"
        );
    }
}

#[tokio::test]
async fn a_refused_token_costs_no_round_trip() {
    let database = TestDatabase::create().await;
    let proxy = Proxy::start(database.port()).await.unwrap();
    let api = Gateway::start_on(&proxy.through(&database.url())).await;
    api.send(Request::list("ann")).await.expect(200);
    let _ = proxy.take();
    api.send(Request::list("ann").token("a.b.c"))
        .await
        .problem(401);
    assert_eq!(proxy.take(), Traffic::default());
}

#[tokio::test]
async fn a_batch_takes_one_round_trip_however_many_operations_it_has() {
    let database = TestDatabase::create().await;
    let proxy = Proxy::start(database.port()).await.unwrap();
    let api = Gateway::start_on(&proxy.through(&database.url())).await;
    let ids: Vec<_> = (0..100).map(|_| Uuid::now_v7()).collect();
    let task = json!({"title": "t", "description": "x".repeat(5_000)});
    let create = |id: &Uuid| json!({"operation": "create", "id": id, "task": task});
    let complete = |id: &Uuid| json!({"operation": "complete", "id": id});
    let delete = |id: &Uuid| json!({"operation": "delete", "id": id});
    // Opens the connection.
    api.send(Request::batch("bob", true, &json!([create(&ids[0])])))
        .await
        .expect(200);
    proxy.be_patient();

    for atomic in [true, false] {
        for count in [1, 100] {
            for operation in [&create as &dyn Fn(&Uuid) -> Value, &complete, &delete] {
                let operations: Value = ids[..count].iter().map(operation).collect();
                let _ = proxy.take();
                api.send(Request::batch("ann", atomic, &operations))
                    .await
                    .expect(200);
                assert_eq!(
                    proxy.take().round_trips,
                    1,
                    "{count} operations, atomic: {atomic}"
                );
            }
        }
    }
}
