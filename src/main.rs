//! The thin binary: reads the command line and calls the library.

use std::process::ExitCode;

use ci_feed::cli::analyze::{self, AnalyzeArgs};
use clap::Parser;

#[derive(Parser)]
#[command(version, about)]
enum Cli {
    Analyze(AnalyzeArgs),
}

fn main() -> ExitCode {
    let Cli::Analyze(args) = Cli::parse();
    match analyze::run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ci-feed: {error}");
            error.exit_code()
        }
    }
}
