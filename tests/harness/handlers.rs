//! The operations' handlers in this process, given API Gateway's events as `lambda_http` decodes them:
//! fast, for the many inputs.

use std::convert::Infallible;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::handler::Handler;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_http::http::Response;
use lambda_http::request::LambdaRequest;
use lambda_http::tower::Service;
use lambda_http::{Body, Context, IntoResponse, RequestExt};
use serde_json::{Map, Value, json};
use shared::runtime::{App, harmless, service};

use super::contract::assert_documented;
use super::database::{Database, config};
use super::{Answer, Request};

#[expect(dead_code, reason = "`main` is for the binary")]
#[path = "../../functions"]
mod operations {
    #[path = "batch-tasks.rs"]
    pub mod batch_tasks;
    #[path = "complete-task.rs"]
    pub mod complete_task;
    #[path = "create-task.rs"]
    pub mod create_task;
    #[path = "delete-task.rs"]
    pub mod delete_task;
    #[path = "erase-user.rs"]
    pub mod erase_user;
    #[path = "export-user.rs"]
    pub mod export_user;
    #[path = "get-task.rs"]
    pub mod get_task;
    #[path = "list-tasks.rs"]
    pub mod list_tasks;
    #[path = "summarize-tasks.rs"]
    pub mod summarize_tasks;
    #[path = "update-task.rs"]
    pub mod update_task;
}

/// The handlers, on a database of their own.
pub struct Handlers {
    app: App,
    database: Option<Database>,
}

impl Handlers {
    pub async fn start() -> Self {
        let database = Database::create().await;
        Self::connect(database.url().as_str(), database, &[])
    }

    /// The handlers, with further variables in their environment.
    pub async fn start_with(variables: &[(&str, &str)]) -> Self {
        let database = Database::create().await;
        Self::connect(database.url().as_str(), database, variables)
    }

    /// The handlers, logged in as a superuser.
    pub async fn start_as_superuser() -> Self {
        let database = Database::create().await;
        Self::connect(database.superuser_url().as_str(), database, &[])
    }

    /// The handlers on a database that somebody else has made.
    pub fn on(url: &str) -> Self {
        Self {
            app: App::new(&config(url, &[])).unwrap(),
            database: None,
        }
    }

    fn connect(url: &str, database: Database, variables: &[(&str, &str)]) -> Self {
        Self {
            app: App::new(&config(url, variables)).unwrap(),
            database: Some(database),
        }
    }

    /// The database that was made for them.
    pub fn database(&self) -> &Database {
        self.database.as_ref().unwrap()
    }

    pub async fn send(&self, request: Request) -> Answer {
        let answer = self.operate(&request).await;
        assert_documented(
            request.method,
            &request.path(),
            request.body.as_deref(),
            &answer,
        );
        answer
    }

    async fn operate(&self, request: &Request) -> Answer {
        macro_rules! operate {
            ($($name:literal: $operation:ident;)+) => {
                match request.operation {
                    $($name => self.call(operations::$operation::$operation, request).await,)+
                    other => panic!("{other} is not an operation on tasks"),
                }
            };
        }
        operate! {
            "batch-tasks": batch_tasks;
            "complete-task": complete_task;
            "create-task": create_task;
            "delete-task": delete_task;
            "erase-user": erase_user;
            "export-user": export_user;
            "get-task": get_task;
            "list-tasks": list_tasks;
            "summarize-tasks": summarize_tasks;
            "update-task": update_task;
        }
    }

    /// Gives the request to a handler that only a test has.
    pub async fn call<H, T>(&self, handler: H, request: &Request) -> Answer
    where
        H: Handler<T, App> + Sync,
        T: 'static,
    {
        let operation = request.operation;
        let request = decode(&event(request)).with_lambda_context(Context::default());
        call(service(operation, handler, self.app.clone()), request).await
    }

    /// Updates a task in an invocation that must have ended after `time`.
    pub async fn update_within(&self, time: Duration, request: &Request) -> Answer {
        let mut context = Context::default();
        let deadline = SystemTime::now() + time;
        context.deadline = deadline
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_millis()
            .try_into()
            .unwrap();
        let request = decode(&event(request)).with_lambda_context(context);
        call(
            service(
                "update-task",
                operations::update_task::update_task,
                self.app.clone(),
            ),
            request,
        )
        .await
    }

    /// Gives an event to `list-tasks` as Lambda does.
    pub async fn give(&self, event: &Value) -> Answer {
        let request = decode(event).with_lambda_context(Context::default());
        call(
            service(
                "list-tasks",
                operations::list_tasks::list_tasks,
                self.app.clone(),
            ),
            request,
        )
        .await
    }

    /// A new task of the user; its id.
    pub async fn create(&self, user_id: &str, title: &str) -> String {
        let created = self
            .send(Request::create(user_id).json(&json!({"title": title})))
            .await;
        created.expect(201)["id"].as_str().unwrap().to_owned()
    }
}

fn decode(event: &Value) -> lambda_http::Request {
    let event: LambdaRequest = serde_json::from_str(&event.to_string()).unwrap();
    harmless(event).into()
}

async fn call<S>(mut service: S, request: lambda_http::Request) -> Answer
where
    S: Service<lambda_http::Request, Response = Response<Body>, Error = Infallible>,
{
    let response = service.call(request).await.unwrap().into_response().await;
    let (parts, body) = response.into_parts();
    let headers = parts.headers.iter();
    Answer {
        status: parts.status.as_u16(),
        headers: headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// The operation's sample event, with what the request has put in its place.
pub fn event(request: &Request) -> Value {
    let path = format!(
        "{}/../tests/events/{}.json",
        env!("CARGO_MANIFEST_DIR"),
        request.operation
    );
    let mut event: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();

    let headers = event["headers"].as_object_mut().unwrap();
    for own in ["authorization", "content-type", "content-length"] {
        headers.remove(own);
    }
    for (name, value) in &request.headers {
        join(headers, name, value);
    }
    event["requestContext"]["http"]["method"] = json!(request.method);
    event["pathParameters"]["user_id"] = json!(request.user_id);
    if let Some(task_id) = &request.task_id {
        event["pathParameters"]["task_id"] = json!(task_id);
    }
    event["rawPath"] = json!(request.path());
    event["rawQueryString"] = json!(request.query);
    event["body"] = Value::Null;
    if let Some(body) = &request.body {
        let text = std::str::from_utf8(body);
        event["isBase64Encoded"] = json!(text.is_err());
        event["body"] = json!(text.map_or_else(|_| STANDARD.encode(body), str::to_owned));
    }
    event
}

/// API Gateway joins repeated headers with a comma.
fn join(headers: &mut Map<String, Value>, name: &str, value: &str) {
    let joined = match headers.get(name).and_then(Value::as_str) {
        Some(first) => format!("{first},{value}"),
        None => value.to_owned(),
    };
    headers.insert(name.to_owned(), json!(joined));
}
