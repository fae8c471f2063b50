//! Makes the files of the site from openapi.yaml, docs/problems.md, pages/ and Swagger UI. It also
//! compresses them, because API Gateway does not, so the function only has to send them.

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
    // Assets come before the pages that refer to them.
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

/// Reads a file of the project, and runs this script again when the file changes.
fn source(path: &str) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={path}");
    read_to_string(path).map_err(|error| format!("{path}: {error}").into())
}

/// Renders Markdown as HTML and makes every heading an anchor, to which the `type` of a problem
/// leads.
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

/// The released archive of Swagger UI.
struct SwaggerUi {
    archive: ZipArchive<Cursor<&'static [u8]>>,
    /// The archive's top folder, which is named after the version.
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

/// The documents so far, as the elements of a Rust array.
struct Site {
    directory: PathBuf,
    documents: String,
    count: usize,
    /// The placeholder of each asset in a page, and the asset's address.
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

    /// Adds an asset of the pages. Its address changes with its content, so caches keep it for a
    /// year.
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

    /// Adds a page and fills in the addresses of its assets.
    fn page(&mut self, path: &str, template: &str) -> Result<(), Box<dyn Error>> {
        let with = |page: String, (name, address): &(String, String)| page.replace(name, address);
        let page = self.assets.iter().fold(template.to_owned(), with);
        if page.contains("{{") {
            return Err(format!("{path} has a placeholder for an unknown asset").into());
        }
        self.document(path, HTML, page.as_bytes())
    }

    /// Adds a document whose content may change while its address stays. Caches revalidate it after
    /// five minutes, and it is sent again only if it has changed.
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
        // Weak, because the compressed and the plain form share it.
        let etag = format!("W/\"{}\"", version(content));
        write!(
            self.documents,
            "SiteFile {{ path: {path:?}, content_type: {content_type:?}, cache_control: {cache_control:?}, \
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

/// A version that changes with the content.
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
