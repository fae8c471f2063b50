//! `cargo dev`: the whole API on this computer, without a cloud account. The package `dev` builds
//! this program and the functions, and starts it.

mod dev;

use std::process::ExitCode;

use clap::builder::NonEmptyStringValueParser;
use clap::{Parser, Subcommand};

/// The whole API on this computer, without a cloud account: builds the functions, starts a private
/// PostgreSQL, applies the migrations, and serves the routes of template.yaml.
#[derive(Parser)]
#[command(name = "cargo dev", bin_name = "cargo dev", after_help = ENVIRONMENT)]
struct CargoDev {
    /// The port to serve on, at 127.0.0.1
    #[arg(long, short, value_name = "PORT", default_value_t = 9000)]
    port: u16,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Print a token for a user, valid for 24 hours
    Token {
        /// The user's id, which is the token's subject
        #[arg(value_parser = NonEmptyStringValueParser::new())]
        user: String,
    },
}

const ENVIRONMENT: &str = "\
Environment:
  DATABASE_URL           a database to use instead of the private one in .local/postgres
  DATABASE_URL_UNPOOLED  its direct address, for migrations, if DATABASE_URL is pooled
  BETTER_AUTH_SECRET     the secret that signs tokens; by default a random one, kept in .local/secret
  CORS_ALLOWED_ORIGINS   the origins of your frontends, separated by commas
  RUST_LOG               what the functions log

Every parameter of template.yaml can be set in this way. Remove .local to start afresh.";

fn main() -> ExitCode {
    let arguments = CargoDev::parse();
    let result = match arguments.command {
        None => dev::serve(arguments.port),
        Some(Command::Token { user }) => dev::print_token(&user),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
