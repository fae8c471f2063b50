//! Entries of the corpus and their mutations.

use std::fs;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::harness::root;

/// The files in a folder of the corpus, by name.
pub fn files(folder: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(root().join("tests/corpus").join(folder)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{folder} is empty");
    paths
        .into_iter()
        .map(|path| fs::read(path).unwrap())
        .collect()
}

/// The lines of a file in the corpus.
pub fn lines(file: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("tests/corpus").join(file)).unwrap();
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    assert!(!lines.is_empty(), "{file} is empty");
    lines
}

/// One change to an entry.
#[derive(Clone, Debug)]
enum Mutation {
    Replace {
        at: Index,
        by: u8,
    },
    Insert {
        at: Index,
        text: Vec<u8>,
    },
    Remove {
        from: Index,
        to: Index,
    },
    Repeat {
        from: Index,
        to: Index,
        times: usize,
    },
    /// The first part of one entry and the last part of another.
    Splice {
        at: Index,
        other: Vec<u8>,
        from: Index,
    },
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let range = |from: &Index, to: &Index, len: usize| {
            let (one, other) = (from.index(len + 1), to.index(len + 1));
            one.min(other)..one.max(other)
        };
        let len = bytes.len();
        match self {
            Self::Replace { at, by } if len > 0 => bytes[at.index(len)] = *by,
            Self::Replace { by, .. } => bytes.push(*by),
            Self::Insert { at, text } => {
                let at = at.index(len + 1);
                bytes.splice(at..at, text.iter().copied());
            }
            Self::Remove { from, to } => drop(bytes.drain(range(from, to, len))),
            Self::Repeat { from, to, times } => {
                let range = range(from, to, len);
                let repeated = bytes[range.clone()].repeat(*times);
                bytes.splice(range, repeated);
            }
            Self::Splice { at, other, from } => {
                bytes.truncate(at.index(len + 1));
                bytes.extend_from_slice(&other[from.index(other.len() + 1)..]);
            }
        }
    }
}

fn mutation(corpus: Vec<Vec<u8>>, words: Vec<&'static str>) -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    let word = prop_oneof![
        3 => select(words).prop_map(|word| word.as_bytes().to_vec()),
        1 => any::<char>().prop_map(|char| char.to_string().into_bytes()),
    ];
    prop_oneof![
        2 => (at(), any::<u8>()).prop_map(|(at, by)| Mutation::Replace { at, by }),
        4 => (at(), word).prop_map(|(at, text)| Mutation::Insert { at, text }),
        2 => (at(), at()).prop_map(|(from, to)| Mutation::Remove { from, to }),
        1 => (at(), at(), 2..9_usize).prop_map(|(from, to, times)| Mutation::Repeat { from, to, times }),
        1 => (at(), select(corpus), at()).prop_map(|(at, other, from)| Mutation::Splice { at, other, from }),
    ]
}

/// The maximum number of changes to an entry: few enough that many results are accepted.
const CHANGES: [usize; 8] = [0, 0, 1, 1, 1, 2, 3, 5];

/// Entries of the corpus with up to five changes; mostly `words` are inserted.
pub fn bytes(
    corpus: Vec<Vec<u8>>,
    words: &[&'static str],
) -> impl Strategy<Value = Vec<u8>> + use<> {
    let mutations = vec(mutation(corpus.clone(), words.to_vec()), 5);
    (select(corpus), mutations, select(CHANGES.to_vec())).prop_map(
        |(mut bytes, mutations, changes)| {
            for mutation in &mutations[..changes] {
                mutation.apply(&mut bytes);
            }
            bytes
        },
    )
}

/// The same for strings, which is what headers and the query are in an event.
pub fn texts(corpus: Vec<String>, words: &[&'static str]) -> impl Strategy<Value = String> + use<> {
    let corpus = corpus.into_iter().map(String::into_bytes).collect();
    bytes(corpus, words).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// The same for header values: HTTP lets no control character through except a tab.
pub fn header_values(
    corpus: Vec<String>,
    words: &[&'static str],
) -> impl Strategy<Value = String> + use<> {
    texts(corpus, words).prop_map(|text| {
        text.replace(
            |char: char| char < ' ' && char != '\t' || char == '\x7f',
            "",
        )
    })
}
