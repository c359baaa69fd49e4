//! What is made of counts before anybody sees them: small ones are hidden so that no arithmetic brings
//! them back, and a monthly series is read on both sides of an event.
//!
//! It is pure: numbers in, numbers out. It must never know what was counted.

mod attack;
pub mod distributions;
mod protect;
mod series;
mod table;

pub use attack::{Unread, told};
pub use protect::{Unprotectable, protect};
pub use series::{Band, Coefficient, Event, Fit, SeriesError, fit};
pub use table::{Count, Published, Rule, SMALL, Sum, Table};
