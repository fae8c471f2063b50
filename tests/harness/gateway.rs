//! The real binaries behind the emulated API Gateway and Lambda.

use std::fs::read_to_string;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use lambda_http::http;
use local::template::Template;
use local::{LogLine, Server, ServerOptions};
use serde_json::Value;

use super::contract::assert_documented;
use super::secrets::Secrets;
use super::{Reply, Request, SECRET, TestDatabase, root};

/// A deployed API.
pub struct Gateway {
    pub server: Server,
    client: Client<HttpConnector, Full<Bytes>>,
    log: Arc<Mutex<Vec<LogLine>>>,
    secrets: Mutex<Secrets>,
}

/// Every test checks, whatever it is about, that no token, no key and no text of a task is in the
/// log.
impl Drop for Gateway {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(
                self.secrets.lock().unwrap().leaked(&self.log()),
                None,
                "in the log"
            );
        }
    }
}

impl Gateway {
    /// Deploys the API on the database.
    pub async fn start(database: &TestDatabase) -> Self {
        Self::start_with(&database.url(), &[]).await
    }

    /// Deploys the API on the database at this address.
    pub async fn start_on(database_url: &str) -> Self {
        Self::start_with(database_url, &[]).await
    }

    /// Deploys the API with further variables in the functions' environment.
    pub async fn start_with(database_url: &str, variables: &[(&str, &str)]) -> Self {
        Self::start_binaries(binaries(), database_url, variables).await
    }

    /// Deploys the binaries in this directory.
    pub async fn start_binaries(
        binaries: &Path,
        database_url: &str,
        variables: &[(&str, &str)],
    ) -> Self {
        Self::start_adjusted(binaries, database_url, variables, |_| ()).await
    }

    /// Deploys the binaries with limits other than those of template.yaml.
    pub async fn start_adjusted(
        binaries: &Path,
        database_url: &str,
        variables: &[(&str, &str)],
        adjust: impl FnOnce(&mut ServerOptions),
    ) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&log);
        let required = [
            ("DATABASE_URL", database_url),
            ("BETTER_AUTH_SECRET", SECRET),
            ("APP_ENV", "development"),
        ];
        let variables = required.iter().chain(variables);
        let mut options = ServerOptions {
            environment: variables
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            log: Arc::new(move |line| sink.lock().unwrap().push(line)),
            ..ServerOptions::new(template(), binaries)
        };
        adjust(&mut options);
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self {
            server: Server::start(options).await.unwrap(),
            client,
            log,
            secrets: Mutex::default(),
        }
    }

    pub async fn send(&self, request: Request) -> Reply {
        let path = format!("{}?{}", request.path(), request.query);
        self.request(
            request.method,
            &path,
            request.headers,
            request.body.unwrap_or_default(),
        )
        .await
    }

    /// Sends a request without a token to any path.
    pub async fn http(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.request(method, path, headers.collect(), Vec::new())
            .await
    }

    async fn request(
        &self,
        method: &str,
        path: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    ) -> Reply {
        let sent = body.clone();
        self.secrets.lock().unwrap().remember(path, &headers, &body);
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.server.url()));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = self
            .client
            .request(request.body(Full::from(body)).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let headers = parts.headers.iter();
        let answer = Reply {
            status: parts.status.as_u16(),
            headers: headers
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body: String::from_utf8(body.collect().await.unwrap().to_bytes().into()).unwrap(),
        };
        assert_documented(method, path, Some(&sent), &answer);
        answer
    }

    /// Creates a task of the user, and returns its ID.
    pub async fn create(&self, user_id: &str, title: &str) -> String {
        let body = serde_json::json!({"title": title});
        let created = self.send(Request::create(user_id).json(&body)).await;
        created.expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// The log so far.
    pub fn log(&self) -> Vec<String> {
        self.log
            .lock()
            .unwrap()
            .iter()
            .map(|line| line.text.clone())
            .collect()
    }

    /// The REPORT lines of a function, oldest first.
    pub fn reports(&self, function: &str) -> Vec<String> {
        let log = self.log.lock().unwrap();
        let lines = log
            .iter()
            .filter(|line| line.function == function && line.text.starts_with("REPORT "));
        lines.map(|line| line.text.clone()).collect()
    }

    /// The log lines about requests.
    pub fn request_lines(&self) -> Vec<Value> {
        let lines = self
            .log()
            .into_iter()
            .filter_map(|line| serde_json::from_str::<Value>(&line).ok());
        lines.filter(|line| line["message"] == "request").collect()
    }
}

/// The directory of the functions' binaries.
pub fn binaries() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_create-task"))
        .parent()
        .unwrap()
}

/// template.yaml.
pub fn template() -> Template {
    Template::read(&root().join("template.yaml"), |_| None).unwrap()
}

/// openapi.yaml.
pub fn openapi() -> Value {
    serde_saphyr::from_str(&read_to_string(root().join("openapi.yaml")).unwrap()).unwrap()
}
