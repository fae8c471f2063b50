//! Makes the files of the site from openapi.yaml, docs/problems.md, pages/ and Swagger UI, and compresses them: API
//! Gateway does not, and the function only has to hand them out.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs::{read_to_string, write};
use std::io::{Cursor, Read, Write as _};
use std::path::PathBuf;

use flate2::write::GzEncoder;
use flate2::{Compression, Crc};
use pulldown_cmark::{CowStr, Event, Parser, Tag, html};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

const CSS: &str = "text/css; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const JSON: &str = "application/json";
const PNG: &str = "image/png";
const TEXT: &str = "text/plain; charset=utf-8";

fn main() -> Result<(), Box<dyn Error>> {
    let mut site = Site::new()?;
    let mut swagger_ui = SwaggerUi::open()?;
    // What pages refer to comes before them.
    site.asset(
        "swagger-ui.css",
        CSS,
        &swagger_ui.read("dist/swagger-ui.css")?,
    )?;
    site.asset(
        "swagger-ui.js",
        JAVASCRIPT,
        &swagger_ui.read("dist/swagger-ui-bundle.js")?,
    )?;
    site.asset("swagger-ui-license.txt", TEXT, &swagger_ui.read("LICENSE")?)?;
    site.asset(
        "favicon.png",
        PNG,
        &swagger_ui.read("dist/favicon-32x32.png")?,
    )?;
    site.asset("site.css", CSS, source("pages/site.css")?.as_bytes())?;
    site.asset("start.js", JAVASCRIPT, source("pages/start.js")?.as_bytes())?;

    let openapi: serde_json::Value = serde_saphyr::from_str(&source("../openapi.yaml")?)?;
    site.document("/openapi.json", JSON, openapi.to_string().as_bytes())?;
    site.page("/docs", &source("pages/docs.html")?)?;
    let problems = rendered(&source("../docs/problems.md")?);
    site.page(
        "/docs/problems",
        &source("pages/problems.html")?.replace("{{problems}}", &problems),
    )?;
    site.finish()
}

/// A file of the project; when it changes, this is run again.
fn source(path: &str) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={path}");
    read_to_string(path).map_err(|error| format!("{path}: {error}").into())
}

/// Markdown as HTML, whose second headings are anchors: `type` of each problem leads to one.
fn rendered(markdown: &str) -> String {
    let mut events: Vec<_> = Parser::new(markdown).collect();
    for index in 1..events.len() {
        let (before, after) = events.split_at_mut(index);
        if let (Some(Event::Start(Tag::Heading { id, .. })), Some(Event::Text(text))) =
            (before.last_mut(), after.first())
        {
            *id = Some(CowStr::clone(text));
        }
    }
    let mut page = String::new();
    html::push_html(&mut page, events.into_iter());
    page
}

/// The archive of Swagger UI, as it was released.
struct SwaggerUi {
    archive: ZipArchive<Cursor<&'static [u8]>>,
    /// Named after the version.
    folder: String,
}

impl SwaggerUi {
    fn open() -> Result<Self, Box<dyn Error>> {
        let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
        let folder = archive.by_index(0)?.name()?.into_owned();
        Ok(Self { archive, folder })
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, Box<dyn Error>> {
        let mut content = Vec::new();
        self.archive
            .by_name(&format!("{}{path}", self.folder))?
            .read_to_end(&mut content)?;
        Ok(content)
    }
}

/// The documents so far, as elements of an array in Rust.
struct Site {
    directory: PathBuf,
    documents: String,
    count: usize,
    /// What stands for each asset in a page, and its address.
    assets: Vec<(String, String)>,
}

impl Site {
    fn new() -> Result<Self, Box<dyn Error>> {
        let directory = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?.into();
        Ok(Self {
            directory,
            documents: String::new(),
            count: 0,
            assets: Vec::new(),
        })
    }

    /// What belongs to pages, under an address that changes with it: kept for a year.
    fn asset(
        &mut self,
        name: &str,
        content_type: &str,
        content: &[u8],
    ) -> Result<(), Box<dyn Error>> {
        let path = format!("/docs/{name}");
        self.assets.push((
            format!("{{{{{name}}}}}"),
            format!("{path}?{}", version(content)),
        ));
        self.add(
            &path,
            content_type,
            "public, max-age=31536000, immutable",
            content,
        )
    }

    /// A page, with the addresses of its assets.
    fn page(&mut self, path: &str, template: &str) -> Result<(), Box<dyn Error>> {
        let with = |page: String, (name, address): &(String, String)| page.replace(name, address);
        let page = self.assets.iter().fold(template.to_owned(), with);
        if page.contains("{{") {
            return Err(format!("{path} refers to what there is not").into());
        }
        self.document(path, HTML, page.as_bytes())
    }

    /// What changes under an address that does not: it is asked for again after some minutes, and only sent if it has.
    fn document(
        &mut self,
        path: &str,
        content_type: &str,
        content: &[u8],
    ) -> Result<(), Box<dyn Error>> {
        self.add(path, content_type, "public, max-age=300", content)
    }

    fn add(
        &mut self,
        path: &str,
        content_type: &str,
        cache_control: &str,
        content: &[u8],
    ) -> Result<(), Box<dyn Error>> {
        let file = format!("{}.gz", self.count);
        self.count += 1;
        write(self.directory.join(&file), gzip(content)?)?;
        // Weak: the same for what is sent compressed and for what is not.
        let etag = format!("W/\"{}\"", version(content));
        write!(
            self.documents,
            "Document {{ path: {path:?}, content_type: {content_type:?}, cache_control: {cache_control:?}, \
             etag: {etag:?}, gzip: include_bytes!({file:?}) }},"
        )?;
        Ok(())
    }

    fn finish(self) -> Result<(), Box<dyn Error>> {
        Ok(write(
            self.directory.join("documents.rs"),
            format!("[{}]", self.documents),
        )?)
    }
}

/// Changes when the content does.
fn version(content: &[u8]) -> String {
    let mut crc = Crc::new();
    crc.update(content);
    format!("{:08x}", crc.sum())
}

fn gzip(content: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}
