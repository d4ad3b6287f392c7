//! The locked line that says which form a sheet is: drawn by `forms`, found by `read`, so that it stands in one place.

use chrono::NaiveDate;

/// What the locked line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Form id.
    pub form: String,
    /// Form version.
    pub version: String,
    /// Sheet id within the form.
    pub sheet: String,
    /// As-of date of the round it was issued for.
    pub as_of: Option<NaiveDate>,
}

const FORM: &str = "様式ID:";
const VERSION: &str = "版:";
const SHEET: &str = "票:";
const AS_OF: &str = "基準日:";

impl Marker {
    /// The line as it is printed.
    #[must_use]
    pub fn line(&self) -> String {
        let as_of = self.as_of.map(|d| format!("　{AS_OF}{d}")).unwrap_or_default();
        format!("{FORM}{}　{VERSION}{}　{SHEET}{}{as_of}", self.form, self.version, self.sheet)
    }

    /// Reads the line back from a text in which widths were already unified and blanks may be gone.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // Most texts of a sheet are none.
        if !text.trim_start().starts_with(FORM.get(..3)?) {
            return None;
        }
        let text: String =
            text.chars().map(|c| if c == '：' { ':' } else { c }).filter(|c| !c.is_whitespace()).collect();
        let lower = text.replace("様式id:", FORM);
        let rest = lower.strip_prefix(FORM)?;
        let (form, rest) = rest.split_once(VERSION)?;
        let (version, rest) = rest.split_once(SHEET).unwrap_or((rest, ""));
        let (sheet, as_of) = rest.split_once(AS_OF).unwrap_or((rest, ""));
        let as_of = as_of.get(..10).and_then(|d| d.parse().ok());
        Some(Self { form: form.into(), version: version.into(), sheet: sheet.into(), as_of })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_there_and_back() {
        let marker = Marker {
            form: "form-a".into(),
            version: "2".into(),
            sheet: "list".into(),
            as_of: NaiveDate::from_ymd_opt(2022, 10, 31),
        };
        assert_eq!(Marker::parse(&marker.line()), Some(marker.clone()));
        assert_eq!(
            Marker::parse("様式ID： form-a 版：2"),
            Some(Marker { sheet: String::new(), as_of: None, ..marker })
        );
        assert_eq!(Marker::parse("様式"), None);
    }
}
