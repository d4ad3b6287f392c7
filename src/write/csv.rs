//! CSV for spreadsheets and programs: UTF-8 with a byte order mark, CRLF, one record a line, texts that cannot be
//! taken for a formula.

use super::WriteError;

/// One value of a machine-readable table.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// Text; empty text is an empty cell.
    Text(String),
    /// A number, in full precision.
    Number(f64),
}

impl Datum {
    /// Text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Text, or nothing.
    #[must_use]
    pub fn some(text: Option<impl Into<String>>) -> Self {
        Self::Text(text.map(Into::into).unwrap_or_default())
    }

    /// 1 or 0.
    #[must_use]
    pub const fn flag(flag: bool) -> Self {
        Self::Number(if flag { 1.0 } else { 0.0 })
    }
}

/// The bytes of a CSV file.
///
/// # Errors
/// None in practice: writing goes to memory; the library's type is passed on.
pub fn bytes<'a>(heads: &[&str], rows: impl Iterator<Item = &'a [Datum]>) -> Result<Vec<u8>, WriteError> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(b"\xEF\xBB\xBF".to_vec());
    writer.write_record(heads)?;
    for row in rows {
        for datum in row {
            match datum {
                Datum::Text(text) => writer.write_field(guarded(text))?,
                Datum::Number(n) => writer.write_field(n.to_string())?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.into_inner().map_err(|e| WriteError::Csv(e.to_string()))
}

/// The bytes of a CSV file of texts that keep their line breaks: the bodies of mails.
///
/// # Errors
/// As [`bytes`].
pub fn letters(heads: &[&str], rows: &[Vec<String>]) -> Result<Vec<u8>, WriteError> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(b"\xEF\xBB\xBF".to_vec());
    writer.write_record(heads)?;
    for row in rows {
        writer.write_record(row.iter().map(|text| shielded(text)))?;
    }
    writer.into_inner().map_err(|e| WriteError::Csv(e.to_string()))
}

/// A text that no spreadsheet takes for a formula: one that begins like one gets an apostrophe in front. Line breaks
/// become a blank, so that one record stays on one line.
fn guarded(text: &str) -> String {
    let flat = text.replace("\r\n", " ").replace(['\r', '\n'], " ");
    if is_risky(text) { format!("'{flat}") } else { flat }
}

/// As [`guarded`], with its line breaks as they are.
fn shielded(text: &str) -> String {
    if is_risky(text) { format!("'{text}") } else { text.to_string() }
}

fn is_risky(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_formula_sign_is_guarded_and_numbers_are_not() {
        for sign in ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"] {
            assert!(guarded(&format!("{sign}甲")).starts_with('\''), "{sign:?}");
        }
        let row = [Datum::Number(-3.5), Datum::text("甲,\"乙\"\n丙")];
        let csv = bytes(&["数", "語"], std::iter::once(row.as_slice())).expect("memory");
        assert_eq!(String::from_utf8(csv).expect("UTF-8"), "\u{FEFF}数,語\r\n-3.5,\"甲,\"\"乙\"\" 丙\"\r\n");
    }
}
