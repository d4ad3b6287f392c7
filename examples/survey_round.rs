//! Makes the round that the benches run on: so many divisions on a form that an office drew by itself.
//!
//!     cargo run --example survey_round -- FOLDER DIVISIONS [--sound]
//!
//! Prints how many rows and faults it holds (`--sound`: none).

#[path = "../benches/survey/mod.rs"]
mod survey;

use std::path::Path;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [folder, divisions, rest @ ..] = words.as_slice() else { panic!("FOLDER DIVISIONS [--sound]") };
    let divisions = divisions.parse().expect("how many divisions");
    let faults = !rest.iter().any(|w| w == "--sound");
    let made = survey::round(Path::new(folder), survey::Survey { divisions, faults });
    println!("{{\"rows\": {}, \"faults\": {}}}", made.rows, made.faults);
}
