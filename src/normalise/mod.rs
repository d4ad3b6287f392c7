//! Raw text to value, every change noted: what people type, understood without guessing.

pub mod text;
