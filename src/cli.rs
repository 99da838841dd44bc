//! The command line.

mod audit;
mod dedup;
mod optout;
mod search;
mod sql;
mod subset;
mod upkeep;

pub(crate) use audit::{Audit, AuditFormat, AuditSort};
pub(crate) use dedup::Dedup;
pub(crate) use optout::{Asking, Optout, OptoutApply, OptoutCheck, OptoutReceipts, OptoutRewrite, OwnPictures};
pub(crate) use search::{Encoder, Index, Search};
pub(crate) use sql::{Sql, SqlFormat};
pub(crate) use subset::Subset;
pub(crate) use upkeep::{Compact, Vacuum, Versions};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{net::SocketAddr, path::PathBuf};

/// Builds image-text datasets from the open web, consent first.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "Begin with `pinakes demo`: the whole job, offline, in a few minutes.\n\
    Exit codes: 0 done, 1 you can mend it, 2 we failed, 3 finished with some tasks failed, 130 interrupted."
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// No progress on stderr
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// More about what is going on, on stderr
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The whole job offline: a small web on loopback, real photographs, every kind of opt-out
    Demo {
        /// Folder to work in
        #[arg(long, default_value = "pinakes-demo")]
        dir: PathBuf,
    },
    /// All stages, from archives or lists of URLs to dataset; goes on where an earlier run stopped
    Run(Watched),
    /// Stage 1: archives or lists of URLs to candidates
    Extract(Watched),
    /// Stage 2: asks the hosts of the pages, where pages are known
    Admit(Watched),
    /// Stage 3: asks the hosts of the images, downloads what nobody objects to
    Fetch {
        #[command(flatten)]
        work: Watched,
        /// Begins a later round: asks again for what came to such an end in a round that is done
        #[arg(long, value_enum, value_name = "WHAT")]
        retry: Option<Retry>,
    },
    /// Stage 4: scores pictures and texts, applies the thresholds
    Score(Watched),
    /// Stage 5: writes the dataset
    Publish(Watched),
    /// Moves thresholds of `[keep]` on a run that is scored, without its pictures or its model, and publishes again
    Rescore(Job),
    /// Lists the open tasks of a stage, one JSON object a line
    Tasks {
        #[command(flatten)]
        job: Job,
        /// extract, admit, fetch, score or publish
        stage: String,
    },
    /// Does one task and prints its report: what a cluster engine calls
    Task {
        #[command(flatten)]
        work: Watched,
        /// extract, admit, fetch, score or publish
        stage: String,
        /// The task's key, from `pinakes tasks`
        key: String,
    },
    /// May we? Evaluates recorded cases, or explains a page or picture to its owner
    Consent {
        #[command(subcommand)]
        action: Consent,
    },
    /// Cuts a training subset out of a dataset
    Subset(Subset),
    /// Marks near-duplicates across hosts and runs in the column `cluster`; deletes nothing
    Dedup(Dedup),
    /// Who contributed, who was refused and why; what changed, and the path of one picture
    Audit(Box<Audit>),
    /// For artists and site owners: am I in it, take me out
    Optout {
        #[command(subcommand)]
        action: Optout,
    },
    /// The nearest pictures to a text, a picture or a row, by the embeddings of a dataset
    Search(Search),
    /// Makes the index that `search` is faster by, or brings it up to date; worth it above a million rows
    Index(Index),
    /// SQL on a dataset's samples, ledger, runs, versions and opt-outs
    Sql(Sql),
    /// Merges small files into few of healthy size; changes no row
    Compact(Compact),
    /// Deletes the files that no kept version of a dataset reads
    Vacuum(Vacuum),
    /// The versions of a dataset: when, what made each, what it holds
    Versions(Versions),
    /// Models: which there are, and which are on this machine
    Models {
        #[command(subcommand)]
        action: Models,
    },
    /// Whether this machine is ready, item by item
    Doctor {
        /// A configuration to check as well
        config: Option<PathBuf>,
        /// ONNX Runtime's shared library
        #[arg(long, value_name = "LIBRARY")]
        onnxruntime: Option<PathBuf>,
    },
}

/// A run's configuration.
#[derive(Args, Clone, Debug)]
pub(crate) struct Job {
    /// Configuration file (TOML); see `configs/` for commented ones
    pub(crate) config: PathBuf,
    /// Overrides one setting; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<String>,
    /// Takes so many archives of each listing or pattern; short for `--set input.sample=N`
    #[arg(long, value_name = "N")]
    pub(crate) sample: Option<usize>,
    /// ONNX Runtime's shared library; overrides `score.onnxruntime`
    #[arg(long, value_name = "LIBRARY")]
    pub(crate) onnxruntime: Option<PathBuf>,
}

/// What a later round of fetch asks for again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Retry {
    /// Failures of the moment: no connection, no answer, 429 and 5xx, hosts that were let alone
    Transient,
    /// Refusals and pictures that were gone, if that is longer ago than `fetch.answers_last`
    Expired,
}

/// A run's configuration, for what works on it for a while.
#[derive(Args, Clone, Debug)]
pub(crate) struct Watched {
    #[command(flatten)]
    pub(crate) job: Job,
    /// Serves metrics for Prometheus while it runs, at `http://ADDRESS/metrics`: `127.0.0.1:9187`
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics: Option<SocketAddr>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Models {
    /// What is known by name, and what is in the cache: embedding family, licence, size, whether it was verified
    List {
        #[command(flatten)]
        library: Shelf,
        #[command(flatten)]
        output: Output,
    },
    /// Brings a model from its hub into the cache, verified; goes on where an earlier pull broke off
    Pull {
        /// A name out of `pinakes models list`
        name: String,
        /// Takes the files from this folder, laid out as the hub's repository, and asks nobody
        #[arg(long, value_name = "DIR", conflicts_with = "mirror")]
        from: Option<PathBuf>,
        /// Address of a mirror of the hub; overrides `models.hub` and `HF_ENDPOINT`. `HF_TOKEN` is sent there, and to no host
        /// that it leads to
        #[arg(long, value_name = "URL")]
        mirror: Option<String>,
        #[command(flatten)]
        library: Shelf,
    },
    /// Reads all files of models in the cache and holds them against their digests
    Verify {
        /// One model; all that are in the cache without it
        name: Option<String>,
        #[command(flatten)]
        library: Shelf,
        #[command(flatten)]
        output: Output,
    },
    /// Takes a folder with a model.toml, as `tools/export_clip.py` makes it, into the cache under its name, verified
    Add {
        /// The folder
        folder: PathBuf,
        #[command(flatten)]
        library: Shelf,
    },
}

/// Where models are looked for.
#[derive(Args, Clone, Debug)]
pub(crate) struct Shelf {
    /// Folder of the cache; overrides `models.cache` and `PINAKES_MODELS`
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
    /// Configuration whose `[models]` is used; the defaults without it
    #[arg(long, value_name = "CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Overrides one setting, such as `models.registry=mine.toml`; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Consent {
    /// JSON lines in, JSON lines out: a verdict with its evidence per case
    Eval {
        /// File of cases, one JSON object a line; standard input without it
        file: Option<PathBuf>,
    },
    /// What we would do with a page or picture and why, and how its owner would be heard more clearly
    Explain(Explain),
}

#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// A page or picture: `https://example.com/gallery`
    pub(crate) url: String,
    /// Looks the page up in this WARC file and asks nobody
    #[arg(long, value_name = "FILE")]
    pub(crate) archive: Option<PathBuf>,
    /// Configuration whose agent, consent and fetch settings are used; the defaults without it
    #[arg(long, value_name = "CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Overrides one setting, such as `consent.mode=spec`; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<String>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// How data is printed.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Output {
    /// How data is printed on stdout
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
}

impl From<Format> for index::sql::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Table => Self::Table,
            Format::Csv => Self::Csv,
            Format::Json => Self::Json,
        }
    }
}
