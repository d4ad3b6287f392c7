//! Bytes to answers: the container, the grid, which form it is, and where each answer stands.

mod card;
pub mod extract;
pub mod labels;
pub mod locate;
pub mod resolve;
mod table;

pub use extract::{Draft, DraftAnswer, NotOurs, extract};
pub use resolve::{Known, Who};
