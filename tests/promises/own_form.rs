//! The form that an office drew by itself, as the benches make it: every row is taken, every planted fault found, and no other.

use std::process::Command;

use serde_json::Value;

#[path = "../../benches/survey/mod.rs"]
mod survey;

use survey::Survey;

/// Exit status and the round's object.
fn run(survey: Survey) -> (survey::Made, Option<i32>, Value) {
    let folder = tempfile::tempdir().expect("a folder");
    let made = survey::round(folder.path(), survey);
    let mut command = Command::new(env!("CARGO_BIN_EXE_torimatome"));
    command.arg(folder.path()).arg("--templates").arg(survey::templates());
    let ran = command.args(["--today", survey::TODAY, "--format", "json"]).output().expect("it starts");
    let object: Value = serde_json::from_slice(&ran.stdout).expect("an object");
    let errors = object["findings"].as_array().expect("findings").iter();
    let errors: Vec<_> =
        errors.filter(|f| f["severity"] == "E").map(|f| (f["code"].clone(), f["cell"].clone())).collect();
    assert_eq!(errors.len(), made.faults, "{errors:?}");
    assert_eq!(survey::errors(folder.path()), made.faults);
    (made, ran.status.code(), object)
}

#[test]
fn every_row_of_a_sound_round_is_taken() {
    let (made, code, object) = run(Survey { divisions: 3, faults: false });
    assert_eq!((made.faults, code), (0, Some(0)), "{object:#}");
    let of = |key: &str| object[key].as_array().expect("a list").clone();
    let states: Vec<_> = of("submissions").iter().map(|s| s["state"].clone()).collect();
    assert_eq!(states, ["accepted"; 3]);
    let records = of("records");
    assert_eq!(records.len(), made.rows);
    for record in &records {
        let fields = record["fields"].as_object().expect("answers");
        assert!(fields.values().all(|f| f["unreadable"] != true), "{record:#}");
        assert!(fields.len() >= survey::COLUMNS - 4, "{record:#}");
        // The reading of a word that was typed is no part of it.
        let name = fields["name"]["raw"].as_str().expect("a name");
        assert!(!name.is_empty() && name.chars().all(|c| !('ァ'..='ヴ').contains(&c)), "{name}");
    }
}

#[test]
fn every_planted_fault_is_found_and_no_other() {
    let (_, code, object) = run(Survey { divisions: 16, faults: true });
    assert_eq!(code, Some(1));
    for code in ["F001E", "F002E", "F019E", "R003E"] {
        assert!(object["findings"].as_array().expect("findings").iter().any(|f| f["code"] == code), "no {code}");
    }
}
