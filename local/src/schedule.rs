//! The scheduled rules of `EventBridge`, emulated.

use std::sync::Arc;

use axum::body::Bytes;
use serde_json::json;
use uuid::Uuid;

use crate::lambda::{Lambda, REGION, new_trace};
use crate::template::Schedule;

/// Invokes the function of a schedule now, and then at its interval. Never ends. That Lambda repeats
/// an invocation that fails is not modelled.
pub(crate) async fn run(lambda: Arc<Lambda>, schedule: Schedule) {
    let mut times = tokio::time::interval(schedule.interval);
    loop {
        times.tick().await;
        // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
        let rule = format!(
            "arn:aws:events:{REGION}:123456789012:rule/{}",
            schedule.function
        );
        let event = json!({
            "version": "0", "id": Uuid::new_v4(), "detail-type": "Scheduled Event", "source": "aws.events",
            "account": "123456789012", "region": REGION, "resources": [rule], "detail": {},
            "time": jiff::Timestamp::now().strftime("%FT%TZ").to_string(),
        });
        // If it fails, the log says why.
        let event = Bytes::from(event.to_string());
        let _ = lambda.invoke(&schedule.function, event, &new_trace()).await;
    }
}
