//! Consolidates the Excel forms of a Japanese city's divisions into the national report formats, offline.

pub mod check;
pub mod consolidate;
pub mod forms;
pub mod look;
pub mod model;
pub mod normalise;
pub mod read;
pub mod settings;
