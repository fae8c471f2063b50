//! The real binaries behind the emulated API Gateway and Lambda, on a database of their own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use local::template::Template;
use local::{Server, ServerOptions};
use reqwest::{Method, Response};
use serde_json::Value;

use super::{Answer, Database, Request, SECRET};

/// A deployed API.
pub struct Gateway {
    pub server: Server,
    client: reqwest::Client,
    log: Arc<Mutex<Vec<String>>>,
}

impl Gateway {
    /// Deploys the API on the database.
    pub async fn start(database: &Database) -> Self {
        Self::start_on(&database.url()).await
    }

    /// Deploys the API on the database at this address.
    pub async fn start_on(database_url: &str) -> Self {
        let binaries = Path::new(env!("CARGO_BIN_EXE_create-task")).parent().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&log);
        let variables =
            [("DATABASE_URL", database_url), ("BETTER_AUTH_SECRET", SECRET), ("APP_ENV", "development")];
        let server = Server::start(ServerOptions {
            environment: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            log: Arc::new(move |line| sink.lock().unwrap().push(line.text)),
            ..ServerOptions::new(template(), binaries)
        });
        Self { server: server.await.unwrap(), client: reqwest::Client::new(), log }
    }

    pub async fn send(&self, request: Request) -> Answer {
        let method = request.method.parse().unwrap();
        let path = format!("{}?{}", request.path(), request.query);
        let mut http = self.client.request(method, format!("{}{path}", self.server.url()));
        for (name, value) in request.headers {
            http = http.header(name, value);
        }
        if let Some(body) = request.body {
            http = http.body(body);
        }
        answer(http.send().await.unwrap()).await
    }

    /// A request to any path, without a token.
    pub async fn http(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let method: Method = method.parse().unwrap();
        let mut http = self.client.request(method, format!("{}{path}", self.server.url()));
        for (name, value) in headers {
            http = http.header(*name, *value);
        }
        answer(http.send().await.unwrap()).await
    }

    /// A new task of the user; its id.
    pub async fn create(&self, user_id: &str, title: &str) -> String {
        let body = serde_json::json!({"title": title});
        let created = self.send(Request::create(user_id).json(&body)).await;
        created.expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// Everything that was logged so far.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The lines that tell of a request.
    pub fn request_lines(&self) -> Vec<Value> {
        let lines = self.log().into_iter().filter_map(|line| serde_json::from_str::<Value>(&line).ok());
        lines.filter(|line| line["message"] == "request").collect()
    }
}

async fn answer(response: Response) -> Answer {
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    Answer { status, headers, body: response.text().await.unwrap() }
}

/// The project's own folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What is deployed.
pub fn template() -> Template {
    Template::read(&root().join("template.yaml"), &BTreeMap::new()).unwrap()
}
