//! Generated bad input: entries of tests/corpus, mutated by the thousand and sent to the real
//! handlers.
//!
//! Each test prints how many requests were tried, refused and accepted, and its seed. It fails on
//! any 5xx, on an answer that openapi.yaml does not describe, and on an accepted request whose
//! effect differs from what [`rules`] says.
//!
//! ```sh
//! cargo test --test contract fuzz -- --nocapture  # 300 requests for each parser
//! FUZZ_CASES=20000 FUZZ_SEED=7 cargo test --test contract fuzz -- --nocapture  # the long form
//! ```

mod addresses;
mod bodies;
mod headers;
mod mutate;
mod queries;
mod rules;

use std::cell::RefCell;
use std::fmt::{self, Display, Formatter};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use tokio::runtime::Runtime;

use crate::harness::{Handlers, Reply};

/// The default for `FUZZ_CASES`, the number of requests per parser: all of them take about 20 s in
/// CI.
const CASES: u32 = 300;

/// The results of the requests to one parser.
#[derive(Debug, Default)]
struct FuzzTally {
    tried: u32,
    refused: u32,
    accepted: u32,
}

impl Display for FuzzTally {
    fn fmt(&self, text: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            tried,
            refused,
            accepted,
        } = self;
        write!(
            text,
            "{tried} tried, {refused} refused, {accepted} accepted"
        )
    }
}

/// One parser under attack.
struct Fuzz {
    runtime: Runtime,
    api: Handlers,
    counts: RefCell<FuzzTally>,
}

impl Fuzz {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let api = runtime.block_on(Handlers::start());
        Self {
            runtime,
            api,
            counts: RefCell::default(),
        }
    }

    /// Passes inputs to `attempt`, which says whether the request was accepted. At least one
    /// request must be accepted and at least one refused.
    fn run<S: Strategy>(
        self,
        parser: &str,
        inputs: S,
        attempt: impl AsyncFn(&Handlers, S::Value) -> Verdict,
    ) {
        let (cases, seed) = (number("FUZZ_CASES").unwrap_or(u64::from(CASES)), seed());
        let config = Config {
            cases: u32::try_from(cases).unwrap(),
            failure_persistence: None,
            max_shrink_iters: 2_000,
            ..Config::default()
        };
        let started = Instant::now();
        let mut runner = TestRunner::new_with_rng(config, rng(seed));
        let outcome = runner.run(&inputs, |input| {
            let verdict = self.runtime.block_on(attempt(&self.api, input));
            let mut counts = self.counts.borrow_mut();
            counts.tried += 1;
            match verdict {
                Verdict::Refused => counts.refused += 1,
                Verdict::Accepted => counts.accepted += 1,
                Verdict::Wrong(why) => return Err(TestCaseError::fail(why)),
            }
            Ok(())
        });
        let counts = self.counts.take();
        let seconds = started.elapsed().as_secs_f32();
        println!("{parser}: {counts}, {seconds:.1} s, FUZZ_SEED={seed}");
        if let Err(failure) = outcome {
            panic!("{parser}, FUZZ_SEED={seed}: {failure}");
        }
        assert!(
            counts.refused > 0 && counts.accepted > 0,
            "{parser}: the mutations are too wild or too tame"
        );
    }
}

/// The result of a request.
#[derive(Debug)]
enum Verdict {
    /// 4xx, as expected.
    Refused,
    /// 2xx or 304, with the expected effect.
    Accepted,
    /// Anything else, with the reason.
    Wrong(String),
}

impl Verdict {
    /// Compares the answer with the rules, which give the status of success or say that the request
    /// must be refused.
    fn of(answer: &Reply, expected: Option<u16>) -> Self {
        match (answer.status, expected) {
            (status, Some(expected)) if status == expected => Self::Accepted,
            (400..500, None) => Self::Refused,
            _ => Self::Wrong(format!("expected {expected:?}, got {answer:?}")),
        }
    }

    /// Also wrong unless the condition holds.
    fn and(self, holds: bool, why: impl FnOnce() -> String) -> Self {
        match self {
            Self::Accepted if !holds => Self::Wrong(why()),
            verdict => verdict,
        }
    }
}

fn rng(seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

/// A different seed for each run, so that many runs try more inputs than one.
fn seed() -> u64 {
    let now = || {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs()
    };
    number("FUZZ_SEED").unwrap_or_else(now)
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable)
        .ok()
        .map(|value| value.parse().unwrap())
}
