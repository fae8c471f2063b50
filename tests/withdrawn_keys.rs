//! Keys that the issuer no longer publishes, or that nobody knows whether it does. `LIMITS` are short;
//! the last tests run the real binary, which is frozen between requests.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use shared::auth::{FetchLimits, VerifyError};
use tokio::time::{sleep, timeout};

use crate::harness::{Gateway, Publisher, Request, TestDatabase};
use crate::remote_keys::{LIMITS, is_unknown_key, only, subject, token, verifier};

/// A failed fetch is remembered for longer than the test takes.
const PATIENT: FetchLimits = FetchLimits {
    interval: Duration::from_mins(1),
    interval_without_keys: Duration::from_mins(1),
    ..LIMITS
};

fn is_unavailable(result: &Result<String, VerifyError>) -> bool {
    matches!(result, Err(VerifyError::IssuerUnavailable))
}

#[tokio::test]
async fn a_withdrawn_key_is_refused_by_the_first_request_after_max_age() {
    let publisher = Publisher::start().await;
    publisher.publish(&only(&["ed25519", "p256"]));
    let verifier = verifier(&publisher, LIMITS);
    verifier.warm_up().await;
    publisher.publish(&only(&["p256"]));
    sleep(LIMITS.min_fresh).await;

    assert!(is_unknown_key(&subject(&verifier, "ed25519").await));
    assert_eq!(subject(&verifier, "p256").await.unwrap(), "ann");
    assert_eq!(publisher.requests(), 2);
}

#[tokio::test]
async fn an_issuer_that_withdraws_its_last_key_is_believed() {
    let publisher = Publisher::start().await;
    publisher.publish(&only(&["ed25519"]));
    let verifier = verifier(&publisher, LIMITS);
    verifier.warm_up().await;
    publisher.publish(r#"{"keys":[]}"#);
    sleep(LIMITS.min_fresh).await;

    assert!(is_unknown_key(&subject(&verifier, "ed25519").await));
}

#[tokio::test]
async fn keys_that_are_too_old_are_not_used_until_the_issuer_is_back() {
    let publisher = Publisher::start().await;
    publisher.publish(&only(&["ed25519"]));
    let limits = FetchLimits {
        max_age: 8 * LIMITS.min_fresh,
        ..LIMITS
    };
    let verifier = verifier(&publisher, limits);
    verifier.warm_up().await;
    publisher.fall_silent();
    sleep(LIMITS.min_fresh).await;
    assert_eq!(subject(&verifier, "ed25519").await.unwrap(), "ann");

    sleep(limits.max_age).await;

    assert!(is_unavailable(&subject(&verifier, "ed25519").await));
    assert!(is_unavailable(&subject(&verifier, "p256").await));
    publisher.publish(&only(&["ed25519"]));
    sleep(LIMITS.interval_without_keys).await;
    assert_eq!(subject(&verifier, "ed25519").await.unwrap(), "ann");
}

#[tokio::test]
async fn a_hanging_issuer_slows_one_request_and_no_other() {
    let publisher = Publisher::start().await;
    publisher.publish(&only(&["ed25519"]));
    let verifier = verifier(&publisher, PATIENT);
    verifier.warm_up().await;
    publisher.hang();
    sleep(LIMITS.min_fresh).await;

    let mut slow = 0;
    for _ in 0..10 {
        let started = Instant::now();
        assert_eq!(subject(&verifier, "ed25519").await.unwrap(), "ann");
        slow += usize::from(started.elapsed() >= LIMITS.refresh_timeout);
    }

    assert_eq!((slow, publisher.requests()), (1, 2));
}

#[tokio::test]
async fn requests_at_the_same_time_wait_for_one_fetch_and_share_its_result() {
    let publisher = Publisher::start().await;
    publisher.publish(&only(&["ed25519", "p256"]));
    let verifier = verifier(&publisher, PATIENT);
    verifier.warm_up().await;
    publisher.publish(&only(&["p256"]));
    sleep(LIMITS.min_fresh).await;
    let results = join_all((0..10).map(|_| subject(&verifier, "ed25519"))).await;
    assert!(results.iter().all(is_unknown_key), "{results:?}");
    assert_eq!(publisher.requests(), 2);

    publisher.hang();
    sleep(LIMITS.min_fresh).await;
    let started = Instant::now();
    let results = join_all((0..10).map(|_| subject(&verifier, "p256"))).await;
    let elapsed = started.elapsed();
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert!(elapsed < 5 * LIMITS.refresh_timeout, "{elapsed:?}");
    assert_eq!(publisher.requests(), 3);
}

#[tokio::test]
async fn a_fetch_that_its_request_abandoned_is_remembered_as_failed() {
    let publisher = Publisher::start().await;
    publisher.publish(&only(&["ed25519"]));
    let verifier = verifier(&publisher, PATIENT);
    verifier.warm_up().await;
    publisher.hang();
    sleep(LIMITS.min_fresh).await;
    let abandoned = timeout(LIMITS.refresh_timeout / 3, subject(&verifier, "ed25519")).await;
    assert!(abandoned.is_err(), "{abandoned:?}");

    let next = timeout(LIMITS.refresh_timeout, subject(&verifier, "ed25519")).await;
    assert_eq!(next.unwrap().unwrap(), "ann");
    assert_eq!(publisher.requests(), 2);
}

#[tokio::test]
async fn an_issuer_that_hangs_from_the_start_does_not_slow_every_request() {
    let publisher = Publisher::start().await;
    publisher.hang();
    let verifier = verifier(&publisher, PATIENT);
    verifier.warm_up().await;
    let started = Instant::now();
    for _ in 0..20 {
        assert!(is_unavailable(&subject(&verifier, "ed25519").await));
    }
    assert!(started.elapsed() < LIMITS.timeout);
    assert_eq!(publisher.requests(), 1);
}

/// The service with an issuer's keys, which may be this many seconds old.
async fn service(publisher: &Publisher, max_age: &str) -> (Gateway, TestDatabase) {
    let database = TestDatabase::create().await;
    let variables = [
        ("JWT_JWKS_URL", publisher.url()),
        ("JWT_JWKS_MAX_AGE", max_age.to_owned()),
    ];
    let variables = variables
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let api = Gateway::start_with(&database.url(), &variables).await;
    (api, database)
}

/// A request whose token is signed with this key.
fn request(kid: &str) -> Request {
    Request::list("ann").token(&token(kid))
}

/// Waits while the environment is frozen.
async fn frozen_for(api: &Gateway, time: Duration) {
    let environments = || api.server.environments("list-tasks");
    while !environments().iter().all(|environment| environment.frozen) {
        sleep(Duration::from_millis(1)).await;
    }
    sleep(time).await;
    let environments = environments();
    assert_eq!(
        environments.len(),
        1,
        "the same environment serves all requests"
    );
    assert!(environments[0].frozen, "nothing has woken it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_environment_that_was_frozen_refuses_a_withdrawn_key_at_once() {
    let publisher = Publisher::start().await;
    publisher.publish(&only(&["ed25519", "p256"]));
    let (api, _database) = service(&publisher, "2").await;
    api.send(request("ed25519")).await.expect(200);
    publisher.publish(&only(&["p256"]));
    let before = publisher.requests();
    frozen_for(&api, Duration::from_millis(2100)).await;

    let refused = api.send(request("ed25519")).await;

    assert_eq!(refused.problem(401)["type"], "/docs/problems#invalid-token");
    assert_eq!(publisher.requests(), before + 1);
    api.send(request("p256")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_environment_that_was_frozen_accepts_nobody_while_the_issuer_is_down_for_too_long() {
    let publisher = Publisher::start().await;
    publisher.publish(&only(&["ed25519"]));
    let (api, _database) = service(&publisher, "2").await;
    api.send(request("ed25519")).await.expect(200);
    publisher.fall_silent();
    frozen_for(&api, Duration::from_millis(2100)).await;

    let unavailable = api.send(request("ed25519")).await;

    assert_eq!(
        unavailable.problem(503)["type"],
        "/docs/problems#unavailable"
    );
    assert_eq!(unavailable.header("retry-after"), Some("2"));
    publisher.publish(&only(&["ed25519"]));
    frozen_for(&api, Duration::from_millis(2100)).await;
    api.send(request("ed25519")).await.expect(200);
}
