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
    subset::{Layout, Subset, Wanted, listing},
};
use std::process::ExitCode;

/// Rows of a page where nobody says how many.
const PREVIEW_ROWS: usize = 50;

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
    if what.out.is_none() && what.preview_only.is_none() && !what.dry_run {
        return Err(Stop::yours(
            "no folder is named to write into",
            "`--out FOLDER`; or `--dry-run`, which only counts",
        ));
    }
    let dataset = Dataset::open(location).await?;
    let subset = Subset::choose(&dataset, &wanted, layout, Utc::now()).await?;
    tell(&dataset, &subset, progress).await?;
    let manifest = if let Some(file) = &what.preview_only {
        let page = subset.page(what.preview.unwrap_or(PREVIEW_ROWS)).await?;
        std::fs::write(file, page).map_err(|error| {
            Stop::yours(format!("cannot write `{}`: {error}", file.display()), "name a file in a folder that is there")
        })?;
        subset.manifest().clone()
    } else if let Some(out) = what.out.as_deref().filter(|_| !what.dry_run) {
        subset.write(out, what.preview).await?
    } else {
        subset.manifest().clone()
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
async fn tell(dataset: &Dataset, subset: &Subset<'_>, progress: Progress) -> Result<(), Stop> {
    let manifest = subset.manifest();
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
