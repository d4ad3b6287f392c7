//! The two parts that steer calculation: the request to compute everything in the main part, and the calculation chain.

use std::collections::BTreeSet;
use std::ops::Range;

use super::outline::outline;
use super::splice::Edits;
use super::tags::{attribute, attributes};

/// `sheets`, and the children of `workbook` that may stand between it and `calcPr` (ECMA-376 part 1, 18.2.27).
const BEFORE: [&str; 4] = ["sheets", "functionGroups", "externalReferences", "definedNames"];

/// The main part with `fullCalcOnLoad="1"`; `None` where it says so already.
pub(super) fn request(text: &str) -> Result<Option<String>, String> {
    let all = outline(text)?;
    let mut edits = Edits::default();
    if let Some(calc) = all.iter().find(|e| e.depth == 1 && e.name == "calcPr") {
        match attribute(text, &calc.tag, "fullCalcOnLoad") {
            Some(value) if text.get(value.clone()).is_some_and(crate::read::xml::truthy) => return Ok(None),
            Some(value) => edits.put(value, "1"),
            None => {
                let tag = text.get(calc.tag.clone()).unwrap_or_default();
                let at = calc.tag.start + tag.trim_end_matches('>').trim_end_matches('/').trim_end().len();
                edits.put(at..at, r#" fullCalcOnLoad="1""#);
            }
        }
    } else {
        let sheets = all.iter().find(|e| e.depth == 1 && e.name == "sheets").ok_or("no sheets")?;
        let before = all.iter().filter(|e| e.depth == 1 && e.end >= sheets.end);
        let last = before.take_while(|e| BEFORE.contains(&e.name)).map(|e| e.end).max().unwrap_or(sheets.end);
        edits.put(last..last, format!(r#"<{}calcPr fullCalcOnLoad="1"/>"#, sheets.prefix));
    }
    Ok(Some(edits.apply(text)))
}

/// An entry of the calculation chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    /// The `sheetId` of its sheet, from an entry before it where it does not say.
    pub sheet: String,
    /// Its cell, in A1 form.
    pub cell: String,
}

/// The entries of a chain, with their places and whether they name their sheet themselves.
fn links(text: &str) -> Result<Vec<(Link, Range<usize>, bool)>, String> {
    let mut sheet = String::new();
    let mut out = Vec::new();
    for e in outline(text)?.into_iter().filter(|e| e.depth == 1 && e.name == "c") {
        let get = |name| attribute(text, &e.tag, name).and_then(|at| text.get(at)).map(|v| v.trim().to_string());
        let own = get("i");
        let says = own.is_some();
        sheet = own.unwrap_or(sheet);
        let link = Link { sheet: sheet.clone(), cell: get("r").unwrap_or_default() };
        out.push((link, e.tag.start..e.end, says));
    }
    Ok(out)
}

/// The entries of a chain.
pub(super) fn chain(text: &str) -> Result<Vec<Link>, String> {
    Ok(links(text)?.into_iter().map(|(link, _, _)| link).collect())
}

/// The chain without the entries of formulas that are gone; `None` where it had none of them. An entry that took its sheet
/// from one that goes is told its sheet.
pub(super) fn without(text: &str, gone: &BTreeSet<Link>) -> Result<Option<String>, String> {
    let mut edits = Edits::default();
    let mut told: Option<String> = None;
    let mut changed = false;
    for (link, at, says) in links(text)? {
        if gone.contains(&link) {
            edits.put(at, "");
            changed = true;
            continue;
        }
        if !says && !link.sheet.is_empty() && told.as_deref() != Some(link.sheet.as_str()) {
            let name = attributes(text, &at).find(|(n, _, _)| *n == "r").map(|(_, whole, _)| whole.end);
            let place = name.unwrap_or(at.end);
            edits.put(place..place, format!(r#" i="{}""#, link.sheet));
        }
        told = Some(link.sheet);
    }
    Ok(changed.then(|| edits.apply(text)))
}

/// The main part without the request, to compare two of them by.
pub(super) fn without_request(text: &str) -> Result<String, String> {
    let mut edits = Edits::default();
    for calc in outline(text)?.into_iter().filter(|e| e.depth == 1 && e.name == "calcPr") {
        let all: Vec<_> = attributes(text, &calc.tag).collect();
        match all.iter().find(|(name, _, _)| *name == "fullCalcOnLoad") {
            Some(_) if all.len() == 1 => edits.put(calc.tag.start..calc.end, ""),
            Some((_, whole, _)) => edits.put(whole.clone(), ""),
            // As some programs write it: it gets its first attribute from the request.
            None if all.is_empty() => edits.put(calc.tag.start..calc.end, ""),
            None => {}
        }
    }
    Ok(edits.apply(text))
}

/// Whether the main part asks for a full calculation.
pub(super) fn is_requested(text: &str) -> Result<bool, String> {
    Ok(request(text)?.is_none())
}

/// A chain without some entries and without the word which sheet the others are on, to compare two of them by.
pub(super) fn bare_chain(text: &str, gone: &BTreeSet<Link>) -> Result<String, String> {
    let mut edits = Edits::default();
    for (link, at, _) in links(text)? {
        if gone.contains(&link) {
            edits.put(at, "");
        } else if let Some((_, whole, _)) = attributes(text, &at).find(|(name, _, _)| *name == "i") {
            edits.put(whole, "");
        }
    }
    Ok(edits.apply(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calculation_is_asked_for_in_one_attribute() {
        for (before, after) in [
            (
                "<workbook><sheets/><calcPr calcId=\"1\"/></workbook>",
                Some("<workbook><sheets/><calcPr calcId=\"1\" fullCalcOnLoad=\"1\"/></workbook>"),
            ),
            (
                "<w:workbook><w:sheets><w:sheet/></w:sheets><w:definedNames></w:definedNames><w:extLst/></w:workbook>",
                Some(
                    "<w:workbook><w:sheets><w:sheet/></w:sheets><w:definedNames></w:definedNames><w:calcPr fullCalcOnLoad=\"1\"/><w:extLst/></w:workbook>",
                ),
            ),
            (
                "<workbook><sheets/><calcPr fullCalcOnLoad='0' /></workbook>",
                Some("<workbook><sheets/><calcPr fullCalcOnLoad='1' /></workbook>"),
            ),
            ("<workbook><sheets/><calcPr fullCalcOnLoad=\"true\"/></workbook>", None),
            // As online programs write it.
            (
                "<workbook><sheets/><definedNames/><calcPr/></workbook>",
                Some("<workbook><sheets/><definedNames/><calcPr fullCalcOnLoad=\"1\"/></workbook>"),
            ),
            (
                "<workbook><bookViews/><sheets/><pivotCaches/></workbook>",
                Some("<workbook><bookViews/><sheets/><calcPr fullCalcOnLoad=\"1\"/><pivotCaches/></workbook>"),
            ),
        ] {
            assert_eq!(request(before), Ok(after.map(String::from)), "{before}");
            assert_eq!(without_request(before), without_request(after.unwrap_or(before)), "{before}");
        }
    }

    #[test]
    fn links_keep_their_sheets() {
        let text =
            r#"<calcChain><c r="A1" i="2"/><c r="A2"/><c r="B1" i="1" l="1"/><c r="B2"/><c r="B3"/></calcChain>"#;
        let gone = |list: &[(&str, &str)]| {
            list.iter().map(|(s, c)| Link { sheet: (*s).into(), cell: (*c).into() }).collect::<BTreeSet<_>>()
        };
        assert_eq!(
            without(text, &gone(&[("2", "A1"), ("1", "B2"), ("2", "B1")])),
            Ok(Some(r#"<calcChain><c r="A2" i="2"/><c r="B1" i="1" l="1"/><c r="B3"/></calcChain>"#.into()))
        );
        assert_eq!(without(text, &gone(&[("1", "A1")])), Ok(None));
        let shorter = without(text, &gone(&[("1", "B1")])).ok().flatten().unwrap_or_default();
        assert!(shorter.contains(r#"<c r="B2" i="1"/><c r="B3"/>"#), "{shorter}");
    }
}
