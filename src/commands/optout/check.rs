//! `optout check`: am I in it?

use super::{asking::Request, pictures, quoted, review, rewrite};
use crate::{
    cli::{Format, OptoutCheck},
    exit::{Stop, json, print},
};
use index::{
    Dataset,
    optout::{
        self, Answer, By, Candidate, Checked, Found, HeldIn, InSubset, Likes, Named, Searched, check_subset,
        find_names, page_of,
    },
};
use serde::Serialize;
use std::{process::ExitCode, sync::Arc};

/// Rows that are shown of each name and picture; files and pages have them all, or more of them.
const SHOWN: usize = 10;

/// All that was found.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    checked: Checked,
    /// Not looked for by a dry run: names take out nothing.
    candidates: Option<Vec<Candidate>>,
    #[serde(flatten)]
    pictures: Option<pictures::Found>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subsets: Vec<InSubset>,
}

impl Told {
    fn candidates(&self) -> &[Candidate] {
        self.candidates.as_deref().unwrap_or_default()
    }
}

/// Prints what is found in the dataset. Changes nothing.
pub(super) async fn run(what: &OptoutCheck) -> Result<ExitCode, Stop> {
    let request = Request::read(&what.asking)?;
    if request.named.is_empty() && what.own.pictures.is_none() {
        return Err(Stop::yours(
            "nothing is asked about",
            "name a list, or `--domain`, `--url`, `--name`, `--pictures`, …",
        ));
    }
    let dataset = Dataset::open(&what.dataset).await?;
    let pictures = match &what.own.pictures {
        Some(folder) => Some(pictures::find(&dataset, folder, &what.own).await?),
        None => None,
    };
    let named = Arc::new(request.named);
    let checked = optout::check(&dataset, &named).await?;
    let mut subsets = Vec::new();
    for folder in &what.subset {
        subsets.push(check_subset(folder, &named, Some(&dataset)).await?);
    }
    let candidates = Some(find_names(&dataset, named.list()).await?);
    let told = Told { checked, candidates, pictures, subsets };
    let likes: &[Likes] = told.pictures.as_ref().map_or(&[], |found| &found.pictures);
    if let Some(file) = &what.review {
        review::write(file, told.candidates(), likes)?;
    }
    if let Some(file) = &what.page {
        let answer = Answer { checked: &told.checked, named: &named, candidates: told.candidates(), likes };
        let page = page_of(&dataset, &answer).await?;
        std::fs::write(file, page).map_err(|error| {
            Stop::yours(
                format!("page `{}` cannot be written: {error}", file.display()),
                "name a file that can be written",
            )
        })?;
    }
    print(&match what.output.format {
        Format::Json => json(&told)?,
        Format::Csv => csv(&told),
        Format::Table => table(&told, named.len()),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What would go, for `apply --dry-run`.
pub(super) async fn dry(dataset: &Dataset, named: Named, format: Format) -> Result<ExitCode, Stop> {
    let entries = named.len();
    let checked = optout::check(dataset, &Arc::new(named)).await?;
    let told = Told { checked, candidates: None, pictures: None, subsets: Vec::new() };
    print(&match format {
        Format::Json => json(&told)?,
        Format::Csv => csv(&told),
        Format::Table => format!("{}nothing was written\n", table(&told, entries)),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn csv(told: &Told) -> String {
    let mut text = "type,value,samples,ledger\n".to_owned();
    for found in &told.checked.found {
        text += &format!("{},{},{},{}\n", found.kind, quoted(&found.value), found.samples, found.ledger);
    }
    let mut names: Vec<&str> = told.candidates().iter().map(|found| found.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let rows =
            |table: &str| told.candidates().iter().filter(|found| found.name == name && found.table == table).count();
        text += &format!("name,{},{},{}\n", quoted(name), rows("samples"), rows("ledger"));
    }
    for likes in told.pictures.iter().flat_map(|found| &found.pictures) {
        text += &format!("picture,{},{},0\n", quoted(&likes.name), likes.found.len());
    }
    text
}

fn table(told: &Told, entries: usize) -> String {
    let checked = &told.checked;
    let mut text = String::new();
    if entries > 0 {
        text += &format!("{:>9} {:>9}  entry\n", "samples", "ledger");
    }
    for found in &checked.found {
        let Found { kind, value, place, samples, ledger } = found;
        // Options of the command line have no lines.
        let place = if place.starts_with("--") { place.split(':').next().unwrap_or_default() } else { place.as_str() };
        text += &format!("{samples:>9} {ledger:>9}  {kind} {value} ({place})\n");
    }
    let Checked { samples, ledger, version, names, searched, .. } = checked;
    if entries > 0 {
        text += &format!("{samples:>9} {ledger:>9}  in all, of {entries} entries, in version {version}\n");
    }
    text += &by_domain(checked);
    for table in ["samples", "ledger"] {
        text += &files(checked, table);
    }
    match &told.candidates {
        Some(candidates) if *names > 0 => text += &of_names(candidates, *names),
        None if *names > 0 => {
            text += &format!("{names} names of persons take out nothing: `optout check --review` is for them\n");
        }
        _ => {}
    }
    for likes in told.pictures.iter().flat_map(|found| &found.pictures) {
        text += &of_picture(likes);
    }
    for (name, problem) in told.pictures.iter().flat_map(|found| &found.unreadable) {
        text += &format!("`{name}` was not looked for: {problem}\n");
    }
    if let Some(note) = told.pictures.as_ref().and_then(|found| found.note.as_ref()) {
        text += &format!("{note}\n");
    }
    for subset in &told.subsets {
        text += &rewrite::told_of(subset);
    }
    text + &looked_through(searched)
}

fn of_names(candidates: &[Candidate], names: u64) -> String {
    let mut text =
        format!("{} rows hold one of {names} names, for somebody to look at (`--review FILE`):\n", candidates.len());
    for found in candidates.iter().take(SHOWN) {
        let Candidate { name, table, id, url, found_in, without_accents, excerpt, .. } = found;
        let how = if *without_accents { ", accents left out" } else { "" };
        text += &format!("  {name}: {table} {id}, {found_in}{how}, {url}\n    {excerpt}\n");
    }
    if candidates.len() > SHOWN {
        text += &format!("  and {} more\n", candidates.len() - SHOWN);
    }
    text
}

fn of_picture(likes: &Likes) -> String {
    let Likes { name, found, more, hash_says_nothing, .. } = likes;
    let mut text = format!("picture `{name}`: {} found\n", found.len() as u64 + more);
    for like in found.iter().take(SHOWN) {
        let cosine = like.cosine.map(|cosine| format!(", cosine {cosine:.3}")).unwrap_or_default();
        let how = match like.by {
            By::Bytes => "the same bytes".to_owned(),
            By::Looks => format!("{} bits differ{cosine}", like.distance),
            By::Embedding => format!("near by embedding{cosine}"),
        };
        text += &format!("  {how}: {} {}\n", like.id, like.url);
    }
    if found.len() > SHOWN {
        text += &format!("  and {} more\n", (found.len() - SHOWN) as u64 + more);
    }
    if *hash_says_nothing > 0 {
        text += &format!(
            "  {hash_says_nothing} samples share its hash, or nearly, which says nothing: it is flat, or one of a crowd\n"
        );
    }
    text
}

/// The domains with the most samples that are named.
fn by_domain(checked: &Checked) -> String {
    const MOST: usize = 10;
    let mut domains: Vec<(&String, &u64)> = checked.domains.iter().collect();
    domains.sort_by(|one, other| other.1.cmp(one.1).then(one.0.cmp(other.0)));
    let shown = domains.iter().take(MOST).map(|(domain, rows)| format!("{domain} {rows}"));
    let more = domains.len().saturating_sub(MOST);
    match domains.len() {
        0 => String::new(),
        many if many > MOST => {
            format!("pictures' domains: {}, and {more} more\n", shown.collect::<Vec<_>>().join(", "))
        }
        _ => format!("pictures' domains: {}\n", shown.collect::<Vec<_>>().join(", ")),
    }
}

fn files(checked: &Checked, table: &str) -> String {
    let held: Vec<&HeldIn> = checked.files.iter().filter(|file| file.table == table).collect();
    if held.is_empty() {
        return String::new();
    }
    let current = held.iter().filter(|file| file.current).count();
    let mut text = format!(
        "{table}: versions {} hold such rows; {current} files would be written anew, {} of older versions deleted\n",
        stretches(&checked.versions(table)),
        held.len() - current
    );
    for HeldIn { path, rows, bytes, current, .. } in held.iter().take(SHOWN) {
        let how = if *current { "" } else { ", of an older version" };
        text += &format!("  {path}: {rows} rows, {bytes} bytes{how}\n");
    }
    if held.len() > SHOWN {
        text += &format!("  and {} more: `--format json` has all\n", held.len() - SHOWN);
    }
    text
}

/// `1 to 4, 6`.
pub(super) fn stretches(versions: &[(u64, u64)]) -> String {
    let told = |(first, last): &(u64, u64)| {
        if first == last { first.to_string() } else { format!("{first} to {last}") }
    };
    versions.iter().map(told).collect::<Vec<_>>().join(", ")
}

/// So that "nothing" means something.
pub(super) fn looked_through(searched: &Searched) -> String {
    let Searched { samples_version, samples, ledger, older_files, standing, .. } = searched;
    format!(
        "looked through all {samples} samples and {ledger} rows of the ledger of version {samples_version}, and {older_files} \
         files of older versions; {standing} standing opt-outs\n"
    )
}
