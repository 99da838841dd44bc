//! What was found, as one HTML page for whoever asked.

use super::{
    Checked, Likes, Named,
    named::{Columns, Hit, Hosts},
    pictures::By,
    texts::Candidate,
};
use crate::{Dataset, Error, page, sql};
use arrow_array::{Array, cast::AsArray, types::Int64Type};
use futures::TryStreamExt;
use maud::{Markup, html};
use std::collections::{BTreeMap, HashMap};

/// Rows shown of each entry, name or picture.
const SHOWN: usize = 24;
/// Stored pictures shown, and their bytes.
const PICTURES: usize = 400;
const PICTURE_BYTES: usize = 16 * 1024 * 1024;

/// What a page is about.
pub struct Answer<'a> {
    /// What entries named.
    pub checked: &'a Checked,
    /// The entries themselves.
    pub named: &'a Named,
    /// Rows whose texts hold a name.
    pub candidates: &'a [Candidate],
    /// What is alike to somebody's own pictures.
    pub likes: &'a [Likes],
}

/// A row as it is shown.
struct Shown {
    id: i64,
    url: String,
    page_url: String,
    text: String,
    note: String,
}

/// Makes the page.
pub async fn page_of(dataset: &Dataset, answer: &Answer<'_>) -> Result<String, Error> {
    let mut groups: Vec<(String, Vec<Shown>)> = examples(dataset, answer.named).await?;
    let mut by_name: BTreeMap<&str, Vec<Shown>> = BTreeMap::new();
    for found in answer.candidates {
        let shown = by_name.entry(&found.name).or_default();
        if shown.len() < SHOWN {
            let how = if found.without_accents { ", if accents are left out" } else { "" };
            let note = format!("name in `{}` of the {}{how}", found.found_in, found.table);
            let (url, page_url) = (found.url.clone(), found.page_url.clone());
            shown.push(Shown { id: found.id, url, page_url, text: found.excerpt.clone(), note });
        }
    }
    groups.extend(by_name.into_iter().map(|(name, shown)| (format!("The name {name}: to be looked at"), shown)));
    for likes in answer.likes {
        let shown = likes.found.iter().take(SHOWN).map(|like| {
            let cosine = like.cosine.map(|cosine| format!(", cosine {cosine:.3}")).unwrap_or_default();
            let note = match like.by {
                By::Bytes => "the same bytes".to_owned(),
                By::Looks => format!("looks the same: {} bits differ{cosine}", like.distance),
                By::Embedding => format!("near by embedding{cosine}"),
            };
            let (url, page_url) = (like.url.clone(), like.page_url.clone());
            Shown { id: like.id, url, page_url, text: like.text.clone(), note }
        });
        groups.push((format!("Your picture {}", likes.name), shown.collect()));
    }
    let ids: Vec<i64> = groups.iter().flat_map(|(_, shown)| shown.iter().map(|row| row.id)).take(PICTURES).collect();
    let stored = stored(dataset, &ids).await?;
    Ok(page::page("Am I in it?", &body(answer, &groups, &stored)))
}

fn body(answer: &Answer<'_>, groups: &[(String, Vec<Shown>)], stored: &HashMap<i64, String>) -> Markup {
    let Checked { samples, ledger, searched, found, .. } = answer.checked;
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|found| {
            vec![format!("{} {}", found.kind, found.value), found.samples.to_string(), found.ledger.to_string()]
        })
        .collect();
    html! {
        p {
            "Looked through all " (searched.samples) " samples and " (searched.ledger) " rows of the ledger of version "
            (searched.samples_version) ", and " (searched.older_files) " files of older versions. The dataset has "
            (searched.standing) " standing opt-outs."
        }
        p { (samples) " samples and " (ledger) " rows of the ledger are named." }
        @if !rows.is_empty() { (page::table(&["entry", "samples", "ledger"], &rows)) }
        @for (title, shown) in groups {
            h2 { (title) }
            @if shown.is_empty() { p class="soft" { "Nothing was found." } }
            div class="cards" { @for row in shown { (card(row, stored.get(&row.id))) } }
        }
    }
}

fn card(row: &Shown, picture: Option<&String>) -> Markup {
    html! {
        div class="card" {
            @if let Some(picture) = picture { img src=(picture) alt=""; }
            div { (row.note) }
            div { (row.text) }
            // Not links: whoever opens the page asks nobody by a slip.
            div class="soft" { "picture: " (row.url) }
            @if !row.page_url.is_empty() { div class="soft" { "page: " (row.page_url) } }
            div class="soft" { "id " (row.id) }
        }
    }
}

/// The first samples that each entry names.
async fn examples(dataset: &Dataset, named: &Named) -> Result<Vec<(String, Vec<Shown>)>, Error> {
    let mut found: BTreeMap<Hit, Vec<Shown>> = BTreeMap::new();
    let columns = ["id", "url", "page_url", "text", "sha256", "phash"];
    let mut hosts = Hosts::default();
    for file in dataset.samples().files()? {
        let mut batches = dataset.samples().rows_of(&file, Some(&columns)).await?;
        while let Some(batch) = batches.try_next().await? {
            let (rows, texts) = (Columns::of(&batch)?, batch.column(3).as_string::<i32>());
            for row in 0..batch.num_rows() {
                let facts = rows.facts(row);
                let Some(hit) = named.hit(&facts, &mut hosts) else { continue };
                let note = format!("named by {} {}", hit.kind, hit.value);
                let shown = found.entry(hit).or_default();
                if shown.len() < SHOWN {
                    let (url, page_url) = (facts.url.to_owned(), facts.page_url.to_owned());
                    let text = texts.value(row).to_owned();
                    shown.push(Shown { id: facts.id.unwrap_or_default(), url, page_url, text, note });
                }
            }
        }
    }
    Ok(found.into_iter().map(|(hit, shown)| (format!("{} {}", hit.kind, hit.value), shown)).collect())
}

/// The stored pictures of these rows, as addresses that hold them.
async fn stored(dataset: &Dataset, ids: &[i64]) -> Result<HashMap<i64, String>, Error> {
    let mut stored = HashMap::new();
    if ids.is_empty() {
        return Ok(stored);
    }
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    let query = format!("select id, image from samples where image is not null and id in ({})", ids.join(", "));
    let mut bytes = 0;
    for batch in sql::run(dataset, &query).await? {
        let (ids, images) = (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_binary::<i32>());
        for row in (0..batch.num_rows()).filter(|row| images.is_valid(*row)) {
            let image = images.value(row);
            bytes += image.len();
            if bytes > PICTURE_BYTES {
                return Ok(stored);
            }
            stored.insert(ids.value(row), page::data_uri(image));
        }
    }
    Ok(stored)
}
