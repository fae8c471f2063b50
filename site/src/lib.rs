//! The site that the function `docs` serves: openapi.yaml as JSON, a page on which to try the API,
//! and the page of problems.
//!
//! `build.rs` makes and compresses the files, so that the binary holds each [`SiteFile`] once and a
//! request costs no work. The site has its own crate so that only the function `docs` contains it.

mod answer;
mod redirect;

pub use answer::{Answer, Visit};

/// A file of the site.
#[derive(Debug)]
pub struct SiteFile {
    /// The path at which it is served.
    pub path: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    cache_control: &'static str,
    /// A weak entity tag.
    etag: &'static str,
    gzip: &'static [u8],
}

/// All files of the site.
pub static DOCUMENTS: &[SiteFile] = &include!(concat!(env!("OUT_DIR"), "/documents.rs"));

impl SiteFile {
    /// The file at this path.
    #[must_use]
    pub fn at(path: &str) -> Option<&'static Self> {
        DOCUMENTS.iter().find(|document| document.path == path)
    }
}
