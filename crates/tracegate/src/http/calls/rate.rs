//! How fast one client may ask: a bucket of tokens for each.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// How many seconds' worth of calls a client may make at once after a pause.
const BURST_SECONDS: f64 = 2.0;

/// What each client has left. There are as many as there are clients in the settings.
pub struct Rates {
    per_second: f64,
    left: Mutex<HashMap<String, (f64, Instant)>>,
}

impl Rates {
    /// So many calls a second for each client.
    pub fn new(per_second: u32) -> Rates {
        Rates {
            per_second: f64::from(per_second.max(1)),
            left: Mutex::default(),
        }
    }

    /// Takes a call that this client makes now, or tells the seconds to wait.
    pub fn take(&self, client: &str, now: Instant) -> Result<(), u64> {
        let most = self.per_second * BURST_SECONDS;
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let (calls, since) = left.entry(client.to_owned()).or_insert((most, now));
        *calls = most.min(*calls + now.duration_since(*since).as_secs_f64() * self.per_second);
        *since = now;
        if *calls < 1.0 {
            return Err(((1.0 - *calls) / self.per_second).ceil() as u64);
        }
        *calls -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::stopwatch;

    #[test]
    fn a_client_waits_for_its_share_and_no_other_client_does() {
        let (rates, now) = (Rates::new(10), stopwatch());
        for _ in 0..20 {
            assert_eq!(rates.take("one", now), Ok(()));
        }
        assert_eq!(rates.take("one", now), Err(1));
        assert_eq!(rates.take("other", now), Ok(()));
        let later = now + Duration::from_millis(200);
        assert_eq!(rates.take("one", later), Ok(()));
        assert_eq!(rates.take("one", later), Ok(()));
        assert_eq!(rates.take("one", later), Err(1));
    }
}
