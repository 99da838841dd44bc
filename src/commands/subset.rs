//! `subset`: rows of a dataset in the layout that training code reads.

use crate::{
    cli,
    exit::{Stop, json, print},
    progress::Progress,
};
use chrono::Utc;
use index::{
    Dataset,
    dedup::last_search,
    subset::{Layout, Manifest, Subset, Wanted, listing},
};
use std::{path::Path, process::ExitCode};

/// Rows of a page where nobody says how many.
const PREVIEW_ROWS: usize = 50;

/// What is made of the rows.
enum Goal<'a> {
    Count,
    Page(&'a Path),
    Folder(&'a str),
}

/// Writes the subset, and prints its manifest.
pub(crate) async fn run(what: &cli::Subset, progress: Progress) -> Result<ExitCode, Stop> {
    if what.recipes.iter().any(|name| name == "list") {
        print(&listing()?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let layout: Layout = what
        .layout
        .parse()
        .map_err(|problem: String| Stop::yours(problem, "`pinakes subset --help` says what each is"))?;
    let wanted = wanted(what)?;
    let Some(location) = &what.dataset else {
        return Err(Stop::yours("no dataset is named", "`pinakes subset DATASET --out FOLDER`"));
    };
    let goal = match (&what.preview_only, &what.out) {
        _ if what.dry_run => Goal::Count,
        (Some(file), _) => Goal::Page(file),
        (None, Some(out)) => Goal::Folder(out),
        (None, None) => {
            return Err(Stop::yours(
                "no folder is named to write into",
                "`--out FOLDER`; or `--dry-run`, which only counts",
            ));
        }
    };
    let dataset = Dataset::open(location).await?;
    let at = Utc::now();
    let manifest = match goal {
        Goal::Count => {
            let manifest = Subset::count(&dataset, &wanted, layout, at).await?;
            tell(&dataset, &manifest, progress).await?;
            manifest
        }
        Goal::Page(file) => {
            let subset = Subset::choose(&dataset, &wanted, layout, at).await?;
            tell(&dataset, subset.manifest(), progress).await?;
            let page = subset.page(what.preview.unwrap_or(PREVIEW_ROWS)).await?;
            std::fs::write(file, page).map_err(|error| {
                let problem = format!("cannot write `{}`: {error}", file.display());
                Stop::yours(problem, "name a file in a folder that is there")
            })?;
            subset.manifest().clone()
        }
        Goal::Folder(out) => {
            let subset = Subset::prepare(&dataset, &wanted, layout, at).await?;
            tell(&dataset, subset.manifest(), progress).await?;
            subset.write(out, what.preview).await?
        }
    };
    print(&json(&manifest)?)?;
    Ok(ExitCode::SUCCESS)
}

fn wanted(what: &cli::Subset) -> Result<Wanted, Stop> {
    Ok(Wanted {
        condition: what.condition.clone(),
        recipes: what.recipes.clone(),
        ids: what.ids.clone(),
        urls: what.urls.clone(),
        exclude_ids: what.exclude_ids.clone(),
        exclude_urls: what.exclude_urls.clone(),
        exclude_domains: what.exclude_domains.clone(),
        without_duplicates: what.without_duplicates,
        top_fraction: what.top_fraction,
        by: what.by.parse()?,
        per_domain: what.per_domain,
        per_page_domain: what.per_page_domain,
        by_score: what.by_score.parse()?,
        stratify: what.stratify.as_deref().map(str::parse).transpose()?,
        per_stratum: what.per_stratum,
        sample: what.sample.as_deref().map(str::parse).transpose()?,
        seed: what.seed,
        limit: what.limit,
    })
}

/// What the user should know besides the manifest.
async fn tell(dataset: &Dataset, manifest: &Manifest, progress: Progress) -> Result<(), Stop> {
    for note in &manifest.notes {
        progress.say(note);
    }
    if manifest.without_picture > 0 {
        let (some, all) = (manifest.without_picture, manifest.asked);
        progress.say(&format!("{some} of {all} rows have no stored picture and are left out"));
    }
    for list in manifest.lists.iter().filter(|list| list.unmatched > 0) {
        let (some, all) = (list.unmatched, list.entries - list.repeated);
        progress.say(&format!("`--{}`: {some} of {all} entries name no row", list.option));
    }
    let short = manifest.strata.iter().filter(|stratum| stratum.is_short).count();
    if short > 0 {
        progress.say(&format!("{short} of {} strata have fewer rows than were asked for", manifest.strata.len()));
    }
    if manifest.wanted.without_duplicates
        && let Some((version, false)) = last_search(dataset).await?
    {
        progress.say(&format!(
            "the dataset changed since near-duplicates were looked for (version {version}): rows that came later are not marked"
        ));
    }
    Ok(())
}
