//! Sheets in, findings out: every code that the check stage gives, where it fires and where it just does not.

mod across;
mod deadlines;
mod fields;
mod relations;
mod sheet;
