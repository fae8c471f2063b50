//! Bad input, made up by the thousand: entries of tests/corpus, mutated, through the real handlers.
//!
//! What was tried, refused and accepted is printed; an answer of 5xx fails the test, and so does an accepted request
//! whose effect is not what [`rules`] say, or an answer that openapi.yaml does not have. The seed is printed too.
//!
//! ```sh
//! cargo test --test contract fuzz -- --nocapture                                    # 300 requests for each parser
//! FUZZ_CASES=20000 FUZZ_SEED=7 cargo test --test contract fuzz -- --nocapture       # the long form
//! ```

mod addresses;
mod bodies;
mod headers;
mod mutate;
mod queries;
mod rules;

use std::cell::RefCell;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use tokio::runtime::Runtime;

use crate::harness::{Handlers, Reply};

/// How many requests each parser gets when `FUZZ_CASES` does not say: all together take about 20 s in CI.
const CASES: u32 = 300;

/// What became of the requests to one parser.
#[derive(Debug, Default)]
struct Counts {
    tried: u32,
    refused: u32,
    accepted: u32,
}

/// One parser under attack.
struct Fuzz {
    runtime: Runtime,
    api: Handlers,
    counts: RefCell<Counts>,
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

    /// Gives inputs to `attempt`, which says whether its request was accepted; at least one of each must have been.
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
        let Counts {
            tried,
            refused,
            accepted,
        } = self.counts.take();
        let seconds = started.elapsed().as_secs_f32();
        println!(
            "{parser}: {tried} tried, {refused} refused, {accepted} accepted, {seconds:.1} s, FUZZ_SEED={seed}"
        );
        if let Err(failure) = outcome {
            panic!("{parser}, FUZZ_SEED={seed}: {failure}");
        }
        assert!(
            refused > 0 && accepted > 0,
            "{parser}: the mutations are too wild or too tame"
        );
    }
}

/// What became of a request.
#[derive(Debug)]
enum Verdict {
    /// 4xx, rightly.
    Refused,
    /// 2xx or 304, and its effect is right.
    Accepted,
    /// Anything else, and why.
    Wrong(String),
}

impl Verdict {
    /// Compares the answer with what the rules say: the status of success, or that the request is to be refused.
    fn of(answer: &Reply, expected: Option<u16>) -> Self {
        match (answer.status, expected) {
            (status, Some(expected)) if status == expected => Self::Accepted,
            (400..500, None) => Self::Refused,
            _ => Self::Wrong(format!("expected {expected:?}, got {answer:?}")),
        }
    }

    /// Wrong unless the condition holds, too.
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

/// Another one each time, so that many runs try more than one does.
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
