//! Opinion polls as evidence: weights, percentages with design-based intervals, cross-tabulations and
//! changes between waves, from one row for each respondent; and what published figures can support
//! when the rows were never published.
//!
//! It is pure: bytes in, tables out. It must never know what a poll is used for, who the respondents
//! are, or anything else of this program. No percentage leaves it without its base and without what
//! is known of the question's wording: [`Percentage`] has no way to tell the one without the other.

mod crosstab;
mod design;
mod error;
mod percentage;
mod plan;
mod published;
mod rake;
mod rao_scott;
mod respondents;
mod source;
mod survey;
mod waves;

pub use crosstab::{Cell, Crosstab, CrosstabRow, PercentOf};
pub use error::SurveyError;
pub use percentage::{Base, Counted, Interval, Percentage, Wording};
pub use plan::{Answer, Design as DesignColumns, Margin, Net, Plan, Question};
pub use published::{Bounds, Critique, Overlap, Published, PublishedFigure, Sample};
pub use rao_scott::Association;
pub use survey::{Line, Survey, Topline};
pub use waves::{Change, Comparison, compare};
