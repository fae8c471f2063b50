//! What the functions are configured with.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;

use local::template::{Template, TemplateError};
use shared::runtime::Config;

use super::DevError;

/// A variable of our own environment; an empty one counts as missing.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

pub(super) struct Environment {
    /// The address of the database.
    pub(super) database: String,
    /// The same, not pooled, for migrations.
    unpooled: String,
    /// The secret that signs tokens.
    pub(super) secret: String,
}

impl Environment {
    pub(super) fn new(database: String, secret: String) -> Self {
        // One that belongs to another DATABASE_URL must not be migrated.
        let unpooled = variable("DATABASE_URL").and_then(|_| variable("DATABASE_URL_UNPOOLED"));
        Self {
            unpooled: unpooled.unwrap_or_else(|| database.clone()),
            database,
            secret,
        }
    }

    /// Whether the functions would start with the variables that they are going to have.
    pub(super) fn check(&self) -> Result<(), DevError> {
        let overrides = Self::overrides();
        Config::from_lookup(|name| overrides.get(name).cloned().or_else(|| self.value(name)))?;
        Ok(())
    }

    pub(super) async fn migrate(&self) -> Result<(), DevError> {
        let name = if self.unpooled == self.database {
            "DATABASE_URL"
        } else {
            "DATABASE_URL_UNPOOLED"
        };
        let config = self
            .unpooled
            .parse()
            .map_err(|source| DevError::DatabaseUrl { name, source })?;
        migrations::apply(&config).await?;
        Ok(())
    }

    /// The template with its parameters as they are here, so that a function has the variables that the
    /// template gives it, and no others. Each parameter has the name of a variable in another spelling.
    pub(super) fn template(&self, file: &Path) -> Result<Template, TemplateError> {
        let parameters = Template::parameters(file)?;
        let given = parameters.into_iter().filter_map(|parameter| {
            let value = self.value(&screaming_snake_case(&parameter))?;
            Some((parameter, value))
        });
        Template::read(file, &given.collect())
    }

    /// What is not as the template has it.
    pub(super) fn overrides() -> BTreeMap<String, String> {
        [("APP_ENV".to_owned(), "development".to_owned())].into()
    }

    fn value(&self, variable_name: &str) -> Option<String> {
        match variable_name {
            "DATABASE_URL" => Some(self.database.clone()),
            "DATABASE_URL_UNPOOLED" => Some(self.unpooled.clone()),
            "BETTER_AUTH_SECRET" => Some(self.secret.clone()),
            other => variable(other),
        }
    }
}

/// `DatabaseUrl` as `DATABASE_URL`.
fn screaming_snake_case(name: &str) -> String {
    let mut result = String::new();
    for (index, letter) in name.char_indices() {
        if index > 0 && letter.is_ascii_uppercase() {
            result.push('_');
        }
        result.push(letter.to_ascii_uppercase());
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_has_the_name_of_its_variable() {
        assert_eq!(
            screaming_snake_case("CorsAllowedOrigins"),
            "CORS_ALLOWED_ORIGINS"
        );
    }

    #[test]
    fn every_function_but_docs_gets_the_database_and_the_secret_through_the_template() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
        let environment = Environment::new("postgres://here".into(), "secret".into());

        let template = environment.template(&file).unwrap();

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
