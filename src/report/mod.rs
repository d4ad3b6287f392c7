//! What the user sees of a run: one JSON object with a fixed contract, or a letter for the terminal.

pub mod arrivals;
pub mod drift;
pub mod explain;
pub mod json;
pub mod screen;
mod sent;
pub mod survey;
pub mod text;
