//! `optout check`: am I in it?

use crate::{cli::Format, exit::Stop};
use consent::OptOutList;
use index::{Dataset, optout};
use std::{path::Path, process::ExitCode};

/// Prints what the entries of `list` name in the dataset. Changes nothing.
pub(crate) async fn check(location: &str, list: &Path, format: Format) -> Result<ExitCode, Stop> {
    let name = list.display().to_string();
    let text = std::fs::read_to_string(list)
        .map_err(|error| Stop::yours(format!("list `{name}` cannot be read: {error}"), "name a list that exists"))?;
    let list = OptOutList::parse(&name, &text)?;
    let dataset = Dataset::open(location).await?;
    let checked = optout::check(&dataset, &list).await?;
    match format {
        Format::Json => {
            let text = serde_json::to_string_pretty(&checked).map_err(|error| Stop::ours(error.into()))?;
            println!("{text}");
        }
        Format::Csv => {
            println!("type,value,samples,ledger");
            for found in &checked.found {
                println!("{},\"{}\",{},{}", found.kind, found.value.replace('"', "\"\""), found.samples, found.ledger);
            }
        }
        Format::Table => {
            println!("{:>9} {:>9}  entry", "samples", "ledger");
            for found in &checked.found {
                println!("{:>9} {:>9}  {} {} ({})", found.samples, found.ledger, found.kind, found.value, found.place);
            }
            println!(
                "{:>9} {:>9}  in all, of {} entries, in version {}",
                checked.samples,
                checked.ledger,
                list.len(),
                checked.version
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
