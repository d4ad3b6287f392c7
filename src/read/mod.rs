//! Bytes to answers: the container, the grid, which form it is, and where each answer stands.

mod biff;
mod card;
mod compound;
pub mod delimited;
pub mod extract;
pub mod grid;
pub mod guard;
pub mod labels;
pub mod legacy;
pub mod locate;
pub mod notes;
pub mod ods_scan;
mod open;
pub mod package;
pub mod props;
pub mod resolve;
mod rich;
pub mod sheet_pass;
pub mod sniff;
mod stored_zip;
mod stray;
pub mod styles;
mod table;
mod workbook;
pub(crate) mod xml;

pub use extract::{Draft, DraftAnswer, NotOurs, extract};
pub use guard::{Limits, Opened, Problem, ProblemKind, Refusal};
pub use open::open;
pub use resolve::{Known, Who};
