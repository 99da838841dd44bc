//! A page for people: some rows of a subset with the pictures that were stored, and what all of them are like together.
//!
//! Captions and addresses were written by strangers: they are escaped, and no address is a link, so that the page asks nobody for
//! anything.

use super::{
    chosen::Chosen,
    hash::{Purpose, place},
    layouts::{Picture, Source},
    manifest::Manifest,
    summary::Summary,
};
use crate::{
    Dataset, Error,
    page::{bars, data_uri, histogram, page as whole, table},
};
use futures::TryStreamExt;
use maud::{Markup, html};
use schema::from_batch;

/// Most rows of a page.
const MOST_ROWS: usize = 1_000;

/// A stored picture that is larger is told of and not shown.
const PICTURE_BYTES: usize = 1 << 20;

/// Pictures of one page.
const ALL_BYTES: usize = 32 << 20;

/// Letters of a text that are shown.
const LETTERS: usize = 400;

/// Refuses a page of so many rows if it would have none, or be too long.
pub(super) fn check(shown: usize) -> Result<(), Error> {
    if shown == 0 || shown > MOST_ROWS {
        return Err(Error::Threshold { name: "--preview", value: shown.to_string(), hint: "1 to 1000 rows" });
    }
    Ok(())
}

/// The page of so many rows of `rows`, whose ids are `ids`.
pub(super) async fn page(
    dataset: &Dataset,
    rows: &Chosen,
    ids: &[i64],
    manifest: &Manifest,
    shown: usize,
) -> Result<String, Error> {
    let summary = Summary::of(dataset, rows).await?;
    let some = some(ids, shown, manifest.wanted.seed);
    let columns = Picture::columns();
    let mut stream = some.select(dataset, &columns, Source::Pictures).await?.execute_stream().await?;
    let (mut cards, mut room) = (Vec::new(), ALL_BYTES);
    while let Some(batch) = stream.try_next().await? {
        for row in from_batch::<Picture>(&batch)? {
            cards.push(card(&row, &mut room));
        }
    }
    let body = html! {
        (how(manifest))
        h2 { "Pictures" }
        p.soft { (cards.len()) " of " (ids.len()) " rows, by chance (seed " (manifest.wanted.seed) ")." }
        div.cards { @for card in &cards { (card) } }
        (together(&summary, ids.len()))
    };
    Ok(whole("A subset, as it would be trained on", &body))
}

/// So many by chance: the same each time, and a part of any larger number.
fn some(ids: &[i64], most: usize, seed: u64) -> Chosen {
    let mut ids = ids.to_vec();
    if most < ids.len() {
        ids.select_nth_unstable_by_key(most, |id| place(*id, seed, Purpose::Preview));
        ids.truncate(most);
    }
    Chosen::new(ids)
}

fn how(manifest: &Manifest) -> Markup {
    let steps: Vec<Vec<String>> = manifest
        .steps
        .iter()
        .map(|step| vec![step.step.clone(), step.dropped.to_string(), step.left.to_string()])
        .collect();
    html! {
        p { "Layout " b { (manifest.layout.name()) } ", cut from version " (manifest.dataset_version) " of dataset " (manifest.dataset.table)
            ": " (manifest.written) " of " (manifest.seen) " rows." }
        @if let Some(condition) = &manifest.wanted.condition { pre { (condition) } }
        @for recipe in &manifest.recipes {
            p { "Recipe " b { (recipe.name) } ": " (recipe.about) "." @if let Some(differs) = &recipe.differs { " What differs: " (differs) "." } }
        }
        @for note in &manifest.notes { p { (note) } }
        @if !steps.is_empty() { (table(&["step", "dropped", "left"], &steps)) }
    }
}

fn card(row: &Picture, room: &mut usize) -> Markup {
    let stored = row.image.as_deref();
    let shown = stored.filter(|image| image.len() <= PICTURE_BYTES.min(*room));
    if let Some(image) = shown {
        *room -= image.len();
    }
    let score = |name: &str, value: Option<f32>| value.map(|value| format!("{name} {value:.3}"));
    let scores =
        [score("similarity", Some(row.similarity)), score("aesthetic", row.aesthetic), score("punsafe", row.punsafe)];
    let scores: Vec<String> = scores.into_iter().flatten().collect();
    html! {
        div.card {
            @match (shown, stored) {
                (Some(image), _) => img src=(data_uri(image)) alt="";
                (None, Some(image)) => p.soft { "stored, but too large for this page: " (image.len()) " bytes" }
                (None, None) => p.soft { "no picture is stored" }
            }
            p { (shortened(&row.text)) }
            p.soft { (row.width) " × " (row.height) " · " (scores.join(" · ")) }
            p.soft { (row.license.as_deref().unwrap_or("no licence stated")) " · " (row.language.as_deref().unwrap_or("language not told")) }
            p.soft { (shortened(&row.url)) }
            @if !row.page_url.is_empty() { p.soft { "on " (shortened(&row.page_url)) } }
        }
    }
}

fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(LETTERS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn together(summary: &Summary, rows: usize) -> Markup {
    let counts = |rows: &[(String, u64)]| -> Vec<(String, f64)> {
        rows.iter().map(|(name, count)| (name.clone(), *count as f64)).collect()
    };
    let sides: Vec<(String, u64)> = summary.sides.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    html! {
        h2 { "All " (rows) " rows" }
        @for (name, scores) in &summary.scores {
            h2 { (name) }
            @match scores.bars() {
                Some((low, high, bars)) => {
                    (histogram(low, high, &bars))
                    p.soft { (scores.known) " of " (rows) " rows have it." }
                }
                None => p.soft { "No row has it." }
            }
        }
        h2 { "Shorter side" }
        (bars(&counts(&sides)))
        @for (name, different, top) in summary.frequent(20) {
            h2 { (name) }
            (bars(&counts(&top)))
            @if different > top.len() { p.soft { "The " (top.len()) " most frequent of " (different) "." } }
        }
    }
}
