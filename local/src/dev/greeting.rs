//! The first lines that a newcomer reads.

use std::io::{self, Write};

/// Prints what `cargo dev` serves, with a token for `user`.
pub(super) fn print(url: &str, database: &str, user: &str, token: &str) {
    // stdout may be closed.
    let _ = writeln!(
        io::stdout(),
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
    );
}
