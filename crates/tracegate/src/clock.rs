//! The one place that reads the time.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use jiff::Timestamp;

/// A clock that either follows the system or is set by hand, as the demonstration does.
#[derive(Debug)]
pub struct Clock {
    /// Distance to the system's clock in microseconds while running; the time itself while set.
    micros: AtomicI64,
    running: AtomicBool,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Clock {
        Clock {
            micros: AtomicI64::new(0),
            running: AtomicBool::new(true),
        }
    }

    /// A clock that stands at `at` until it is set again.
    pub fn standing(at: Timestamp) -> Clock {
        Clock {
            micros: AtomicI64::new(at.as_microsecond()),
            running: AtomicBool::new(false),
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        let micros = self.micros.load(Ordering::Acquire);
        let at = if self.running.load(Ordering::Acquire) {
            system_micros() + micros
        } else {
            micros
        };
        Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Sets a standing clock.
    pub fn set(&self, at: Timestamp) {
        self.micros.store(at.as_microsecond(), Ordering::Release);
    }

    /// Lets a standing clock run on from where it stands.
    pub fn run(&self) {
        if !self.running.swap(true, Ordering::AcqRel) {
            self.micros.fetch_sub(system_micros(), Ordering::AcqRel);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the time"
)]
fn system_micros() -> i64 {
    Timestamp::now().as_microsecond()
}

/// A point on the monotonic clock, for progress and latency figures only.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the time"
)]
pub fn stopwatch() -> std::time::Instant {
    std::time::Instant::now()
}
