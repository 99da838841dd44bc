//! `optout receipts`: what was done on request, and whether it holds.

use super::quoted;
use crate::{
    cli::{Format, OptoutReceipts},
    exit::{Stop, json, print},
};
use index::{
    Dataset,
    optout::{PublicKey, Signed, Verified, verify},
};
use std::{path::Path, process::ExitCode};

/// Lists receipts, or verifies them: fails where one does not hold.
pub(super) async fn run(what: &OptoutReceipts) -> Result<ExitCode, Stop> {
    let dataset = Dataset::open(&what.dataset).await?;
    let ids = match &what.id {
        Some(id) => vec![id.clone()],
        None => Signed::ids(dataset.store()).await?,
    };
    if !what.verify {
        return list(&dataset, &ids, what.output.format).await;
    }
    let by = what.public_key.as_deref().map(public_key).transpose()?;
    let mut all = Vec::new();
    for id in &ids {
        all.push(verify(&dataset, id, by.as_ref()).await?);
    }
    print(&match what.output.format {
        Format::Json => json(&all)?,
        Format::Csv => csv(&all),
        Format::Table => all.iter().map(table).collect(),
    })?;
    let wrong: Vec<&Verified> = all.iter().filter(|verified| verified.problem().is_some()).collect();
    let Some(first) = wrong.first() else { return Ok(ExitCode::SUCCESS) };
    let problem = format!(
        "{} of {} receipts do not hold; `{}`: {}",
        wrong.len(),
        all.len(),
        first.id,
        first.problem().unwrap_or_default()
    );
    Err(Stop::yours(problem, "`pinakes optout apply` with the same request takes out what is there again"))
}

fn public_key(path: &Path) -> Result<PublicKey, Stop> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Stop::yours(format!("key `{shown}` cannot be read: {error}"), "name the key that signs receipts")
    })?;
    PublicKey::parse(&text).map_err(|error| Stop::from(error).context(format!("key `{shown}`")))
}

async fn list(dataset: &Dataset, ids: &[String], format: Format) -> Result<ExitCode, Stop> {
    let mut all = Vec::new();
    for id in ids {
        let signed = Signed::read(dataset.store(), id).await?;
        all.push(signed.ok_or_else(|| index::Error::NoReceipt(id.clone()))?);
    }
    let mut text = match format {
        Format::Json => json(&all)?,
        Format::Csv => "id,at,entries,samples,ledger,fingerprint\n".to_owned(),
        Format::Table => format!("{:>7} {:>9} {:>9}  takedown\n", "entries", "samples", "ledger"),
    };
    for Signed { receipt, signature } in &all {
        let (id, at, entries) = (&receipt.id, receipt.at.to_rfc3339(), receipt.request.count);
        let rows = |table: &str| {
            let changes = receipt.tables.iter().filter(|change| change.table == table);
            changes.map(|change| change.rows).sum::<u64>()
        };
        let (samples, ledger) = (rows("samples"), rows("ledger"));
        match format {
            Format::Json => {}
            Format::Csv => {
                text += &format!("{},{at},{entries},{samples},{ledger},{}\n", quoted(id), signature.fingerprint);
            }
            Format::Table => text += &format!("{entries:>7} {samples:>9} {ledger:>9}  {id}\n"),
        }
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn csv(all: &[Verified]) -> String {
    let mut text = "id,what,problem\n".to_owned();
    for verified in all {
        for looked in &verified.looked {
            let problem = quoted(looked.problem.as_deref().unwrap_or_default());
            text += &format!("{},{},{problem}\n", quoted(&verified.id), looked.what);
        }
    }
    text
}

fn table(verified: &Verified) -> String {
    let by = verified.fingerprint.as_ref().map(|fingerprint| format!(", signed by {fingerprint}")).unwrap_or_default();
    let mut text = format!("{}{by}\n", verified.id);
    for looked in &verified.looked {
        text += &match &looked.problem {
            None => format!("  ✔ {}\n", looked.what),
            Some(problem) => format!("  ✖ {}: {problem}\n", looked.what),
        };
    }
    text
}
