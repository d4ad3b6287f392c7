//! Bytes to answers: the container, the grid, which form it is, and where each answer stands.

pub mod archive;
mod biff;
mod card;
mod compound;
mod decrypt;
pub mod delimited;
mod encoding;
pub mod explain;
pub mod extract;
pub mod grid;
pub mod guard;
pub mod labels;
pub mod legacy;
pub mod locate;
mod marks;
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
pub mod wire;
mod workbook;
pub(crate) mod xml;

pub use extract::{Draft, DraftAnswer, NotOurs, extract};
pub use guard::{Limits, Lock, Opened, Problem, ProblemKind, Refusal};
pub use legacy::LegacyKind;
pub use open::{LegacyReader, Opener, open};
pub use resolve::{Known, Who};
