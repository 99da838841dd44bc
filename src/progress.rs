//! Talk while work goes on, on stderr: bars on a terminal, a line now and then elsewhere.

mod transfer;

pub(crate) use transfer::Transfer;

use crate::run::{Run, View};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use schema::{DropReason, Kind, Stage, Tally};
use std::{
    collections::{HashSet, VecDeque},
    io::IsTerminal,
    time::{Duration, Instant},
};

/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(60);

/// What a pace is taken over.
const PACE_OVER: Duration = Duration::from_secs(30);

/// Whether and how progress is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Not at all.
    Quiet,
    /// Bars that redraw themselves.
    Bars,
    /// Lines.
    Lines,
}

impl Progress {
    pub(crate) fn new(quiet: bool) -> Self {
        if quiet {
            Self::Quiet
        } else if std::io::stderr().is_terminal() {
            Self::Bars
        } else {
            Self::Lines
        }
    }

    /// Says something for people.
    pub(crate) fn say(self, text: &str) {
        if self != Self::Quiet {
            eprintln!("{text}");
        }
    }

    /// Begins to tell of a stage of `run`.
    pub(crate) fn stage(self, run: &Run, stage: Stage) -> Bar<'_> {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if self != Self::Bars {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template("{prefix:>8} {bar:24} {pos}/{len} tasks  {msg}  {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(stage.name());
        bar.enable_steady_tick(Duration::from_millis(250));
        let (requests, now) = (run.requests(), Instant::now());
        Bar {
            progress: self,
            run,
            stage,
            drawn: bar,
            requests,
            line: now,
            pace: Pace::new(now, run.live.fresh(), run.live.bytes()),
            notes: HashSet::new(),
        }
    }
}

/// A stage's bar.
pub(crate) struct Bar<'a> {
    progress: Progress,
    run: &'a Run,
    stage: Stage,
    drawn: ProgressBar,
    /// Requests sent before the stage began.
    requests: u64,
    /// When a line was last written.
    line: Instant,
    pace: Pace,
    notes: HashSet<String>,
}

impl Bar<'_> {
    /// Looks how far the stage is, and tells of it if it is time.
    pub(crate) fn tell(&mut self) {
        let Some(view) = self.run.stages().remove(&self.stage) else { return };
        self.pace.look(Instant::now(), self.run.live.fresh(), self.run.live.bytes());
        self.drawn.set_length(view.tasks);
        self.drawn.set_position(view.done);
        let message = self.message(&view) + &self.speed(&view);
        if self.progress == Progress::Lines && self.line.elapsed() >= LINE_EVERY {
            self.line = Instant::now();
            eprintln!("{:>8}  {}/{} tasks  {message}", self.stage.name(), view.done, view.tasks);
        }
        self.drawn.set_message(message);
    }

    /// A remark worth reading, once.
    pub(crate) fn note(&mut self, note: &str) {
        if self.progress != Progress::Quiet && self.notes.insert(note.to_owned()) {
            self.drawn.suspend(|| eprintln!("    note: {note}"));
        }
    }

    /// The stage is done.
    pub(crate) fn finish(self) {
        self.drawn.finish_and_clear();
        let Some(view) = self.run.stages().remove(&self.stage) else { return };
        if self.progress != Progress::Quiet {
            let seconds = self.drawn.elapsed().as_secs_f64();
            eprintln!("{:>8}  {}  {seconds:.1} s", self.stage.name(), self.message(&view));
        }
    }

    fn message(&self, view: &View) -> String {
        let rows = &view.rows;
        let mut message = format!("{} seen, {} kept", rows.seen(), rows.kept());
        for (kind, word) in [(Kind::Refused, "refused"), (Kind::Failed, "failed"), (Kind::Filtered, "filtered")] {
            let count = rows.dropped_of(kind);
            if count > 0 {
                message.push_str(&format!(", {count} {word}"));
            }
        }
        let requests = self.run.requests() - self.requests;
        if requests > 0 {
            message.push_str(&format!(", {requests} requests"));
        }
        message
    }

    /// What fetch does a second, and how long it will take at that.
    fn speed(&self, view: &View) -> String {
        if self.stage != Stage::Fetch {
            return String::new();
        }
        let Some((rows, bytes)) = self.pace.each_second() else { return String::new() };
        let mut text = format!("; {} hosts, {rows:.0} rows/s, {:.1} MB/s", self.run.live.hosts(), bytes / 1e6);
        if let Some(worst) = worst_failure(&view.rows) {
            text.push_str(&format!(", most fail by {worst}"));
        }
        let left = view.expected.unwrap_or(0).saturating_sub(view.rows.seen());
        if let Some(time) = time_left(left, rows) {
            text.push_str(&format!(", {} left", HumanDuration(time)));
        }
        text
    }
}

/// How long so many rows will take; nothing where that is next to no time, or cannot be told.
fn time_left(rows: u64, each_second: f64) -> Option<Duration> {
    let seconds = Duration::try_from_secs_f64(rows as f64 / each_second).ok()?;
    (seconds >= Duration::from_secs(1)).then_some(seconds)
}

/// The reason that most failures bear.
fn worst_failure(rows: &Tally) -> Option<DropReason> {
    let failures = rows.dropped().iter().filter(|(reason, _)| reason.kind() == Kind::Failed);
    failures.max_by_key(|(_, count)| **count).map(|(reason, _)| *reason)
}

/// How fast something goes, over the last half a minute.
#[derive(Debug)]
struct Pace {
    looks: VecDeque<(Instant, u64, u64)>,
}

impl Pace {
    fn new(start: Instant, rows: u64, bytes: u64) -> Self {
        Self { looks: [(start, rows, bytes)].into() }
    }

    fn look(&mut self, now: Instant, rows: u64, bytes: u64) {
        self.looks.push_back((now, rows, bytes));
        while self.looks.len() > 2 && now.duration_since(self.looks[0].0) > PACE_OVER {
            self.looks.pop_front();
        }
    }

    /// Rows and bytes a second; nothing before two looks.
    fn each_second(&self) -> Option<(f64, f64)> {
        let (first, last) = (self.looks.front()?, self.looks.back()?);
        let seconds = last.0.duration_since(first.0).as_secs_f64();
        let each = |now: u64, then: u64| now.saturating_sub(then) as f64 / seconds;
        (seconds > 0.5).then(|| (each(last.1, first.1), each(last.2, first.2)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_is_told_where_there_is_any_to_tell() {
        assert_eq!(time_left(100, 2.0), Some(Duration::from_secs(50)));
        for (rows, each_second) in [(0, 0.0), (5, 0.0), (5, 10.0), (u64::MAX, 1e-300), (5, f64::NAN)] {
            assert_eq!(time_left(rows, each_second), None, "{rows} at {each_second}");
        }
    }

    #[test]
    fn a_pace_is_of_the_last_half_minute() {
        let start = Instant::now();
        let after = |seconds: u64| start + Duration::from_secs(seconds);
        let mut pace = Pace::new(start, 5000, 0);
        assert_eq!(pace.each_second(), None);
        pace.look(after(0), 5000, 0);
        pace.look(after(10), 5100, 20_000);
        assert_eq!(pace.each_second(), Some((10.0, 2000.0)));
        for second in 11..=60 {
            pace.look(after(second), 5100 + 2 * (second - 10), 20_000);
        }
        assert_eq!(pace.each_second(), Some((2.0, 0.0)));
    }
}
