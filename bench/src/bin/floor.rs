//! The floor: a function of `lambda_http` that says hello. What it takes, no function can do without.

use std::convert::Infallible;

use lambda_http::{Error, Request, Response, run, service_fn};

fn main() -> Result<(), Error> {
    // One thread, as the functions have.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(service_fn(|_: Request| async {
        Ok::<_, Infallible>(Response::new("Hello".to_owned()))
    })))
}
