//! Files to one ledger: which answers count, who is late or missing, whose record answers for which item, and the rates.

mod copies;
pub mod facts;
pub mod gather;
pub mod handed_over;
pub mod ledger;
mod merge;
pub mod owing;
pub mod rates;
mod received;
pub mod rules;
pub mod states;
pub mod trend;
mod untouched;
mod versions;

pub use copies::Renaming;
pub use gather::gather;
pub use ledger::{add, ledger, unread};
pub use rules::Rules;
pub use states::{FileTimes, Settled, settle};
pub use versions::{Head, heads};
