//! Formulas and what they come to, and those of which nothing is said.

use std::fmt::Write as _;

use super::*;
use crate::fill::plan::Plan;

/// Every formula of a workbook computed as if all had to be; what is refused with its reason.
fn all_of(book: &[u8]) -> Vec<(String, CellRef, Result<Value, Stop>)> {
    let Ok(mut plan) = Plan::make(book, &[]) else { return Vec::new() };
    plan.read_more();
    let mut stale: BTreeMap<usize, BTreeSet<CellRef>> = BTreeMap::new();
    for (index, loaded) in &plan.sheets {
        stale.entry(*index).or_default().extend(loaded.sheet.formulas.iter().map(|f| f.at));
    }
    if has_own_rules(&plan) {
        return Vec::new();
    }
    let inputs = Inputs::new(&plan, &stale);
    let mut machine = Machine::new(&inputs);
    let mut out = Vec::new();
    for (sheet, cells) in &stale {
        for at in cells {
            out.push((plan.name(*sheet).to_string(), *at, machine.cell(*sheet, *at)));
        }
    }
    out
}

/// `BOOKS=FOLDER OUT=FILE cargo test --lib foreign_workbooks -- --ignored`: what is computed of every formula in other
/// people's workbooks, one a line, to be compared with what other programs compute.
#[test]
#[ignore = "needs a folder of other people's workbooks"]
fn foreign_workbooks() {
    let folder = std::env::var_os("BOOKS").expect("BOOKS");
    let mut paths: Vec<_> = std::fs::read_dir(folder).expect("a folder").flatten().map(|e| e.path()).collect();
    paths.sort();
    let mut lines = String::new();
    for path in paths {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for (sheet, at, found) in all_of(&std::fs::read(&path).expect("a file")) {
            let said = match found {
                Ok(Value::Number(n)) => format!("n\t{n:?}"),
                Ok(Value::Bool(b)) => format!("b\t{b}"),
                Ok(Value::Text(t)) => format!("s\t{}", serde_json::Value::String(t)),
                Ok(Value::Blank) => "n\t0".into(),
                Err(Stop::Fault(fault)) => format!("e\t{fault:?}"),
                Err(Stop::No(no)) => format!("-\t{no:?}"),
            };
            let _ = writeln!(lines, "{file}\t{}\t{at}\t{said}", serde_json::Value::String(sheet));
        }
    }
    std::fs::write(std::env::var_os("OUT").expect("OUT"), lines).expect("written");
}
