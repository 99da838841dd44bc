//! Ready recipes: conditions that others published, by name, with where they come from and what of them cannot be had here.

use super::wanted::Score;
use crate::{Dataset, Error, sql};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

const TABLE: &str = include_str!("recipes.toml");

/// A ready recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Its name on the command line.
    pub name: String,
    /// What it asks for, in words.
    pub about: String,
    /// The condition, in SQL.
    #[serde(rename = "where", default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The share of the best that it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_fraction: Option<f64>,
    /// The score of that share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Score>,
    /// Scores without which it would choose nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// Models whose scores it was made for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Where its definition stands.
    pub source: String,
    /// What of that cannot be applied here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub differs: Option<String>,
}

#[derive(Deserialize)]
struct Table {
    recipes: Vec<Recipe>,
}

/// All of them.
pub fn recipes() -> Result<Vec<Recipe>, Error> {
    let problem = |error: toml::de::Error| Error::Record { name: "recipes.toml".into(), problem: error.to_string() };
    Ok(toml::from_str::<Table>(TABLE).map_err(problem)?.recipes)
}

/// All of them, for people.
pub fn listing() -> Result<String, Error> {
    let mut text = String::new();
    for recipe in recipes()? {
        let _ = writeln!(text, "{}\n  {}", recipe.name, recipe.about);
        if let Some(condition) = &recipe.condition {
            let words: Vec<&str> = condition.split_whitespace().collect();
            let _ = writeln!(text, "  where   {}", words.join(" "));
        }
        if let (Some(share), Some(by)) = (recipe.top_fraction, recipe.by) {
            let _ = writeln!(text, "  takes   the best {share} by {}", by.column());
        }
        if !recipe.models.is_empty() {
            let _ = writeln!(text, "  model   {}", recipe.models.join(" or "));
        }
        let _ = writeln!(text, "  source  {}", recipe.source);
        if let Some(differs) = &recipe.differs {
            let _ = writeln!(text, "  differs {differs}");
        }
        text.push('\n');
    }
    Ok(text)
}

/// Those called so, in the order of their names.
pub(super) fn named(names: &[String]) -> Result<Vec<Recipe>, Error> {
    let all = recipes()?;
    let mut found: Vec<Recipe> = Vec::new();
    for name in names {
        let Some(recipe) = all.iter().find(|recipe| recipe.name == *name) else {
            let near = schema::nearest(name, all.iter().map(|recipe| recipe.name.as_str()));
            let hint = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            let hint = format!("{hint}`pinakes subset --recipe list` shows them all");
            return Err(Error::Recipe { name: name.clone(), problem: "there is none".into(), hint });
        };
        if !found.contains(recipe) {
            found.push(recipe.clone());
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Refuses a recipe whose scores the dataset does not have, and tells of one whose scores come from another model.
pub(super) async fn check(dataset: &Dataset, recipes: &[Recipe]) -> Result<Vec<String>, Error> {
    let columns = dataset.columns()?;
    let rows = dataset.samples().rows()?;
    let mut notes = Vec::new();
    for recipe in recipes {
        for score in &recipe.needs {
            // Of a dataset without rows nothing can be said.
            if !columns.contains(score) || (rows > 0 && none_has(dataset, score).await?) {
                let problem = format!("no row of this dataset has `{score}`");
                let hint = "name a head for it in the model's `model.toml` (README, \"Heads\") and run again, or choose by other columns \
                            with `--where`"
                    .to_owned();
                return Err(Error::Recipe { name: recipe.name.clone(), problem, hint });
            }
        }
        if let Some(note) = other_models(dataset, recipe).await? {
            notes.push(note);
        }
    }
    Ok(notes)
}

async fn none_has(dataset: &Dataset, column: &str) -> Result<bool, Error> {
    let found = sql::run(dataset, &format!("select id from samples where \"{column}\" is not null limit 1")).await?;
    Ok(found.iter().all(|batch| batch.num_rows() == 0))
}

async fn other_models(dataset: &Dataset, recipe: &Recipe) -> Result<Option<String>, Error> {
    if recipe.models.is_empty() {
        return Ok(None);
    }
    let known = super::models(dataset).await?;
    let others: Vec<String> =
        known.into_iter().filter(|model| !recipe.models.iter().any(|wanted| super::is_model(model, wanted))).collect();
    Ok((!others.is_empty()).then(|| {
        let (others, wanted) = (others.join("`, `"), recipe.models.join("` or `"));
        format!(
            "recipe `{}`: its thresholds are those of `{wanted}`, and rows here were scored by `{others}`",
            recipe.name
        )
    }))
}
