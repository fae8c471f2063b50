//! The operations' handlers, called in this process with API Gateway's events as `lambda_http`
//! decodes them. They are fast enough for thousands of inputs.

use std::convert::Infallible;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::handler::Handler;
use lambda_http::http::Response;
use lambda_http::request::LambdaRequest;
use lambda_http::tower::Service;
use lambda_http::{Body, Context, IntoResponse, RequestExt};
use serde_json::{Value, json};
use shared::runtime::{App, harmless, service};
use testbed::sample::SampleEvent;

use super::contract::assert_documented;
use super::database::{TestDatabase, config};
use super::{Reply, Request};

/// The operations of `functions/`, each by its file and its handler.
macro_rules! operations {
    ($($file:tt $handler:ident)*) => {
        #[expect(dead_code, reason = "`main` is for the binary")]
        #[path = "../../functions"]
        mod operations {
            $(#[path = $file]
            pub mod $handler;)*
        }

        impl Handlers {
            async fn dispatch(&self, request: &Request) -> Reply {
                match request.operation {
                    $(name if $file.strip_suffix(".rs") == Some(name) => {
                        self.call(operations::$handler::$handler, request).await
                    })*
                    other => panic!("{other} is not among the operations of tests/harness/handlers.rs"),
                }
            }
        }
    };
}

operations! {
    "batch-tasks.rs" batch_tasks
    "complete-task.rs" complete_task
    "create-task.rs" create_task
    "delete-task.rs" delete_task
    "erase-user.rs" erase_user
    "export-user.rs" export_user
    "get-task.rs" get_task
    "list-tasks.rs" list_tasks
    "summarize-tasks.rs" summarize_tasks
    "update-task.rs" update_task
}

/// The handlers, with a database of their own.
pub struct Handlers {
    app: App,
    database: Option<TestDatabase>,
}

impl Handlers {
    pub async fn start() -> Self {
        let database = TestDatabase::create().await;
        Self::connect(database.url().as_str(), database, &[])
    }

    /// The handlers, with further variables in their environment.
    pub async fn start_with(variables: &[(&str, &str)]) -> Self {
        let database = TestDatabase::create().await;
        Self::connect(database.url().as_str(), database, variables)
    }

    /// The handlers, logged in as a superuser.
    pub async fn start_as_superuser() -> Self {
        let database = TestDatabase::create().await;
        Self::connect(database.superuser_url().as_str(), database, &[])
    }

    /// The handlers, with an existing database.
    pub fn on(url: &str) -> Self {
        Self::on_with(url, &[])
    }

    /// The handlers, with an existing database and further variables in their environment.
    pub fn on_with(url: &str, variables: &[(&str, &str)]) -> Self {
        Self {
            app: App::new(&config(url, variables)).unwrap(),
            database: None,
        }
    }

    fn connect(url: &str, database: TestDatabase, variables: &[(&str, &str)]) -> Self {
        Self {
            app: App::new(&config(url, variables)).unwrap(),
            database: Some(database),
        }
    }

    /// Their own database.
    pub fn database(&self) -> &TestDatabase {
        self.database.as_ref().unwrap()
    }

    pub async fn send(&self, request: Request) -> Reply {
        let answer = self.dispatch(&request).await;
        assert_documented(
            request.method,
            &request.path(),
            request.body.as_deref(),
            &answer,
        );
        answer
    }

    /// Calls a handler that only a test has.
    pub async fn call<H, T>(&self, handler: H, request: &Request) -> Reply
    where
        H: Handler<T, App> + Sync,
        T: 'static,
    {
        let operation = request.operation;
        let request = decode(&event(request)).with_lambda_context(Context::default());
        call(service(operation, handler, self.app.clone()), request).await
    }

    /// Updates a task in an invocation whose deadline is `time` away.
    pub async fn update_within(&self, time: Duration, request: &Request) -> Reply {
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
    pub async fn give(&self, event: &Value) -> Reply {
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

    /// Creates a task of the user, and returns its ID.
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

async fn call<S>(mut service: S, request: lambda_http::Request) -> Reply
where
    S: Service<lambda_http::Request, Response = Response<Body>, Error = Infallible>,
{
    let response = service.call(request).await.unwrap().into_response().await;
    let (parts, body) = response.into_parts();
    let headers = parts.headers.iter();
    Reply {
        status: parts.status.as_u16(),
        headers: headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// The operation's sample event, made into this request.
pub fn event(request: &Request) -> Value {
    let mut event = SampleEvent::read(request.operation)
        .unwrap()
        .method(request.method)
        .path_parameter("user_id", &request.user_id)
        .path_parameter("task_id", request.task_id.as_deref().unwrap_or_default())
        .path(&request.path())
        .query(&request.query)
        .body(request.body.as_deref());
    for own in ["authorization", "content-type"] {
        event = event.without_header(own);
    }
    for (name, value) in &request.headers {
        event = event.header(name, value);
    }
    event.into_value()
}
