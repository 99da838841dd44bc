//! Talk while one file comes: its bytes, how fast, and how long it will take.

use super::{LINE_EVERY, Progress};
use crawler::hub::News;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// One file on its way.
pub(crate) struct Transfer {
    progress: Progress,
    file: String,
    drawn: ProgressBar,
    /// When a line was last written.
    line: Mutex<Instant>,
}

impl Transfer {
    /// Begins to tell of `file`.
    pub(crate) fn new(progress: Progress, file: &str) -> Self {
        let drawn = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if progress != Progress::Bars {
            drawn.set_draw_target(ProgressDrawTarget::hidden());
        }
        let template = "{prefix} {bar:24} {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {eta} left";
        drawn.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        drawn.set_prefix(file.to_owned());
        drawn.enable_steady_tick(Duration::from_millis(250));
        Self { progress, file: file.to_owned(), drawn, line: Mutex::new(Instant::now()) }
    }

    /// Tells of it, if it is time.
    pub(crate) fn tell(&self, news: News<'_>) {
        match news {
            News::Here(bytes, total) => {
                self.drawn.set_length(total.unwrap_or(bytes));
                self.drawn.set_position(bytes);
                let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
                if self.progress == Progress::Lines && line.elapsed() >= LINE_EVERY {
                    *line = Instant::now();
                    eprintln!("{}  {} of {}", self.file, megabytes(bytes), total.map_or("?".into(), megabytes));
                }
            }
            News::Again(problem) if self.progress != Progress::Quiet => {
                self.drawn.suspend(|| eprintln!("{}  broke off: {problem}; asking again", self.file));
            }
            News::Again(_) => {}
        }
    }

    /// It is here.
    pub(crate) fn finish(self) {
        let seconds = self.drawn.elapsed().as_secs_f64();
        self.drawn.finish_and_clear();
        self.progress.say(&format!("{}  {}  {seconds:.1} s", self.file, megabytes(self.drawn.position())));
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
