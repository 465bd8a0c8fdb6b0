//! The moonferry program: arguments in, exit code out.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    moonferry::cli::main().await
}
