//! Progress of long work: a bar on a terminal, a line every few seconds elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::clock::stopwatch;

/// Distance between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Progress of one piece of work.
pub struct Progress {
    what: &'static str,
    bar: Option<ProgressBar>,
    started: Instant,
    last_line: Instant,
}

impl Progress {
    /// Begins. `total` is 0 when it is not known.
    pub fn start(what: &'static str, total: u64) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| bar(what, total));
        let now = stopwatch();
        Progress {
            what,
            bar,
            started: now,
            last_line: now,
        }
    }

    /// Shows that `done` pieces are done.
    pub fn at(&mut self, done: u64) {
        match &self.bar {
            Some(bar) => bar.set_position(done),
            None if self.last_line.elapsed() >= LINE_EVERY => {
                self.last_line = stopwatch();
                eprintln!("{}: {done} ...", self.what);
            }
            None => {}
        }
    }

    /// Prints a line above the bar.
    pub fn line(&self, said: &str) {
        match &self.bar {
            Some(bar) => bar.println(said),
            None => eprintln!("{said}"),
        }
    }

    /// Ends without a word.
    pub fn clear(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }

    /// Ends with a sentence.
    pub fn done(self, said: &str) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
        eprintln!("{said} ({:.1} s)", self.started.elapsed().as_secs_f64());
    }
}

/// Waits for work that does not tell how far it is, and shows how many seconds it has taken.
pub async fn wait<T>(what: &'static str, work: impl Future<Output = T>) -> T {
    let mut progress = Progress::start(what, 0);
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let mut work = std::pin::pin!(work);
    let mut seconds = 0;
    loop {
        tokio::select! {
            done = &mut work => {
                progress.clear();
                return done;
            }
            _ = second.tick() => progress.at(seconds),
        }
        seconds += 1;
    }
}

fn bar(what: &'static str, total: u64) -> ProgressBar {
    let (bar, template) = if total == 0 {
        (ProgressBar::new_spinner(), "{msg} {human_pos} {spinner}")
    } else {
        (
            ProgressBar::new(total),
            "{msg} [{bar:30}] {human_pos}/{human_len} {eta}",
        )
    };
    let style = ProgressStyle::with_template(template);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(what)
}
