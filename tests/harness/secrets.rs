//! Secrets in requests: remembered while a test runs, and searched for in the log when it ends.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// Shorter secrets are in a log by chance.
const MIN_CHARS: usize = 6;

/// The most that are remembered in one test: each is searched for in the whole log.
const MAX: usize = 300;

/// Tokens, keys, search terms and the texts of tasks.
#[derive(Default)]
pub struct Secrets(BTreeSet<String>);

impl Secrets {
    /// Remembers the secrets of a request.
    pub fn remember(&mut self, path: &str, headers: &[(String, String)], body: &[u8]) {
        for (name, value) in headers {
            match name.as_str() {
                // The whole token, and each of its parts.
                "authorization" => value
                    .split([' ', '.'])
                    .skip(1)
                    .for_each(|part| self.add(part)),
                "idempotency-key" => self.add(value),
                _ => {}
            }
        }
        let query = path.split_once('?').map_or("", |(_, query)| query);
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            if ["q", "tag", "cursor"].contains(&name) {
                self.add(&percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy());
            }
        }
        if let Ok(body) = serde_json::from_slice(body) {
            self.add_texts(&body, false);
        }
    }

    fn add_texts(&mut self, value: &Value, secret: bool) {
        match value {
            Value::String(text) if secret => self.add(text),
            Value::Array(items) => items.iter().for_each(|item| self.add_texts(item, secret)),
            Value::Object(members) => {
                for (name, member) in members {
                    self.add_texts(
                        member,
                        ["title", "description", "tags"].contains(&name.as_str()),
                    );
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, text: &str) {
        // As it appears in the JSON of a log line.
        let escaped = Value::from(text.trim()).to_string();
        if text.trim().chars().count() >= MIN_CHARS && self.0.len() < MAX {
            self.0.insert(escaped[1..escaped.len() - 1].to_owned());
        }
    }

    /// A secret that is in the log, and its line.
    pub fn leaked<'a>(&'a self, log: &'a [String]) -> Option<(&'a str, &'a str)> {
        log.iter().find_map(|line| {
            let leaked = self.0.iter().find(|secret| line.contains(secret.as_str()));
            leaked.map(|secret| (secret.as_str(), line.as_str()))
        })
    }
}
