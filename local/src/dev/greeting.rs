//! The first lines that a newcomer reads.

use std::fmt;
use std::io::{self, IsTerminal, Write};

/// What `cargo dev` prints once it serves.
pub(super) struct Greeting<'a> {
    pub(super) url: &'a str,
    /// The address of the database.
    pub(super) database: &'a str,
    pub(super) user: &'a str,
    /// A token for that user.
    pub(super) token: &'a str,
}

impl Greeting<'_> {
    /// Prints it, with its headings in bold on a terminal.
    pub(super) fn print(&self) {
        let mut stdout = io::stdout().lock();
        let text = self.to_string();
        let is_terminal = stdout.is_terminal();
        for line in text.lines() {
            let is_heading = !line.is_empty() && !line.starts_with(' ');
            // stdout may be closed.
            let _ = if is_heading && is_terminal {
                writeln!(stdout, "\x1b[1m{line}\x1b[0m")
            } else {
                writeln!(stdout, "{line}")
            };
        }
    }
}

impl fmt::Display for Greeting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            url,
            database,
            user,
            token,
        } = self;
        write!(
            f,
            "
Serving
  {url}

Documentation, where you can try the API (paste the token below into Authorize)
  {url}/docs

A token for the user {user}, valid for 24 hours (cargo dev token USER prints another)
  {token}

Create a task
  curl {url}/api/v1/{user}/tasks \\
    -H 'authorization: Bearer {token}' \\
    -H 'content-type: application/json' \\
    -d '{{\"title\": \"Buy milk\"}}'

Look at the database
  psql '{database}'

Stop with Ctrl-C. The functions' logs follow.
"
        )
    }
}
