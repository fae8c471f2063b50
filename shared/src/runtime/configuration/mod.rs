//! The configuration: every environment variable that the functions read, validated together.

mod config;
mod error;
#[cfg(feature = "ssm")]
mod parameter_store;
mod source;
#[cfg(test)]
mod tests;
mod tokens;
mod values;
mod variables;

pub use config::{Config, migration_database, purge};
pub use error::ConfigError;
pub use tokens::TokenConfig;
pub use values::Stage;
