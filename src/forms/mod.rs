//! `templates/` to definitions: loading, linting, and (in `draw`) drawing the blank forms.
//!
//! The templates are compiled into the binary; files of a `--templates` folder replace those of the same path.

pub mod called;
mod dated;
pub mod draw;
pub mod lint;
mod lint_brief;
mod lint_national;
pub mod lint_publish;
mod lint_survey;
pub mod load;
mod per;
pub mod prints;
mod tense;
pub mod words;
pub mod years;

pub use dated::Dated;
pub(crate) use dated::called as called_day;
pub use load::{TemplateError, Templates};
pub use words::Words;
