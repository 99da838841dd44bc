//! `compact`, `vacuum`, `versions`: a dataset's upkeep.

use crate::{
    cli::{self, Format},
    exit::{Stop, json, print},
};
use chrono::{TimeDelta, Utc};
use index::upkeep::{self, Asked, Cleared, Keep, Merged, Sizes, Vacuumed, Version};
use std::process::ExitCode;

/// Merges small files and prints what that came to.
pub(crate) async fn compact(what: &cli::Compact) -> Result<ExitCode, Stop> {
    let sizes = Sizes { rows: what.rows, bytes: what.bytes };
    let done = upkeep::compact(&what.dataset, sizes, &asked(), what.dry_run).await?;
    let tables = [("samples", done.samples), ("ledger", done.ledger)];
    print(&match what.output.format {
        Format::Json => json(&done)?,
        Format::Csv => {
            let row = |(name, Merged { version, before, after, rows }): (&str, Merged)| {
                format!("{name},{},{before},{after},{rows}\n", version.map(|v| v.to_string()).unwrap_or_default())
            };
            "table,version,files_before,files_after,rows\n".to_owned() + &tables.map(row).concat()
        }
        Format::Table => {
            let line = |(name, Merged { version, before, after, rows }): (&str, Merged)| match version {
                Some(version) => format!("{name:>9}  {before} files became {after}, {rows} rows: version {version}\n"),
                None if before > after => format!("{name:>9}  {before} files would become {after}, {rows} rows\n"),
                None => format!("{name:>9}  {before} files, nothing to merge\n"),
            };
            tables.map(line).concat()
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Deletes what no kept version reads and prints what that came to.
pub(crate) async fn vacuum(what: &cli::Vacuum) -> Result<ExitCode, Stop> {
    let asked = asked();
    let keep = match (&what.keep_versions, &what.older_than) {
        (Some(versions), _) => Keep::Versions(*versions),
        (None, Some(age)) => {
            let since = asked.at.checked_sub_signed(age_of(age)?);
            Keep::Since(since.ok_or_else(|| no_age(age))?)
        }
        // The command line has asked for one of them.
        (None, None) => Keep::Versions(u64::MAX),
    };
    let done = upkeep::vacuum(&what.dataset, keep, &asked, what.dry_run).await?;
    print(&match what.output.format {
        Format::Json => json(&done)?,
        Format::Csv => {
            let row = |(name, Cleared { files, strays, bytes }): (&str, Cleared)| {
                format!("{name},{files},{strays},{bytes}\n")
            };
            let rows = [("samples", done.samples), ("ledger", done.ledger)].map(row).concat();
            format!("table,files,strays,bytes\n{rows}")
        }
        Format::Table => table(&done, what.dry_run),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn table(done: &Vacuumed, dry_run: bool) -> String {
    let verb = if dry_run { "would be deleted" } else { "deleted" };
    let line = |(name, Cleared { files, strays, bytes }): (&str, Cleared)| {
        format!("{name:>9}  {files} files that no kept version reads and {strays} strays {verb}, {bytes} bytes\n")
    };
    let mut text = [("samples", done.samples), ("ledger", done.ledger)].map(line).concat();
    text += &format!("           versions {} to {} are kept\n", done.kept_from, done.latest);
    if !done.unreadable.is_empty() {
        let versions: Vec<String> = done.unreadable.iter().map(u64::to_string).collect();
        text += &format!("           no longer to be read whole: {}\n", versions.join(", "));
    }
    if let Some(version) = done.version {
        text += &format!("           version {version} tells of it\n");
    }
    text
}

/// Prints the versions of a dataset.
pub(crate) async fn versions(what: &cli::Versions) -> Result<ExitCode, Stop> {
    let versions = upkeep::versions(&what.dataset).await?;
    print(&match what.output.format {
        Format::Json => json(&versions)?,
        Format::Csv => {
            let row = |version: &Version| {
                let [time, run, counts] = told(version);
                let Version { commit, rows, files, whole } = version;
                format!("{},{time},{},{run},{rows},{files},{whole},\"{counts}\"\n", commit.version, commit.operation)
            };
            let rows: String = versions.iter().map(row).collect();
            format!("version,time,operation,run,rows,files,whole,counts\n{rows}")
        }
        Format::Table => {
            let line = |version: &Version| {
                let [time, run, counts] = told(version);
                let Version { commit, rows, files, whole } = version;
                let end = if *whole { "" } else { "  (files are gone)" };
                let number = commit.version;
                let operation = &commit.operation;
                format!(
                    "{number:>7}  {time}  {operation:<12}  {run:<24}  {rows:>9} rows  {files:>5} files  {counts}{end}\n"
                )
            };
            versions.iter().map(line).collect()
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

fn told(version: &Version) -> [String; 3] {
    let commit = &version.commit;
    let time = commit.at.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default();
    let counts: Vec<String> = commit.counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    [time, commit.run.clone().unwrap_or_default(), counts.join(" ")]
}

fn asked() -> Asked {
    let command: Vec<String> = std::env::args().collect();
    Asked { command: command.join(" "), at: Utc::now() }
}

fn no_age(text: &str) -> Stop {
    Stop::yours(format!("`{text}` is no age"), "write it as `7d`, `12h`, `30m` or `10s`")
}

/// `7d`, `12h`, `30m`, `10s`.
fn age_of(text: &str) -> Result<TimeDelta, Stop> {
    let wrong = || no_age(text);
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: i64 = text.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
    let age = match unit {
        'd' => TimeDelta::try_days(number),
        'h' => TimeDelta::try_hours(number),
        'm' => TimeDelta::try_minutes(number),
        's' => TimeDelta::try_seconds(number),
        _ => None,
    };
    age.filter(|age| *age >= TimeDelta::zero()).ok_or_else(wrong)
}
