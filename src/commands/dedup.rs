//! `dedup`: near-duplicates across hosts and runs, marked.

use crate::{
    cli::{self, Format},
    exit::{Stop, json, print},
};
use chrono::Utc;
use index::dedup::{Asked, Deduplicated, Settings, dedup};
use std::process::ExitCode;

/// Finds near-duplicates, marks them unless it is a dry run, and prints what that came to.
pub(crate) async fn run(what: &cli::Dedup) -> Result<ExitCode, Stop> {
    let settings = Settings {
        max_distance: what.max_distance,
        min_cosine: what.min_cosine,
        embedding_cosine: what.embedding_cosine,
    };
    let command: Vec<String> = std::env::args().collect();
    let asked = Asked { command: command.join(" "), at: Utc::now() };
    let found = dedup(&what.dataset, settings, &asked, what.dry_run).await?;
    print(&match what.output.format {
        Format::Json => json(&found)?,
        Format::Csv => csv(&found),
        Format::Table => table(&found, what.dry_run),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn csv(found: &Deduplicated) -> String {
    let Deduplicated { searched, version, samples, clusters, near_duplicates, changed, files } = found;
    let version = version.map(|version| version.to_string()).unwrap_or_default();
    format!(
        "searched,version,samples,clusters,near_duplicates,changed,files\n\
         {searched},{version},{samples},{clusters},{near_duplicates},{changed},{files}\n"
    )
}

fn table(found: &Deduplicated, dry_run: bool) -> String {
    let Deduplicated { searched, version, samples, clusters, near_duplicates, changed, files } = found;
    let end = match version {
        Some(version) => format!("{changed:>9}  marks changed, in {files} files: version {version}\n"),
        None if dry_run => format!("{changed:>9}  marks would change, in {files} files; nothing was written\n"),
        None => "           the marks stand already; nothing was written\n".to_owned(),
    };
    format!(
        "{samples:>9}  samples in version {searched}\n\
         {clusters:>9}  clusters of pictures that look alike\n\
         {near_duplicates:>9}  near-duplicates in them, beside the picture that each is called by\n{end}"
    )
}
