//! Which route a request takes.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::template::{DEFAULT_ROUTE, Route};

/// The routes of an API.
pub(crate) struct RouteTable(Vec<Pattern>);

struct Pattern {
    route: Route,
    segments: Vec<Segment>,
}

/// In the order in which they are preferred.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Segment {
    Literal(String),
    Variable(String),
    Greedy(String),
}

/// A route that was found, and its path parameters, percent-decoded.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Match<'a> {
    pub(super) route: &'a Route,
    pub(super) parameters: BTreeMap<String, String>,
}

impl RouteTable {
    pub(crate) fn new(routes: Vec<Route>) -> Self {
        let patterns = routes.into_iter().map(|route| {
            let segments = split(&route.path).map(Segment::parse).collect();
            Pattern { route, segments }
        });
        Self(patterns.collect())
    }

    /// The route for a request: the most specific one for its path and method; one for the method itself
    /// before one for `ANY`; `$default` in the end. `path` is still encoded, so that `%2F` separates
    /// nothing.
    ///
    /// Documented: a full match comes before one with a greedy variable, and that before `$default`. Only
    /// observed: literal segments come before variables, and a variable takes no empty segment.
    pub(super) fn find(&self, method: &str, path: &str) -> Option<Match<'_>> {
        let segments: Vec<&str> = split(path).collect();
        let for_method =
            |route: &&Pattern| route.route.method == method || route.route.method == "ANY";
        let fallback = |pattern: &&Pattern| pattern.route.path == DEFAULT_ROUTE;
        self.0
            .iter()
            .filter(|pattern| !fallback(pattern))
            .filter(for_method)
            .filter_map(|pattern| Some((pattern, pattern.parameters(&segments)?)))
            .min_by_key(|(pattern, _)| (pattern.kinds(), pattern.route.method == "ANY"))
            .map(|(pattern, parameters)| Match {
                route: &pattern.route,
                parameters,
            })
            .or_else(|| {
                let pattern = self.0.iter().find(fallback)?;
                Some(Match {
                    route: &pattern.route,
                    parameters: BTreeMap::new(),
                })
            })
    }
}

impl Pattern {
    /// The parameters, if the path is one of this pattern's.
    fn parameters(&self, path: &[&str]) -> Option<BTreeMap<String, String>> {
        let mut parameters = BTreeMap::new();
        for (index, segment) in self.segments.iter().enumerate() {
            let value = path.get(index)?;
            match segment {
                Segment::Literal(literal) if decoded(value) == *literal => {}
                Segment::Variable(name) if !value.is_empty() => {
                    parameters.insert(name.clone(), decoded(value));
                }
                Segment::Greedy(name) if !value.is_empty() => {
                    parameters.insert(name.clone(), decoded(&path[index..].join("/")));
                    return Some(parameters);
                }
                _ => return None,
            }
        }
        (path.len() == self.segments.len()).then_some(parameters)
    }

    /// How specific each segment is; less is more specific.
    fn kinds(&self) -> Vec<u8> {
        let kind = |segment: &Segment| match segment {
            Segment::Literal(_) => 0,
            Segment::Variable(_) => 1,
            Segment::Greedy(_) => 2,
        };
        self.segments.iter().map(kind).collect()
    }
}

impl Segment {
    fn parse(text: &str) -> Self {
        match text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
        {
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Self::Greedy(name.to_owned()),
                None => Self::Variable(name.to_owned()),
            },
            None => Self::Literal(text.to_owned()),
        }
    }
}

fn split(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

/// Percent-decoded; as it is when that is no UTF-8.
pub(super) fn decoded(text: &str) -> String {
    percent_decode_str(text)
        .decode_utf8()
        .map_or_else(|_| text.to_owned(), Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(keys: &[&str]) -> RouteTable {
        let route = |key: &&str| {
            let (method, path) = key.split_once(' ').unwrap_or(("ANY", key));
            Route {
                method: method.into(),
                path: path.into(),
                function: "f".into(),
            }
        };
        RouteTable::new(keys.iter().map(route).collect())
    }

    fn key(table: &RouteTable, method: &str, path: &str) -> Option<String> {
        table.find(method, path).map(|found| found.route.key())
    }

    #[test]
    fn a_parameter_is_one_segment_and_decoded() {
        let table = table(&["GET /api/v1/{user_id}/tasks/{task_id}"]);
        let cases = [
            ("/api/v1/demo/tasks/1", Some(["demo", "1"])),
            ("/api/v1/a%2Fb/tasks/%C3%BC", Some(["a/b", "ü"])),
            ("/api/v1/100%25/tasks/%2541", Some(["100%", "%41"])),
            ("/api/v1/%FF/tasks/a+b", Some(["%FF", "a+b"])),
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
    fn the_more_specific_route_wins() {
        let table = table(&[
            "$default",
            "ANY /{proxy+}",
            "GET /a/{x}",
            "ANY /a/{x}",
            "GET /a/b",
            "GET /{x}/b",
        ]);
        let cases = [
            ("GET", "/a/b", "GET /a/b"),
            ("GET", "/a/%62", "GET /a/b"),
            ("GET", "/a/c", "GET /a/{x}"),
            ("PUT", "/a/b", "ANY /a/{x}"),
            ("GET", "/c/b", "GET /{x}/b"),
            ("GET", "/a/b/c", "ANY /{proxy+}"),
            ("GET", "/", "$default"),
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
    fn a_greedy_parameter_is_the_rest_of_the_path() {
        let table = table(&["GET /files/{path+}"]);

        let found = table.find("GET", "/files/a/b%20c/").unwrap();

        assert_eq!(found.parameters["path"], "a/b c/");
        assert_eq!(key(&table, "GET", "/files/"), None);
    }

    #[test]
    fn another_method_finds_nothing() {
        let table = table(&["GET /health"]);

        assert_eq!(key(&table, "POST", "/health"), None);
    }
}
