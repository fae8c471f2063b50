//! The floor: a function that says hello with `lambda_http`. No function can be faster.

use std::convert::Infallible;

use lambda_http::{Error, Request, Response, run, service_fn};

fn main() -> Result<(), Error> {
    // One thread, as in the functions.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(service_fn(|_: Request| async {
        Ok::<_, Infallible>(Response::new("Hello".to_owned()))
    })))
}
