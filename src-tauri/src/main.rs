//! Guildhall: one program, which is a command line on a laptop and a sync server at home.

mod app;
#[cfg(feature = "bridge")]
mod bridge;
mod cli;
mod commands;
#[cfg(unix)]
mod demo;
mod events;
mod failure;
#[cfg(test)]
mod generated;
mod host;
mod sample;
#[cfg(feature = "desktop")]
mod shell;
mod speed;
mod views;
mod words;

use clap::Parser;
use cli::{Cli, output::Output, run};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let out = Output::new(cli.shared.json);
    let filter = EnvFilter::try_from_env("GUILDHALL_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            out.failure(&failure);
            ExitCode::from(failure.code.exit_code())
        }
    }
}
