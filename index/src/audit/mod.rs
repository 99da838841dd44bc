//! Who contributed and who was refused: every candidate of a dataset, counted by one of its sides.

mod by;
mod concentration;
mod count;
mod counted;
mod country;
mod diff;
mod html;
mod report;
mod row;
mod scores;
mod trace;
mod values;

pub use by::By;
pub use concentration::{Concentration, Share, Size};
pub use diff::{Between, Diff, DiffRow, Side as DiffSide, Told, diff};
pub use html::{audit_page, report_page};
pub use report::{Month, Report, report};
pub use row::{AuditRow, Reached, Reasons};
pub use scores::{Quantiles, ScoreTable, scores};
pub use trace::{Came, OptedOut, RunTold, Trace, Traced, trace};
pub use values::{Summary, Values};

use crate::{Dataset, Error, Gone};
use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use count::Group;
use counted::Counted;
use serde::Serialize;
use std::{cmp::Reverse, sync::Arc};

/// The list by which registrable domains are told: the crate that the program is built with follows it day by day.
pub const SUFFIX_LIST: &str = "public suffix list with its private section, as of 2026-11-05 (crate psl 2.1.247)";

/// What is asked of an audit.
#[derive(Clone, Debug)]
pub struct Question {
    /// What candidates are counted by.
    pub by: By,
    /// A condition in SQL over columns that both tables have.
    pub condition: Option<String>,
    /// Most groups, the rest summed up.
    pub top: Option<usize>,
    /// Least candidates of a group that is told of by itself.
    pub min_rows: u64,
    /// By which count the largest come first.
    pub sort: Sort,
}

impl Question {
    /// All groups by `by`.
    pub fn by(by: By) -> Self {
        Self { by, condition: None, top: None, min_rows: 0, sort: Sort::Candidates }
    }
}

/// A count by which groups are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the columns of the same names")]
pub enum Sort {
    #[default]
    Candidates,
    Refused,
    Failed,
    Filtered,
    Kept,
}

/// Groups beyond those told of, summed up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Others {
    /// How many.
    pub groups: u64,
    /// Their sums.
    pub row: AuditRow,
}

/// Candidates by group, the largest first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Audit {
    /// What they are counted by.
    pub by: By,
    /// The condition they were chosen by.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// The dataset's version.
    pub version: u64,
    /// The list by which domains are told, where groups are domains. It is that of the program that asks; rows have the domains
    /// that the program knew by which they were made.
    pub suffix_list: Option<&'static str>,
    /// How many groups there are.
    pub groups: u64,
    /// The groups.
    pub rows: Vec<AuditRow>,
    /// What is not among them.
    pub others: Option<Others>,
    /// Their sums.
    pub totals: AuditRow,
    /// How samples are spread over the groups.
    pub kept: Concentration,
    /// How candidates are.
    pub candidates: Concentration,
}

impl Audit {
    /// Counts the candidates of `dataset`.
    pub async fn by(dataset: &Dataset, by: By) -> Result<Self, Error> {
        Self::of(dataset, &Question::by(by), Gone::default()).await
    }

    /// Answers `question`. What is `gone` of an old version is a group of its own.
    pub async fn of(dataset: &Dataset, question: &Question, gone: Gone) -> Result<Self, Error> {
        let mut counted = Counted::of(dataset, question.by, question.condition.as_deref()).await?;
        counted.add_gone(gone);
        let mut rows: Vec<(AuditRow, &Group)> =
            counted.count.groups.iter().map(|group| (counted.numbers(group), group)).collect();
        let kept = Concentration::of(rows.iter().map(|(row, _)| row.kept));
        let candidates = Concentration::of(rows.iter().map(|(row, _)| row.candidates));
        let place = Sort::place(question.sort);
        rows.sort_by(|(a, _), (b, _)| {
            let size = |row: &AuditRow| (Reverse(row.numbers()[place]), Reverse(row.candidates));
            size(a).cmp(&size(b)).then_with(|| a.name.cmp(&b.name))
        });
        let groups = rows.len() as u64;
        let (told, rest): (Vec<_>, Vec<_>) = {
            let most = question.top.unwrap_or(usize::MAX);
            let mut told = 0;
            rows.into_iter().partition(|(row, _)| {
                let fits = told < most && row.candidates >= question.min_rows;
                told += usize::from(fits);
                fits
            })
        };
        let rows: Vec<AuditRow> = told.into_iter().map(|(row, group)| counted.detailed(row, group)).collect();
        let others = rest.len() as u64;
        let others = (others > 0).then(|| Others {
            groups: others,
            row: AuditRow::sum(
                &format!("({others} others)"),
                rest.into_iter().map(|(row, group)| counted.detailed(row, group)),
            ),
        });
        let all = rows.iter().chain(others.iter().map(|others| &others.row)).cloned();
        Ok(Self {
            by: question.by,
            condition: question.condition.clone(),
            version: dataset.version(),
            suffix_list: question.by.is_by_suffix_list().then_some(SUFFIX_LIST),
            groups,
            totals: AuditRow::sum("total", all),
            rows,
            others,
            kept,
            candidates,
        })
    }

    /// The same with no more than `most` groups told of, the rest summed up.
    #[must_use]
    pub fn cut(mut self, most: usize) -> Self {
        if self.rows.len() > most {
            let rest = self.rows.split_off(most);
            let mut groups = rest.len() as u64;
            let others = self.others.take();
            groups += others.as_ref().map_or(0, |others| others.groups);
            let rows = rest.into_iter().chain(others.map(|others| others.row));
            let row = AuditRow::sum(&format!("({groups} others)"), rows);
            self.others = Some(Others { groups, row });
        }
        self
    }

    /// The groups with their sums below, for [`crate::sql::format`]; with a column for each reason and for each stage, if wanted.
    pub fn to_batch(&self, stages: bool, reasons: bool) -> Result<RecordBatch, Error> {
        let others = self.others.iter().map(|others| &others.row);
        let all: Vec<&AuditRow> = self.rows.iter().chain(others).chain([&self.totals]).collect();
        let names: StringArray = all.iter().map(|row| Some(row.name.as_str())).collect();
        let mut fields = vec![Field::new(self.by.name(), DataType::Utf8, false)];
        let mut columns: Vec<ArrayRef> = vec![Arc::new(names)];
        let mut add = |name: &str, of: &dyn Fn(&AuditRow) -> u64| {
            fields.push(Field::new(name, DataType::UInt64, false));
            columns.push(Arc::new(UInt64Array::from_iter_values(all.iter().map(|row| of(row)))));
        };
        for (place, name) in ["candidates", "refused", "failed", "filtered", "kept"].into_iter().enumerate() {
            add(name, &|row| row.numbers()[place]);
        }
        if self.totals.unknown > 0 {
            add("unknown", &|row| row.unknown);
        }
        if stages {
            for (place, (stage, _)) in self.totals.reached.by_stage().into_iter().enumerate() {
                add(&format!("to {}", stage.name()), &|row| row.reached.by_stage()[place].1);
            }
        }
        if reasons {
            for (reason, _) in self.totals.reasons.each() {
                add(reason, &|row| row.reasons.get(reason));
            }
        }
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }
}

impl Sort {
    fn place(self) -> usize {
        match self {
            Self::Candidates => 0,
            Self::Refused => 1,
            Self::Failed => 2,
            Self::Filtered => 3,
            Self::Kept => 4,
        }
    }
}
