//! CSV in CP932 for old programs. A character that CP932 cannot hold is never replaced by something else in silence: the
//! file is not written and the cell is named. Characters with an equivalent there are mapped, and that is told too.

use encoding_rs::SHIFT_JIS;

use super::list::List;
use super::tables::Tables;
use crate::model::Finding;
use crate::model::finding::FIELD_NAME;
use crate::write::csv::Datum;
use crate::write::plain::PlainTable;
use crate::write::{Output, WriteError};

/// What CP932 holds in the place of a character that looks the same.
const EQUIVALENTS: [(char, char); 6] =
    [('〜', '～'), ('—', '―'), ('‖', '∥'), ('\u{A0}', ' '), ('‑', '‐'), ('﹣', '－')];

/// The CSV files in CP932 and what is to say about characters.
///
/// # Errors
/// As for the CSV in UTF-8.
pub fn csv(list: &List<'_>, tables: &Tables) -> Result<(Vec<Output>, Vec<Finding>), WriteError> {
    let mut outputs = Vec::new();
    let mut findings = Vec::new();
    for (stem, table) in tables.files() {
        let utf8 = crate::write::csv::bytes(&table.heads(), table.rows.iter().map(Vec::as_slice))?;
        let text = String::from_utf8_lossy(utf8.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&utf8)).into_owned();
        let (bytes, odd) = encode(&text);
        if !odd.is_empty() {
            findings.extend(named(list, &stem, table));
        }
        if let Some(bytes) = bytes {
            outputs.push(Output::new(format!("{stem}_CP932.csv"), bytes));
        }
    }
    findings.dedup();
    Ok((outputs, findings))
}

/// What became of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Odd {
    /// It is written as this one.
    As(char),
    /// It cannot be written.
    Impossible,
}

/// How a character is written in CP932; `None` as itself.
fn odd(c: char) -> Option<Odd> {
    if c.is_ascii() {
        return None;
    }
    if let Some((_, as_)) = EQUIVALENTS.iter().find(|(from, _)| *from == c) {
        return Some(Odd::As(*as_));
    }
    let text = c.to_string();
    let (bytes, _, failed) = SHIFT_JIS.encode(&text);
    if failed {
        return Some(Odd::Impossible);
    }
    let (back, _) = SHIFT_JIS.decode_without_bom_handling(&bytes);
    back.chars().next().filter(|b| *b != c).map(Odd::As)
}

/// The bytes of a text, or nothing when a character has none; and its odd characters, each once.
fn encode(text: &str) -> (Option<Vec<u8>>, Vec<(char, Odd)>) {
    let mut odds: Vec<(char, Odd)> = text.chars().filter_map(|c| Some((c, odd(c)?))).collect();
    odds.sort_by_key(|(c, _)| *c);
    odds.dedup();
    let mapped: String = text
        .chars()
        .map(|c| match odds.iter().find(|(from, _)| *from == c) {
            Some((_, Odd::As(to))) => *to,
            _ => c,
        })
        .collect();
    let (bytes, _, failed) = SHIFT_JIS.encode(&mapped);
    ((!failed).then(|| bytes.into_owned()), odds)
}

/// A text in CP932, characters with an equivalent there as that.
///
/// # Errors
/// The characters that it has no place for.
pub fn encoded(text: &str) -> Result<Vec<u8>, Vec<char>> {
    let (bytes, odds) = encode(text);
    let lost = || odds.iter().filter(|(_, odd)| *odd == Odd::Impossible).map(|(c, _)| *c).collect();
    bytes.ok_or_else(lost)
}

/// A finding for every cell with odd characters: at the answer it came from, or at the cell of the file.
fn named(list: &List<'_>, stem: &str, table: &PlainTable) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (row, data) in (2u32..).zip(&table.rows) {
        for (column, datum) in data.iter().enumerate() {
            let Datum::Text(text) = datum else { continue };
            let (_, odds) = encode(text);
            let source = source(list, text);
            for (c, odd) in odds {
                let named = format!("{c}（U+{:04X}）", u32::from(c));
                let finding = match odd {
                    Odd::As(to) => Finding::new("X151I").given(named).expected(to.to_string()),
                    Odd::Impossible => Finding::new("X150E").given(named),
                };
                let label = table.heads.get(column).cloned().unwrap_or_default();
                let mut finding = finding
                    .arg("file", format!("{stem}_CP932.csv"))
                    .arg("cell", format!("{row}行目「{label}」"))
                    .arg(FIELD_NAME, label);
                if let Some((cell, item)) = &source {
                    finding = finding.at(cell.clone()).of(&list.def.form, &item.0, &item.1);
                }
                findings.push(finding);
            }
        }
    }
    findings
}

/// The answer that a published text comes from, with division and item.
fn source(list: &List<'_>, text: &str) -> Option<(crate::model::Place, (String, String))> {
    list.rows.iter().find_map(|row| {
        let cells = row.cells.iter().chain(row.series.iter().flatten().map(|p| &p.cell));
        let hit = cells.filter(|c| c.data == Datum::text(text)).find_map(|c| c.place.clone())?;
        let division = row.item.record.as_ref().map(|r| r.division.clone()).unwrap_or_default();
        Some((hit, (division, row.item.item.key.clone())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_holds_is_written_and_nothing_else_is_made_up() {
        assert_eq!(encode("総務室①㈱髙﨑").0.map(|b| b.len()), Some(14));
        for c in ['𠮷', '鷗', '頰', '㋿', '\u{E0100}', '☃'] {
            assert_eq!(encode(&format!("甲{c}")), (None, vec![(c, Odd::Impossible)]), "{c}");
        }
    }

    #[test]
    fn equivalents_are_told() {
        let (bytes, odds) = encode("4〜5、−3、¥100");
        let (text, _) = SHIFT_JIS.decode_without_bom_handling(bytes.as_deref().expect("it can be written"));
        assert_eq!(text, "4～5、－3、\\100");
        assert_eq!(odds, [('¥', Odd::As('\\')), ('−', Odd::As('－')), ('〜', Odd::As('～'))]);
    }
}
