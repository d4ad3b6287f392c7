//! What the program promises (accepted, nothing lost, the cell named is the cell wrong …), each held by many random cases.
//!
//! Forms are drawn once and answered through their grids, so that a case costs milliseconds. Seeds are fixed: a failure
//! repeats. Random but legal answers live in `fill`, what all share in `kit`.

mod asking;
mod choices;
mod command_line;
mod conservation;
mod drift;
mod fill;
mod isolation;
mod kit;
mod labels;
mod mutation;
mod own_form;
mod rates;
mod real_files;
mod replies;
mod round_trip;
#[path = "../synthetic/mod.rs"]
#[allow(dead_code, reason = "the master's tests use what is not used here")]
mod synthetic;
mod two_people;
