//! Workbooks of our own, as Excel would have written them where the library that draws them cannot: no request to compute
//! what has no formula (Excel would ask to save it when it is closed), and links to files whose name holds a `#`.

use std::collections::BTreeMap;
use std::path::Path;

use super::calc;
use super::container::Container;
use crate::read::guard::Limits;
use crate::read::package::Package;
use crate::write::{Body, HASH, Output};

/// Tidies the workbooks among outputs.
pub fn tidy(outputs: &mut [Output]) {
    let is_workbook = |o: &Output| Path::new(&o.path).extension().is_some_and(|e| e.eq_ignore_ascii_case("xlsx"));
    for output in outputs.iter_mut().filter(|o| is_workbook(o)) {
        if let Body::Held(bytes) = &mut output.body {
            *bytes = tidied(std::mem::take(bytes));
        }
    }
}

/// The workbook, tidied; as it was where there is nothing to do, or it cannot be read.
#[must_use]
pub fn tidied(book: Vec<u8>) -> Vec<u8> {
    changed(&book).ok().flatten().unwrap_or(book)
}

fn changed(book: &[u8]) -> Result<Option<Vec<u8>>, String> {
    const MAIN: &str = "xl/workbook.xml";
    let mut package = Package::open(book, &Limits::default()).map_err(|e| format!("{e:?}"))?;
    let container = Container::open(book, &package)?;
    let names: Vec<String> = container.entries().iter().map(|e| e.name.clone()).collect();
    let mut text = |name: &str| -> Result<String, String> {
        let bytes = package.bytes(name).map_err(|e| format!("{e:?}"))?.unwrap_or_default();
        String::from_utf8(bytes).map_err(|e| e.to_string())
    };
    let mut parts = BTreeMap::new();
    let (mut computes, mut links) = (false, Vec::new());
    for name in &names {
        if name.starts_with("xl/worksheets/_rels/") {
            let rels = text(name)?;
            if rels.contains(HASH) {
                links.push((name.as_str(), rels.replace(HASH, "%23")));
            }
        } else if !computes && name.starts_with("xl/worksheets/") {
            let sheet = text(name)?;
            computes = sheet.contains("<f>") || sheet.contains("<f ");
        }
    }
    if !computes {
        let before = text(MAIN)?;
        let after = calc::without_request(&before)?;
        links.extend((after != before).then_some((MAIN, after)));
    }
    for (name, new) in links {
        parts.extend(container.find(name).map(|index| (index, new.into_bytes())));
    }
    if parts.is_empty() { Ok(None) } else { container.with(&parts).map(Some) }
}
