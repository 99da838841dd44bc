//! `pinakes`: builds image-text datasets from the open web, consent first.
//!
//! This crate is wiring only: it reads the command line, hands work to the rooms of the house,
//! prints what they say, and turns the outcome into an exit code.

mod cli;
mod commands;
mod demo;
mod exit;
mod library;
mod metrics;
mod progress;
mod run;

use clap::Parser;
use std::process::ExitCode;

/// Thousands of connections, each with buffers that grow and go, are this allocator's case (`make bench-fetch`).
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => {
            // Help and version are asked for; anything else the user can mend.
            let code = u8::from(told.use_stderr());
            return match told.print() {
                Ok(()) => ExitCode::from(code),
                Err(_) => ExitCode::SUCCESS,
            };
        }
    };
    start_log(cli.verbose);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return exit::Stop::ours(error.into()).report(),
    };
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = commands::run(cli) => outcome,
            _ = tokio::signal::ctrl_c() => Err(exit::Stop::interrupted()),
        }
    });
    // Downloads in flight have nothing left to say; blocking work ends with the process.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code,
        Err(stop) => stop.report(),
    }
}

/// Warnings and worse go to stderr, more with `--verbose`; `PINAKES_LOG` overrides both.
fn start_log(verbose: bool) {
    let default = if verbose { "info" } else { "error" };
    let filter = tracing_subscriber::EnvFilter::try_from_env("PINAKES_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(default));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
