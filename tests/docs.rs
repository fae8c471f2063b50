//! The site: `GET /docs`, `GET /docs/problems`, their assets, and `GET /openapi.json`.

use std::collections::BTreeSet;
use std::io::Read;

use axum::body::Bytes;
use flate2::read::GzDecoder;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use lambda_http::http::{Request, Response};
use serde_json::{Value, json};
use site::DOCUMENTS;

use crate::harness::{Gateway, openapi};

/// The API without a database and without any key: enough for the site.
async fn start() -> Gateway {
    Gateway::start_with("", &[("BETTER_AUTH_SECRET", "")]).await
}

async fn get(api: &Gateway, path: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
    let mut request = Request::get(format!("{}{path}", api.server.url()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client
        .request(request.body(Empty::<Bytes>::new()).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

async fn text(api: &Gateway, path: &str) -> String {
    let response = get(api, path, &[]).await;
    assert_eq!(response.status(), 200, "{path}");
    String::from_utf8(response.into_body().into()).unwrap()
}

/// The values of every attribute with this name.
fn attributes<'a>(html: &'a str, name: &str) -> BTreeSet<&'a str> {
    html.split(&format!(" {name}=\""))
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect()
}

#[tokio::test]
async fn every_document_is_public() {
    let api = start().await;
    for document in DOCUMENTS {
        let response = get(&api, document.path, &[]).await;
        assert_eq!(response.status(), 200, "{}", document.path);
        let headers = response.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["vary"], "accept-encoding");
        assert!(
            headers["content-security-policy"]
                .to_str()
                .unwrap()
                .starts_with("default-src 'none'")
        );
        assert!(
            headers["cache-control"]
                .to_str()
                .unwrap()
                .starts_with("public, max-age=")
        );
        assert!(!response.body().is_empty(), "{}", document.path);
    }
    let types = DOCUMENTS
        .iter()
        .map(|document| (document.path, document.content_type));
    let types: Vec<_> = types
        .filter(|(path, _)| !path.starts_with("/docs/"))
        .collect();
    assert_eq!(
        types,
        [
            ("/openapi.json", "application/json"),
            ("/docs", "text/html; charset=utf-8")
        ]
    );
}

#[tokio::test]
async fn openapi_json_is_openapi_yaml() {
    let api = start().await;
    let document: Value = serde_json::from_str(&text(&api, "/openapi.json").await).unwrap();
    assert_eq!(document, openapi());
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn pages_refer_only_to_this_site() {
    let api = start().await;
    for page in ["/docs", "/docs/problems"] {
        let html = text(&api, page).await;
        let addresses = &attributes(&html, "href") | &attributes(&html, "src");
        assert!(addresses.len() >= 3, "{html}");
        for address in addresses {
            assert!(address.starts_with('/'), "{page} refers to {address}");
            assert_eq!(get(&api, address, &[]).await.status(), 200, "{address}");
        }
        assert!(!html.contains("://"), "{html}");
    }
    for asset in ["/docs/swagger-ui.css", "/docs/site.css"] {
        let css = text(&api, asset).await;
        for url in css.split("url(").skip(1) {
            assert!(
                url.trim_start_matches(['"', '\'']).starts_with("data:"),
                "{asset}: {}",
                &url[..80]
            );
        }
        assert!(!css.contains("@import"), "{asset}");
    }
    assert!(!text(&api, "/docs/start.js").await.contains("://"));
}

#[tokio::test]
async fn every_problem_type_has_a_section_on_the_problems_page() {
    let api = start().await;
    let page = text(&api, "/docs/problems").await;
    let sections = attributes(&page, "id");

    let documented = openapi().to_string();
    let types = documented
        .split("/docs/problems#")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap());
    let documented: BTreeSet<_> = types.collect();

    let explained: BTreeSet<_> = sections
        .into_iter()
        .filter(|id| *id != "Problems")
        .collect();
    assert_eq!(documented, explained);
}

#[tokio::test]
async fn a_client_with_the_current_version_gets_304() {
    let api = start().await;
    for path in ["/docs", "/openapi.json", "/docs/swagger-ui.js"] {
        let etag = get(&api, path, &[]).await.headers()["etag"]
            .to_str()
            .unwrap()
            .to_owned();

        let again = get(
            &api,
            path,
            &[("if-none-match", &format!("\"other\", {etag}"))],
        )
        .await;
        assert_eq!(
            (again.status().as_u16(), again.body().len()),
            (304, 0),
            "{path}"
        );
        assert_eq!(again.headers()["etag"], etag);

        assert_eq!(
            get(&api, path, &[("if-none-match", "\"other\"")])
                .await
                .status(),
            200,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_client_that_accepts_gzip_gets_the_same_content_compressed() {
    let api = start().await;
    for document in DOCUMENTS {
        let plain = get(&api, document.path, &[("accept-encoding", "br")]).await;
        assert!(!plain.headers().contains_key("content-encoding"));

        let compressed = get(&api, document.path, &[("accept-encoding", "gzip, br")]).await;
        assert_eq!(compressed.headers()["content-encoding"], "gzip");
        assert_eq!(
            compressed.headers()["content-type"],
            plain.headers()["content-type"]
        );
        assert_eq!(compressed.headers()["etag"], plain.headers()["etag"]);
        let mut content = Vec::new();
        GzDecoder::new(&compressed.body()[..])
            .read_to_end(&mut content)
            .unwrap();
        assert!(content == plain.body()[..], "{}", document.path);
    }
}

#[tokio::test]
async fn a_missing_page_is_a_problem() {
    let api = start().await;
    for path in [
        "/docs/nothing",
        "/docs/swagger-ui.js.map",
        "/docs/..%2Fhealth",
        "/docs/%00",
    ] {
        let response = api.http("GET", path, &[]).await;
        let problem = response.problem(404);
        assert_eq!(problem["type"], "about:blank", "{path}");
    }
}

#[tokio::test]
async fn a_request_for_a_page_is_logged_like_any_other() {
    let api = start().await;
    text(&api, "/docs").await;
    let lines = api.request_lines();
    assert_eq!(lines.len(), 1, "{:#?}", api.log());
    assert_eq!(
        (&lines[0]["operation"], &lines[0]["status"]),
        (&json!("docs"), &json!(200))
    );
}
