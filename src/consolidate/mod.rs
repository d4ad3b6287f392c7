//! Files to one ledger: which version counts, who is late or missing, whose record answers for which item, and the rates.

pub mod facts;
pub mod gather;
pub mod ledger;
pub mod rates;
pub mod states;

pub use gather::gather;
pub use ledger::{add, ledger, unread};
pub use states::{FileTimes, settle};
