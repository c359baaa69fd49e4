//! The `bayes` engine: evidence in bits, then a posterior over everybody, known or unknown.
//!
//! Evidence follows I. P. Fellegi and A. B. Sunter, "A theory for record linkage", Journal of the
//! American Statistical Association 64 (1969), with values weighted by how common they are. What goes
//! beyond it: the hypotheses of one request compete with each other, and among them is "somebody who is
//! not in the index", in particular a twin, a namesake in the family, or another member of the
//! household of somebody who is.

mod ascending;
mod asked;
mod blocking;
mod check;
mod day;
mod evidence;
mod frequency;
mod level;
mod measure;
mod memo;
mod model;
mod posterior;
mod query;
mod search;
mod train;

pub use blocking::{Found, blocking};
pub use check::{Difference, Finding};
pub use level::Level;
pub use measure::{LevelMeasure, Measure};
pub use model::{CLASS_NAMES, Model, ModelError, Prior};
pub use search::SearchKey;
pub use train::{Round, Training};

pub(crate) use posterior::{trace, trace_group};
