//! Counts with valgrind the instructions of what every request pays for:
//! `cargo bench --package shared --bench instructions`. Unlike times, they are the same on a busy
//! machine, so that CI can refuse a change that adds many. The bounds are generous: half as many
//! again as counted on `x86_64`.

use std::env;
use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::time::Duration;

use futures_util::FutureExt;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use lambda_http::request::LambdaRequest;
use serde_json::json;
use shared::auth::{ClaimRules, KeySet, Secret, Verifier};
use shared::domain::{Description, NewTask, Tags, Task, TaskFields, Title};
use shared::http::array;
use shared::runtime::harmless;
use uuid::Uuid;

const SECRET: &str = "a secret of the benchmark, longer than 32 bytes";
const EVENT: &str = include_str!("../../tests/events/get-task.json");

/// What is counted, and the maximum number of instructions.
const BOUNDS: [(&str, u64); 3] = [
    ("verify-token", VERIFY_TOKEN),
    ("decode-event", DECODE_EVENT),
    ("encode-list", ENCODE_LIST),
];
const VERIFY_TOKEN: u64 = 46_000;
const DECODE_EVENT: u64 = 100_000;
const ENCODE_LIST: u64 = 9_200_000;

/// How many more runs the second count has than the first: the difference leaves out the
/// preparation.
const TIMES: u64 = 20;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().collect();
    if let [_, case, times] = &arguments[..] {
        run(case, times.parse().unwrap_or_default());
        return ExitCode::SUCCESS;
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("SKIPPED: valgrind is not installed");
        return if env::var_os("CI").is_some() {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        };
    }
    let kept = BOUNDS.map(|(case, bound)| {
        // A case that cannot be counted does not pass.
        let counted = count(case).unwrap_or(u64::MAX);
        println!("{case:<14} {counted:>9} instructions, at most {bound}");
        counted <= bound
    });
    if kept.contains(&false) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// The instructions of one run.
fn count(case: &str) -> Option<u64> {
    let [few, many] = [1, 1 + TIMES].map(|times| counted(case, times));
    Some(many?.checked_sub(few?)? / TIMES)
}

/// The instructions of a process that runs the case that many times.
fn counted(case: &str, times: u64) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe().ok()?)
        .args([case, &times.to_string()])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = said
        .lines()
        .find_map(|line| line.split_once("Collected :"))?;
    line.1
        .trim()
        .parse()
        .ok()
        .filter(|_| output.status.success())
}

fn run(case: &str, times: u64) {
    match case {
        "verify-token" => {
            let keys = KeySet::default().with(KeySet::shared_secret(&Secret::from(SECRET)));
            let (verifier, token) = (Verifier::new(keys, None, ClaimRules::default()), token());
            for _ in 0..times {
                assert!(matches!(
                    verifier.verify(black_box(&token)).now_or_never(),
                    Some(Ok(_))
                ));
            }
        }
        "decode-event" => {
            for _ in 0..times {
                let request: Result<LambdaRequest, _> = serde_json::from_str(black_box(EVENT));
                let request = request.map(harmless).map(lambda_http::Request::from);
                assert!(request.is_ok_and(|request| request.uri().path().len() > 1));
            }
        }
        _ => {
            let tasks: Vec<_> = (0..1000).filter_map(task).collect();
            for _ in 0..times {
                assert!(array(black_box(&tasks), usize::MAX).is_ok_and(|(_, held)| held == 1000));
            }
        }
    }
}

fn token() -> String {
    let now = jsonwebtoken::get_current_timestamp();
    let claims = json!({"sub": "8ZxK3mPq7vRt2nWc", "email": "ann@example.com", "iat": now, "exp": now + 900});
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap_or_default()
}

fn task(n: u64) -> Option<Task> {
    let description = n
        .is_multiple_of(3)
        .then_some("Oat, two litres; \"fresh\" if there is any");
    let tags = vec!["home".into(); usize::from(n % 3 == 1)];
    let new = NewTask::new(TaskFields {
        description: description.and_then(|text| Description::parse(text.into()).ok()),
        tags: Tags::parse(&tags).ok()?,
        ..TaskFields::new(Title::parse(&format!("Task {n}")).ok()?)
    });
    let new = new.with_id(Uuid::from_u128(u128::from(n)));
    let created_at = Timestamp::UNIX_EPOCH + Duration::from_micros(1_790_000_000_000_000 + n);
    Some(new.stored("8ZxK3mPq7vRt2nWc".into(), created_at, 1_790_000_000_000_000))
}
