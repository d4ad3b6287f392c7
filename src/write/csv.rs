//! CSV for spreadsheets and programs: UTF-8 with a byte order mark, CRLF, one record a line, texts that cannot be
//! taken for a formula.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write;

use super::WriteError;

/// So many bytes are written at once.
const BUFFER: usize = 1 << 17;

/// One value of a machine-readable table.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum<'a> {
    /// Text; empty text is an empty cell.
    Text(Cow<'a, str>),
    /// A number, in full precision.
    Number(f64),
}

impl<'a> Datum<'a> {
    /// Text.
    #[must_use]
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// Text, or nothing.
    #[must_use]
    pub fn some(text: Option<impl Into<Cow<'a, str>>>) -> Self {
        Self::Text(text.map(Into::into).unwrap_or_default())
    }

    /// 1 or 0.
    #[must_use]
    pub const fn flag(flag: bool) -> Self {
        Self::Number(if flag { 1.0 } else { 0.0 })
    }
}

impl Datum<'static> {
    /// A text of its own, for tables that outlive what they were made from.
    #[must_use]
    pub fn copied(text: &str) -> Self {
        Self::Text(Cow::Owned(text.to_string()))
    }
}

/// A CSV file that is written row by row.
pub struct Rows<W: Write> {
    writer: csv::Writer<W>,
    /// Where numbers are printed.
    number: String,
}

impl<W: Write> Rows<W> {
    /// One with its headers.
    ///
    /// # Errors
    /// Those of writing.
    pub fn new(mut to: W, heads: &[&str]) -> Result<Self, WriteError> {
        to.write_all(b"\xEF\xBB\xBF").map_err(|e| WriteError::Csv(e.to_string()))?;
        let mut writer = csv::WriterBuilder::new();
        let writer = writer.terminator(csv::Terminator::CRLF).buffer_capacity(BUFFER);
        let mut writer = writer.from_writer(to);
        writer.write_record(heads)?;
        Ok(Self { writer, number: String::new() })
    }

    /// Writes one row.
    ///
    /// # Errors
    /// As [`Rows::new`].
    pub fn row(&mut self, row: &[Datum<'_>]) -> Result<(), WriteError> {
        for datum in row {
            match datum {
                Datum::Text(text) => self.writer.write_field(&*guarded(text))?,
                Datum::Number(n) => {
                    self.number.clear();
                    // Writing to a string does not fail.
                    let _ = write!(self.number, "{n}");
                    self.writer.write_field(&self.number)?;
                }
            }
        }
        self.writer.write_record(None::<&[u8]>)?;
        Ok(())
    }

    /// What it was written to.
    ///
    /// # Errors
    /// As [`Rows::new`].
    pub fn finish(self) -> Result<W, WriteError> {
        self.writer.into_inner().map_err(|e| WriteError::Csv(e.to_string()))
    }
}

/// The bytes of a CSV file.
///
/// # Errors
/// None in practice: writing goes to memory; the library's type is passed on.
pub fn bytes<'a>(heads: &[&str], rows: impl Iterator<Item = &'a [Datum<'a>]>) -> Result<Vec<u8>, WriteError> {
    let mut out = Rows::new(Vec::new(), heads)?;
    for row in rows {
        out.row(row)?;
    }
    out.finish()
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
fn guarded(text: &str) -> Cow<'_, str> {
    let flat = |text: &str| text.replace("\r\n", " ").replace(['\r', '\n'], " ");
    let broken = memchr::memchr2(b'\r', b'\n', text.as_bytes()).is_some();
    match (is_risky(text), broken) {
        (true, _) => format!("'{}", flat(text)).into(),
        (false, true) => flat(text).into(),
        (false, false) => text.into(),
    }
}

/// As [`guarded`], with its line breaks as they are.
fn shielded(text: &str) -> String {
    if is_risky(text) { format!("'{text}") } else { text.to_string() }
}

fn is_risky(text: &str) -> bool {
    matches!(text.chars().next(), Some('=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠'))
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
