//! Everything that an audit tells of a dataset, for one page or one JSON document.

use super::{Audit, By, Question, ScoreTable, Sort, counted::clause, scores};
use crate::{Dataset, Error, Funnel, FunnelStage, Gone, sql, table::Commit};
use arrow_array::{Array, cast::AsArray, types::Int64Type};
use arrow_schema::DataType;
use datafusion::arrow::compute;
use serde::Serialize;

/// A whole audit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Version of Pinakes that made it.
    pub pinakes: &'static str,
    /// The dataset's version.
    pub version: u64,
    /// What that version no longer has.
    pub gone: Gone,
    /// The condition that counts were chosen by; the funnel is of all.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// The stages, over all runs.
    pub funnel: Vec<FunnelStage>,
    /// Rows in the samples.
    pub samples: u64,
    /// Rows in the ledger.
    pub ledger: u64,
    /// Rows taken out since.
    pub removed: u64,
    /// Why the funnel does not add up, if it does not.
    pub problem: Option<String>,
    /// Counts by each side.
    pub audits: Vec<Audit>,
    /// The domains of which most was refused.
    pub most_refused: Audit,
    /// Quantiles and histograms of scores.
    pub scores: ScoreTable,
    /// Samples by the month in which their page was captured.
    pub months: Vec<Month>,
    /// The commits of the samples.
    pub commits: Vec<Commit>,
}

/// Samples whose page was captured in one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Month {
    /// `2024-05`; empty where no time is known.
    pub month: String,
    /// Samples.
    pub samples: u64,
}

/// The sides of which a report tells.
const SIDES: [By; 9] = [
    By::ImageDomain,
    By::PageDomain,
    By::Reason,
    By::Signal,
    By::License,
    By::Language,
    By::Country,
    By::Crawl,
    By::Mime,
];

/// Makes the report of `dataset`, with so many groups of each side.
pub async fn report(dataset: &Dataset, gone: Gone, condition: Option<&str>, top: usize) -> Result<Report, Error> {
    let question =
        |by, sort| Question { condition: condition.map(str::to_owned), top: Some(top), sort, ..Question::by(by) };
    let mut audits = Vec::new();
    for by in SIDES {
        let sort = if by == By::ImageDomain { Sort::Kept } else { Sort::Candidates };
        audits.push(Audit::of(dataset, &question(by, sort), gone).await?);
    }
    let funnel = Funnel::of(dataset).await?;
    Ok(Report {
        pinakes: env!("CARGO_PKG_VERSION"),
        version: dataset.version(),
        gone,
        condition: condition.map(str::to_owned),
        samples: funnel.samples,
        ledger: funnel.ledger,
        removed: funnel.removed,
        problem: funnel.check().err(),
        funnel: funnel.stages(),
        audits,
        most_refused: Audit::of(dataset, &question(By::ImageDomain, Sort::Refused), gone).await?,
        scores: scores(dataset, None, condition).await?,
        months: months(dataset, condition).await?,
        commits: dataset.history().await?,
    })
}

async fn months(dataset: &Dataset, condition: Option<&str>) -> Result<Vec<Month>, Error> {
    let context = dataset.session(None)?;
    let clause = clause(condition)?;
    let query = format!(
        "select month, count(*) as rows from \
         (select cast(date_trunc('month', captured_at) as varchar) as month from samples{clause}) group by month order by month"
    );
    let mut months = Vec::new();
    for batch in sql::plan_in(&context, dataset, &query).await?.collect().await? {
        let names = compute::cast(batch.column(0), &DataType::Utf8)?;
        let (names, counts) = (names.as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
        for row in 0..batch.num_rows() {
            let month = if names.is_null(row) { "" } else { names.value(row) };
            let month = month.get(..7).unwrap_or_default().to_owned();
            months.push(Month { month, samples: counts.value(row).unsigned_abs() });
        }
    }
    Ok(months)
}
