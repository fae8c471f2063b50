//! A function that does what its event says, for the tests of the emulated Lambda.

use std::collections::BTreeMap;
use std::process::exit;
use std::time::Duration;

use lambda_runtime::{Context, Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    match std::env::var("PROBE_INIT").as_deref() {
        Ok("exit") => exit(3),
        Ok("slow") => tokio::time::sleep(Duration::from_millis(300)).await,
        _ => {}
    }
    lambda_runtime::run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let (event, context) = event.into_parts();
    // Through API Gateway, the query says what to do.
    let asked = event.get("queryStringParameters").unwrap_or(&event);
    let number = |name: &str| -> Option<u64> {
        let value = asked.get(name)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    if let Some(line) = asked.get("print").and_then(Value::as_str) {
        println!("out: {line}");
        eprint!("err: {line}");
    }
    if let Some(milliseconds) = number("sleep") {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
    if let Some(cookie) = asked.get("cookie") {
        return Ok(json!({ "statusCode": 200, "cookies": [cookie] }));
    }
    if let Some(code) = number("exit") {
        exit(i32::try_from(code)?);
    }
    if let Some(message) = asked.get("fail").and_then(Value::as_str) {
        return Err(message.into());
    }
    if let Some(length) = number("length") {
        return Ok(Value::from("x".repeat(usize::try_from(length)? - 2)));
    }
    let seen = seen(&event, &context)?;
    // API Gateway expects an HTTP response.
    Ok(match event.get("routeKey") {
        Some(_) => json!({ "statusCode": 200, "body": seen.to_string() }),
        None => seen,
    })
}

/// Everything that a function gets to see.
fn seen(event: &Value, context: &Context) -> Result<Value, Error> {
    let now = u64::try_from(jiff::Timestamp::now().as_millisecond())?;
    Ok(json!({
        "pid": std::process::id(),
        "request_id": context.request_id,
        "remaining_ms": context.deadline.saturating_sub(now),
        "trace": context.xray_trace_id,
        "arn": context.invoked_function_arn,
        "directory": std::env::current_dir()?,
        "variables": std::env::vars().collect::<BTreeMap<_, _>>(),
        "event": event,
    }))
}
