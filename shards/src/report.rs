//! Task reports: the last thing a task writes, and the first thing that is looked for.

use crate::{Error, Store};
use schema::{Stage, TaskReport};

impl Store {
    /// The report of a finished task; `None` while it is open.
    pub async fn report(&self, stage: Stage, key: &str) -> Result<Option<TaskReport>, Error> {
        let name = report_name(stage, key);
        let Some(bytes) = self.get(&name).await? else { return Ok(None) };
        parse(&name, &bytes).map(Some)
    }

    /// Declares a task done. Everything it wrote must be in place by now.
    pub async fn put_report(&self, report: &TaskReport) -> Result<(), Error> {
        let name = report_name(report.stage, &report.key);
        let text = serde_json::to_vec_pretty(report).map_err(|error| broken(&name, &error))?;
        self.put(&name, text).await
    }

    /// Declares a task open again.
    pub async fn delete_report(&self, stage: Stage, key: &str) -> Result<(), Error> {
        self.delete(&report_name(stage, key)).await
    }

    /// All reports of a stage, by key.
    pub async fn reports(&self, stage: Stage) -> Result<Vec<TaskReport>, Error> {
        let mut reports = Vec::new();
        for name in self.list(&format!("reports/{stage}")).await? {
            if let Some(bytes) = self.get(&name).await? {
                reports.push(parse(&name, &bytes)?);
            }
        }
        Ok(reports)
    }
}

fn report_name(stage: Stage, key: &str) -> String {
    format!("reports/{stage}/{key}.json")
}

fn parse(name: &str, bytes: &[u8]) -> Result<TaskReport, Error> {
    let report: TaskReport = serde_json::from_slice(bytes).map_err(|error| broken(name, &error))?;
    if report.rows.adds_up() { Ok(report) } else { Err(broken(name, &"its rows do not add up")) }
}

fn broken(name: &str, problem: &dyn std::fmt::Display) -> Error {
    Error::Report { name: name.to_owned(), problem: problem.to_string() }
}
