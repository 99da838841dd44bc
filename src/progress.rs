//! Talk while work goes on, on stderr: bars on a terminal, a line now and then elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use schema::{Kind, Stage, Tally};
use std::{
    cell::RefCell,
    collections::HashSet,
    io::IsTerminal,
    time::{Duration, Instant},
};

/// Between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(60);

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

    /// Begins a stage of `tasks` tasks; `requests` counts what has left the machine.
    pub(crate) fn stage<F: Fn() -> u64>(self, stage: Stage, tasks: usize, requests: F) -> Bar<F> {
        let bar = ProgressBar::with_draw_target(Some(tasks as u64), ProgressDrawTarget::stderr());
        if self != Self::Bars {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template("{prefix:>8} {bar:24} {pos}/{len} tasks  {msg}  {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(stage.name());
        bar.enable_steady_tick(Duration::from_millis(250));
        let before = requests();
        Bar {
            progress: self,
            stage,
            drawn: bar,
            requests,
            before,
            told: RefCell::new((Instant::now(), HashSet::new())),
        }
    }
}

/// A stage's bar.
pub(crate) struct Bar<F: Fn() -> u64> {
    progress: Progress,
    stage: Stage,
    drawn: ProgressBar,
    requests: F,
    before: u64,
    /// When a line was last written, and which notes were told.
    told: RefCell<(Instant, HashSet<String>)>,
}

impl<F: Fn() -> u64> Bar<F> {
    /// One more task is done.
    pub(crate) fn step(&self, total: &Tally) {
        self.drawn.inc(1);
        self.drawn.set_message(self.message(total));
        let due = self.told.borrow().0.elapsed() >= LINE_EVERY;
        if self.progress == Progress::Lines && due {
            self.told.borrow_mut().0 = Instant::now();
            let (done, all) = (self.drawn.position(), self.drawn.length().unwrap_or(0));
            eprintln!("{:>8}  {done}/{all} tasks  {}", self.stage.name(), self.message(total));
        }
    }

    /// A remark worth reading, once.
    pub(crate) fn note(&self, note: &str) {
        if self.progress != Progress::Quiet && self.told.borrow_mut().1.insert(note.to_owned()) {
            self.drawn.suspend(|| eprintln!("    note: {note}"));
        }
    }

    /// The stage is done.
    pub(crate) fn finish(&self, total: &Tally) {
        self.drawn.finish_and_clear();
        if self.progress != Progress::Quiet {
            let seconds = self.drawn.elapsed().as_secs_f64();
            eprintln!("{:>8}  {}  {seconds:.1} s", self.stage.name(), self.message(total));
        }
    }

    fn message(&self, total: &Tally) -> String {
        let mut message = format!("{} seen, {} kept", total.seen(), total.kept());
        for (kind, word) in [(Kind::Refused, "refused"), (Kind::Failed, "failed"), (Kind::Filtered, "filtered")] {
            let count = total.dropped_of(kind);
            if count > 0 {
                message.push_str(&format!(", {count} {word}"));
            }
        }
        let requests = (self.requests)() - self.before;
        if requests > 0 {
            message.push_str(&format!(", {requests} requests"));
        }
        message
    }
}
