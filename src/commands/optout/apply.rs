//! `optout apply`: take me out.

use super::{asking::Request, check, key, quoted, review};
use crate::{
    cli::{Format, OptoutApply},
    exit::{Stop, json, print},
};
use chrono::Utc;
use index::{
    Dataset,
    optout::{Asked, EntryKind, Signed, TableChange, done_before, is_flat, take_down},
};
use std::{path::Path, process::ExitCode, sync::Arc};

/// Takes out what is asked and prints the receipt; with `--dry-run` says what would go.
pub(super) async fn run(what: &OptoutApply) -> Result<ExitCode, Stop> {
    let mut request = Request::read(&what.asking)?;
    if let Some(file) = &what.review {
        let shown = file.display().to_string();
        request.decide(&shown, review::decided(file)?)?;
    }
    if request.entries.is_empty() {
        let problem = match request.names() {
            0 if what.review.is_some() => "no row of the review is marked `yes`".to_owned(),
            0 => "nothing is named that could be taken out".to_owned(),
            names => format!("nothing is named but {names} names of persons, which take out nothing by themselves"),
        };
        return Err(Stop::yours(
            problem,
            "name a list, or `--domain`, `--url`, …; `optout check --review` is for names",
        ));
    }
    if let Some(flat) = request.entries.iter().find(|entry| entry.kind == EntryKind::Phash && is_flat(&entry.value)) {
        let problem = format!("`{}` is the hash of a flat picture: it would take out everybody's", flat.value);
        return Err(Stop::yours(
            problem,
            "name the picture by its SHA-256, or look with `optout check --pictures --review`",
        ));
    }
    let dataset = Dataset::open(&what.dataset).await?;
    if what.dry_run {
        return check::dry(&dataset, request.named, what.output.format).await;
    }
    let names = request.names();
    let (list, list_sha256) = request.list.clone().unzip();
    let asked = Asked {
        entries: request.entries,
        names,
        list,
        list_sha256,
        policy: consent::POLICY_VERSION.to_owned(),
        at: Utc::now(),
    };
    if let Some(signed) = done_before(dataset.store(), &asked).await?
        && index::optout::check(&dataset, &Arc::new(request.named)).await?.files.is_empty()
    {
        print(&text(&signed, "was done before, and nothing has come in since", what.output.format)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let folder = dataset.store().url().to_file_path().unwrap_or_else(|()| what.dataset.clone().into());
    let key = key::find(what.key.as_deref(), &folder)?;
    if key.is_new {
        tell_of(&key.path, &key.key.public().fingerprint());
    }
    let signed = take_down(&what.dataset, &asked, &key.key).await?;
    print(&text(&signed, "is done", what.output.format)?)?;
    Ok(ExitCode::SUCCESS)
}

fn tell_of(path: &Path, fingerprint: &str) {
    eprintln!("made a key to sign receipts with: `{}`, {fingerprint}; keep it", path.display());
}

fn text(signed: &Signed, how: &str, format: Format) -> Result<String, Stop> {
    Ok(match format {
        Format::Json => json(signed)?,
        Format::Csv => csv(signed),
        Format::Table => table(signed, how),
    })
}

fn csv(signed: &Signed) -> String {
    let mut text = "id,table,before,after,rows,removed,written\n".to_owned();
    for change in &signed.receipt.tables {
        let TableChange { table, before, after, rows, removed, written, .. } = change;
        let (removed, written) = (removed.len(), written.len());
        text += &format!("{},{table},{before},{after},{rows},{removed},{written}\n", quoted(&signed.receipt.id));
    }
    text
}

fn table(signed: &Signed, how: &str) -> String {
    let receipt = &signed.receipt;
    let mut text = format!("takedown `{}` {how}\n", receipt.id);
    for change in &receipt.tables {
        let TableChange { table, before, after, rows, versions, removed, written } = change;
        text += &format!(
            "{rows:>9}  rows taken out of the {table}: version {before} to {after}, {} files deleted, {} written\n",
            removed.len(),
            written.len()
        );
        if !versions.is_empty() {
            let told = check::stretches(versions);
            text += &format!("           versions {told} held such rows, and can no longer be read whole\n");
        }
    }
    text += &format!(
        "           nothing is left: every file was looked through; `{}` keeps them out of later publishes\n\
         \x20          receipt: `_optout/receipts/{}.json`, signed by {}\n",
        receipt.standing.path, receipt.id, signed.signature.fingerprint
    );
    if receipt.request.names > 0 {
        text += &format!(
            "           {} names of persons took out nothing: `optout check --review` is for them\n",
            receipt.request.names
        );
    }
    text
}
