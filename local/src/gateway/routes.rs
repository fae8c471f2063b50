//! Which route a request takes.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use matchit::Router;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::template::Route;

/// All but the unreserved characters (RFC 3986 section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The routes of an API.
pub(crate) struct RouteTable {
    by_method: BTreeMap<String, Router<Route>>,
    /// The route of every request for which there is no other.
    default: Option<Route>,
}

/// A route that was found, and its path parameters, percent-decoded.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Match<'a> {
    pub(super) route: &'a Route,
    pub(super) parameters: BTreeMap<String, String>,
}

impl RouteTable {
    /// # Errors
    ///
    /// When two routes take the same requests.
    pub(crate) fn new(routes: &[Route]) -> Result<Self> {
        let (mut by_method, mut default) = (BTreeMap::<String, Router<Route>>::new(), None);
        for route in routes.iter().cloned() {
            let (key, path) = (route.key(), route.path.clone());
            if route.is_default() {
                ensure!(default.replace(route).is_none(), "two routes are {key}");
                continue;
            }
            let of_method = by_method.entry(route.method.clone()).or_default();
            of_method
                .insert(path, route)
                .with_context(|| format!("the route {key}"))?;
        }
        Ok(Self { by_method, default })
    }

    /// The route for a request. `path` is still encoded, so that `%2F` separates nothing.
    ///
    /// Only observed: literal segments come before variables, and a variable does not match an
    /// empty segment.
    pub(super) fn find(&self, method: &str, path: &str) -> Option<Match<'_>> {
        let path = normalized(path);
        let router = self.by_method.get(method);
        let found = router
            .and_then(|router| router.at(&path).ok())
            .filter(|found| found.params.iter().all(|(_, value)| !value.is_empty()));
        let Some(found) = found else {
            let route = self.default.as_ref()?;
            return Some(Match {
                route,
                parameters: BTreeMap::new(),
            });
        };
        let parameters = found.params.iter();
        let parameters = parameters.map(|(name, value)| (name.to_owned(), decoded(value)));
        Some(Match {
            route: found.value,
            parameters: parameters.collect(),
        })
    }
}

/// The path with nothing encoded but what must be: `/%62` is `/b`.
fn normalized(path: &str) -> String {
    let encoded = |segment| utf8_percent_encode(&decoded(segment), RESERVED).to_string();
    path.split('/').map(encoded).collect::<Vec<_>>().join("/")
}

/// Percent-decoded; unchanged when that is not UTF-8.
pub(super) fn decoded(text: &str) -> String {
    percent_decode_str(text)
        .decode_utf8()
        .map_or_else(|_| text.to_owned(), Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(keys: &[&str]) -> Result<RouteTable> {
        let route = |key: &&str| {
            let (method, path) = key.split_once(' ').unwrap();
            Route {
                method: method.into(),
                path: path.into(),
                function: "f".into(),
            }
        };
        RouteTable::new(&keys.iter().map(route).collect::<Vec<_>>())
    }

    fn key(table: &RouteTable, method: &str, path: &str) -> Option<String> {
        table.find(method, path).map(|found| found.route.key())
    }

    #[test]
    fn a_parameter_is_one_segment_and_decoded() {
        let table = table(&["GET /api/v1/{user_id}/tasks/{task_id}"]).unwrap();
        let cases = [
            ("/api/v1/demo/tasks/1", Some(["demo", "1"])),
            ("/api/v1/a%2Fb/tasks/%C3%BC", Some(["a/b", "ü"])),
            ("/api/v1/100%25/tasks/%2541", Some(["100%", "%41"])),
            ("/api/v1/%FF/tasks/a+b", Some(["%FF", "a+b"])),
            ("/api/v1/%7Bx%7D/tasks/*", Some(["{x}", "*"])),
            ("/api/v1/a/b/tasks/1", None),
            ("/api/v1//tasks/1", None),
            ("/api/v1/demo/tasks/", None),
            ("/api/v1/demo/tasks/1/", None),
            ("/api/v1/demo/tasks", None),
            ("/", None),
        ];

        for (path, expected) in cases {
            let found = table
                .find("GET", path)
                .map(|found| ["user_id", "task_id"].map(|name| found.parameters[name].clone()));
            assert_eq!(
                found,
                expected.map(|values| values.map(String::from)),
                "{path}"
            );
        }
    }

    #[test]
    fn the_more_specific_route_of_the_method_wins() {
        let table = table(&[
            "GET /a/{x}",
            "PUT /a/{x}",
            "GET /a/b",
            "GET /{x}/b",
            "GET /a/b/c",
        ])
        .unwrap();
        let cases = [
            ("GET", "/a/b", "GET /a/b"),
            ("GET", "/a/%62", "GET /a/b"),
            ("GET", "/a/c", "GET /a/{x}"),
            ("PUT", "/a/b", "PUT /a/{x}"),
            ("GET", "/c/b", "GET /{x}/b"),
            ("GET", "/a/b/c", "GET /a/b/c"),
        ];

        for (method, path, expected) in cases {
            assert_eq!(
                key(&table, method, path).as_deref(),
                Some(expected),
                "{method} {path}"
            );
        }
    }

    #[test]
    fn another_method_finds_nothing() {
        let table = table(&["GET /health"]).unwrap();

        assert_eq!(key(&table, "POST", "/health"), None);
    }

    #[test]
    fn the_default_route_takes_what_no_other_route_takes() {
        let routes = table(&["GET /health", " $default"]).unwrap();

        let default = routes.find("POST", "/health").unwrap();
        assert_eq!(default.route.key(), "$default");
        assert!(default.parameters.is_empty());
        assert_eq!(
            key(&routes, "GET", "/health").as_deref(),
            Some("GET /health")
        );
        assert!(table(&[" $default", " $default"]).is_err());
    }

    #[test]
    fn two_routes_for_the_same_requests_are_refused() {
        for second in ["GET /a/{x}", "GET /a/{y}"] {
            assert!(table(&["GET /a/{x}", second]).is_err(), "{second}");
        }
    }
}
