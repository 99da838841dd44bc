//! `optout check`: am I in it?

use crate::{
    cli::{Format, OptoutCheck},
    exit::{Stop, print},
};
use consent::OptOutList;
use index::{
    Dataset,
    optout::{self, Checked, Found},
};
use std::process::ExitCode;

/// Prints what the entries of a list name in the dataset. Changes nothing.
pub(crate) async fn check(what: &OptoutCheck) -> Result<ExitCode, Stop> {
    let name = what.list.display().to_string();
    let text = std::fs::read_to_string(&what.list)
        .map_err(|error| Stop::yours(format!("list `{name}` cannot be read: {error}"), "name a list that exists"))?;
    let list = OptOutList::parse(&name, &text)?;
    let dataset = Dataset::open(&what.dataset).await?;
    let checked = optout::check(&dataset, &list).await?;
    print(&match what.output.format {
        Format::Json => {
            let text = serde_json::to_string_pretty(&checked).map_err(|error| Stop::ours(error.into()))?;
            format!("{text}\n")
        }
        Format::Csv => csv(&checked),
        Format::Table => table(&checked, list.len()),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn csv(checked: &Checked) -> String {
    let mut text = "type,value,samples,ledger\n".to_owned();
    for found in &checked.found {
        let value = found.value.replace('"', "\"\"");
        text += &format!("{},\"{value}\",{},{}\n", found.kind, found.samples, found.ledger);
    }
    text
}

fn table(checked: &Checked, entries: usize) -> String {
    let mut text = format!("{:>9} {:>9}  entry\n", "samples", "ledger");
    for found in &checked.found {
        let Found { kind, value, place, samples, ledger } = found;
        text += &format!("{samples:>9} {ledger:>9}  {kind} {value} ({place})\n");
    }
    let Checked { samples, ledger, version, names, .. } = checked;
    text += &format!("{samples:>9} {ledger:>9}  in all, of {entries} entries, in version {version}\n");
    if *names > 0 {
        text += &format!(
            "{names} of them are names, which were not looked for: whether a caption means that person is for somebody to see\n"
        );
    }
    text
}
