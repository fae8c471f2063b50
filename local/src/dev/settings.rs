//! The functions' configuration.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;

use anyhow::{Context, Result};
use heck::ToShoutySnakeCase;
use local::template::Template;
use shared::runtime::Config;

/// A variable of this process's environment; an empty one counts as missing.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The variables that the functions get from here; they have all others from this process.
pub(super) struct Settings(BTreeMap<&'static str, String>);

impl Settings {
    pub(super) fn new(database: &str, secret: &str) -> Self {
        // Without DATABASE_URL it belongs to another database, which must not be migrated.
        let unpooled = variable("DATABASE_URL").and_then(|_| variable("DATABASE_URL_UNPOOLED"));
        Self(BTreeMap::from([
            ("DATABASE_URL", database.to_owned()),
            (
                "DATABASE_URL_UNPOOLED",
                unpooled.unwrap_or_else(|| database.to_owned()),
            ),
            ("BETTER_AUTH_SECRET", secret.to_owned()),
            ("APP_ENV", "development".to_owned()),
        ]))
    }

    /// Whether the functions will start with their variables.
    pub(super) fn check(&self) -> Result<()> {
        Config::from_lookup(|name| self.value(name))?;
        Ok(())
    }

    pub(super) async fn migrate(&self) -> Result<()> {
        let [pooled, name] = ["DATABASE_URL", "DATABASE_URL_UNPOOLED"];
        let (url, is_pooled) = (&self.0[name], self.0[pooled] != self.0[name]);
        let name = if is_pooled { name } else { pooled };
        let config = url.parse();
        let config = config.with_context(|| format!("{name} is not the address of a database"))?;
        let applied = migrations::apply(&config).await;
        applied.context("the migrations cannot be applied")?;
        Ok(())
    }

    /// The template with its parameters set from here, so that a function has the variables that
    /// the template gives it, and no others. `DatabaseUrl` is `DATABASE_URL`, and so on.
    pub(super) fn template(&self, file: &Path) -> Result<Template> {
        Template::read(file, |name| self.value(&name.to_shouty_snake_case()))
    }

    /// Variables that differ from the template's.
    pub(super) fn overrides(&self) -> BTreeMap<String, String> {
        BTreeMap::from(["APP_ENV"].map(|name| (name.to_owned(), self.0[name].clone())))
    }

    fn value(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned().or_else(|| variable(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_the_variable_of_the_same_name() {
        let variable = "CorsAllowedOrigins".to_shouty_snake_case();
        assert_eq!(variable, "CORS_ALLOWED_ORIGINS");
    }

    #[test]
    fn the_template_gives_the_database_and_the_secret_to_every_function_but_docs() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
        let settings = Settings::new("postgres://here", "secret");

        let template = settings.template(&file).unwrap();

        for function in &template.functions {
            let expected = if function.binary == "docs" {
                ["", ""]
            } else {
                ["postgres://here", "secret"]
            };
            let given = ["DATABASE_URL", "BETTER_AUTH_SECRET"]
                .map(|name| function.environment[name].as_str());
            assert_eq!(given, expected, "{}", function.binary);
        }
    }
}
