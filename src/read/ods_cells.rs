//! The cells of an OpenDocument spreadsheet, sparse, straight from its content.
//!
//! Read by ourselves, because the library at hand keeps a dense rectangle and gives up on what other programs write between
//! the cells (line ends, soft page breaks, shapes). Repeats of what has content are written out, blanks are not; the pass of
//! [`super::ods_scan`] has bounded both before.

use std::collections::BTreeSet;

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::QName;
use quick_xml::reader::Reader;

use super::grid::iso_serial;
use super::guard::Refusal;
use super::sheet_pass::is_known_error;
use super::xml;
use crate::model::grid::{CELL_PICTURE, Content};
use crate::model::place::CellRef;

const MAX_ROW: u64 = 1_048_576;
const MAX_COL: u64 = 16_384;

/// A table with its used cells in order: where, what, and whether a formula stands there.
#[derive(Debug, Default)]
pub struct Sheet {
    /// Name of the sheet.
    pub name: String,
    /// Whether its style hides it.
    pub hidden: bool,
    /// The cells.
    pub cells: Vec<(CellRef, Content, bool)>,
}

/// Reads the tables of a content that [`super::ods_scan::scan`] has passed.
///
/// # Errors
/// [`Refusal::Damaged`] for bad XML.
pub fn read(text: &str) -> Result<Vec<Sheet>, Refusal> {
    let mut pass = Pass { reader: xml::reader(text), hiding: BTreeSet::new(), tables: Vec::new(), row: 0 };
    pass.run().map_err(|e| Refusal::Damaged { detail: format!("content.xml: {e}") })?;
    Ok(pass.tables)
}

struct Pass<'t> {
    reader: Reader<&'t [u8]>,
    /// Table styles that hide their sheet.
    hiding: BTreeSet<String>,
    tables: Vec<Sheet>,
    row: u64,
}

type Step<T> = Result<T, quick_xml::Error>;

impl<'t> Pass<'t> {
    fn run(&mut self) -> Step<()> {
        let mut style = String::new();
        loop {
            match self.reader.read_event()? {
                Event::Start(e) => match e.local_name().as_ref() {
                    "style" => style = xml::attr(&e, "name").unwrap_or_default(),
                    "table-properties" if xml::attr(&e, "display").is_some_and(|d| d.trim() == "false") => {
                        self.hiding.insert(style.clone());
                    }
                    // What was there before a change is no cell of a sheet.
                    "tracked-changes" => self.skip(&e)?,
                    "table" => {
                        let hidden = xml::attr(&e, "style-name").is_some_and(|s| self.hiding.contains(&s));
                        let name = xml::attr(&e, "name").unwrap_or_default();
                        self.tables.push(Sheet { name, hidden, cells: Vec::new() });
                        self.table()?;
                    }
                    _ => {}
                },
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn skip(&mut self, e: &BytesStart<'t>) -> Step<()> {
        self.reader.read_to_end(e.name()).map(drop)
    }

    /// The rows up to the end of a table.
    fn table(&mut self) -> Step<()> {
        self.row = 0;
        loop {
            match self.reader.read_event()? {
                Event::Start(e) => match e.local_name().as_ref() {
                    "table-row" => {
                        let repeat = count(&e, "number-rows-repeated");
                        let cells = self.cells_of_row()?;
                        self.keep(&cells, repeat);
                        self.row = self.row.saturating_add(repeat);
                    }
                    // Pictures and charts bring tables of their own.
                    "shapes" | "table" => self.skip(&e)?,
                    _ => {}
                },
                Event::End(e) if e.local_name().as_ref() == "table" => return Ok(()),
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    /// The used cells of a row: the columns from and to, the content, and whether a formula stands there.
    fn cells_of_row(&mut self) -> Step<Vec<(u64, u64, Content, bool)>> {
        let mut cells = Vec::new();
        let mut col = 0u64;
        loop {
            match self.reader.read_event()? {
                Event::Start(e) => match e.local_name().as_ref() {
                    "table-cell" | "covered-table-cell" => {
                        let end = col.saturating_add(count(&e, "number-columns-repeated"));
                        let (content, formula) = self.cell(&e)?;
                        if formula || content != Content::Empty {
                            cells.push((col, end, content, formula));
                        }
                        col = end;
                    }
                    _ => self.skip(&e)?,
                },
                Event::End(e) if e.local_name().as_ref() == "table-row" => return Ok(cells),
                Event::Eof => return Ok(cells),
                _ => {}
            }
        }
    }

    fn keep(&mut self, cells: &[(u64, u64, Content, bool)], repeat: u64) {
        let Some(table) = self.tables.last_mut().filter(|_| !cells.is_empty()) else { return };
        // What stands beyond the grid is told by the pass before.
        for row in self.row..self.row.saturating_add(repeat).min(MAX_ROW) {
            for (from, to, content, formula) in cells {
                for col in *from..(*to).min(MAX_COL) {
                    if let (Ok(row), Ok(col)) = (u32::try_from(row), u32::try_from(col)) {
                        table.cells.push((CellRef::new(row, col), content.clone(), *formula));
                    }
                }
            }
        }
    }

    /// The content of the cell that has just begun.
    fn cell(&mut self, e: &BytesStart<'t>) -> Step<(Content, bool)> {
        let attr = |name| own_attr(e, name);
        let formula = xml::value(e, "formula");
        // A picture in the cell, as WPS Office writes it; every other program shows an error.
        if formula.as_ref().is_some_and(|f| f.contains("DISPIMG(")) {
            self.text()?;
            return Ok((Content::Text(CELL_PICTURE.into()), false));
        }
        let formula = formula.is_some();
        let number = || attr("value").and_then(|v| v.trim().parse::<f64>().ok()).filter(|n| n.is_finite());
        let text = self.text()?;
        let content = match attr("value-type").as_deref() {
            Some("float" | "percentage" | "currency") => number().map(Content::Number),
            Some("date") => {
                attr("date-value").map(|v| iso_serial(&v, false).map_or(Content::Text(v), Content::DateTime))
            }
            Some("time") => attr("time-value").map(|v| duration(&v).map_or(Content::Text(v), Content::DateTime)),
            Some("boolean") => attr("boolean-value").and_then(|v| truth(&v)),
            Some("string") => attr("string-value").filter(|v| !v.is_empty()).map(Content::Text),
            _ => None,
        };
        // Errors are named in the language of the program that saved them (#VALUE!, #WERT!, #VALORE!); no number looks so.
        let named = |t: &str| t.starts_with('#') && t.ends_with(['!', '?']) && !t.contains([' ', '\n']);
        let is_error = |t: &str| {
            is_known_error(t) || t.starts_with("Err:") || named(t) && !matches!(content, Some(Content::Text(_)))
        };
        // A formula that failed shows its error and stores an empty text, or (older programs) a 0.
        if formula && is_error(&text) {
            return Ok((Content::Error(text), true));
        }
        let content = content.unwrap_or(if text.is_empty() { Content::Empty } else { Content::Text(text) });
        Ok((content, formula))
    }

    /// The paragraphs up to the end of the cell, as lines.
    fn text(&mut self) -> Step<String> {
        let mut lines: Vec<String> = Vec::new();
        loop {
            match self.reader.read_event()? {
                Event::Start(e) if e.local_name().as_ref() == "p" => lines.push(self.paragraph()?),
                // Notes, pictures, tables inside.
                Event::Start(e) => self.skip(&e)?,
                Event::End(e) if matches!(e.local_name().as_ref(), "table-cell" | "covered-table-cell") => break,
                Event::Eof => break,
                _ => {}
            }
        }
        Ok(lines.join("\n"))
    }

    /// A paragraph: blanks and line ends of the file count once, and not at all where it begins; furigana is left out.
    fn paragraph(&mut self) -> Step<String> {
        let mut out = String::new();
        let mut blank = true;
        loop {
            match self.reader.read_event()? {
                Event::Start(e) => match e.local_name().as_ref() {
                    "s" => {
                        let blanks = usize::try_from(count(&e, "c")).unwrap_or(usize::MAX).min(MAX_BLANKS);
                        out.extend(std::iter::repeat_n(' ', blanks));
                        blank = false;
                    }
                    "tab" => out.push('\t'),
                    "line-break" => {
                        out.push('\n');
                        blank = true;
                    }
                    "ruby-text" | "annotation" | "note" => self.skip(&e)?,
                    _ => {}
                },
                Event::End(e) if e.local_name().as_ref() == "p" => return Ok(out),
                Event::Eof => return Ok(out),
                event => {
                    let mut piece = String::new();
                    xml::push_text(&event, &mut piece);
                    let own = matches!(event, Event::GeneralRef(_));
                    for c in piece.chars() {
                        if !own && matches!(c, ' ' | '\t' | '\r' | '\n') {
                            if !blank {
                                out.push(' ');
                            }
                            blank = true;
                        } else {
                            out.push(c);
                            blank = false;
                        }
                    }
                }
            }
        }
    }
}

/// Blanks in one element: more than a cell holds.
const MAX_BLANKS: usize = 65_536;

/// An attribute of OpenDocument's own; LibreOffice adds some of the same names in a space of its own.
fn own_attr(e: &BytesStart<'_>, name: &str) -> Option<String> {
    let is_own =
        |key: QName<'_>| key.local_name().as_ref() == name && key.prefix().is_none_or(|p| p.as_ref() != "calcext");
    let found = e.attributes().with_checks(false).flatten().find(|a| is_own(a.key))?;
    found.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}

/// A truth value; a number that only looks like one (LibreOffice writes it so) stays a number.
fn truth(text: &str) -> Option<Content> {
    match text.trim() {
        t if t.eq_ignore_ascii_case("true") => Some(Content::Bool(true)),
        t if t.eq_ignore_ascii_case("false") => Some(Content::Bool(false)),
        t => t.parse::<f64>().ok().filter(|n| n.is_finite()).map(Content::Number),
    }
}

/// A repeat; at least one.
fn count(e: &BytesStart<'_>, name: &str) -> u64 {
    xml::attr(e, name).and_then(|v| v.trim().parse().ok()).unwrap_or(1).max(1)
}

/// The serial of an ISO 8601 duration such as `PT09H30M00S`.
pub(super) fn duration(text: &str) -> Option<f64> {
    let (sign, text) = text.trim().strip_prefix('-').map_or((1.0, text.trim()), |t| (-1.0, t));
    let (days, time) = text.strip_prefix('P')?.split_once('T')?;
    let days = match days.strip_suffix('D') {
        Some(days) => days.parse::<f64>().ok()?,
        None if days.is_empty() => 0.0,
        None => return None,
    };
    let mut seconds = 0.0;
    let mut number = String::new();
    for c in time.chars() {
        if c.is_ascii_digit() || c == '.' {
            number.push(c);
            continue;
        }
        let unit = match c {
            'H' => 3_600.0,
            'M' => 60.0,
            'S' => 1.0,
            _ => return None,
        };
        seconds += std::mem::take(&mut number).parse::<f64>().ok()? * unit;
    }
    number.is_empty().then_some(sign * (days + seconds / 86_400.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(rows: &str) -> Vec<(String, Content, bool)> {
        let text = format!("<o:d><o:s><t:table t:name=\"表\">{rows}</t:table></o:s></o:d>");
        let mut tables = read(&text).unwrap();
        assert_eq!(tables.len(), 1);
        tables.remove(0).cells.into_iter().map(|(at, content, formula)| (at.to_string(), content, formula)).collect()
    }

    fn text(at: &str, text: &str) -> (String, Content, bool) {
        (at.to_string(), Content::Text(text.to_string()), false)
    }

    #[test]
    fn line_ends_between_cells_and_what_is_no_cell() {
        let rows = "\n <t:shapes><d:f><t:table t:name='in a chart'><t:table-row><t:table-cell><x:p>no</x:p></t:table-cell>\
            </t:table-row></t:table></d:f></t:shapes>\n <t:table-row>\n <x:soft-page-break/>\n <t:table-cell o:value-type='string'>\
            \n <x:p>一  行\n 目</x:p>\n<o:annotation><x:p>note</x:p></o:annotation><x:p>二<x:s x:c='2'/>行<x:ruby><x:ruby-base>漢</x:ruby-base>\
            <x:ruby-text>かん</x:ruby-text></x:ruby>&amp;&#10;</x:p>\n </t:table-cell>\n </t:table-row>";
        assert_eq!(sheet(rows), [text("A1", "一 行 目\n二  行漢&\n")]);
    }

    #[test]
    fn repeats_and_types() {
        let rows = "<t:table-row t:number-rows-repeated='2'><t:table-cell t:number-columns-repeated='3'/>\
            <t:table-cell t:number-columns-repeated='2' o:value-type='float' o:value='1.5' calcext:value-type='float'><x:p>1,5</x:p></t:table-cell>\
            </t:table-row><t:table-row><t:table-cell o:value-type='date' o:date-value='2022-10-31'/>\
            <t:table-cell o:value-type='time' o:time-value='PT06H00M00S'/><t:table-cell o:value-type='boolean' o:boolean-value='true'/>\
            <t:table-cell t:formula='of:=1' o:value-type='string' o:string-value='' calcext:value-type='error'><x:p>#REF!</x:p></t:table-cell>\
            <t:table-cell t:formula='of:=[.A1]'/></t:table-row>";
        let number = |at: &str| (at.to_string(), Content::Number(1.5), false);
        let mut expected = vec![number("D1"), number("E1"), number("D2"), number("E2")];
        expected.push(("A3".into(), Content::DateTime(44_865.0), false));
        expected.push(("B3".into(), Content::DateTime(0.25), false));
        expected.push(("C3".into(), Content::Bool(true), false));
        expected.push(("D3".into(), Content::Error("#REF!".into()), true));
        expected.push(("E3".into(), Content::Empty, true));
        assert_eq!(sheet(rows), expected);
    }

    #[test]
    fn a_number_that_looks_like_a_truth_value_stays_a_number() {
        let cell = |value: &str| {
            let rows = format!(
                "<t:table-row><t:table-cell o:value-type='boolean' o:boolean-value='{value}'><x:p>TRUE</x:p></t:table-cell></t:table-row>"
            );
            sheet(&rows).remove(0).1
        };
        assert_eq!([cell("8"), cell("2.5E+003")], [Content::Number(8.0), Content::Number(2_500.0)]);
        assert_eq!([cell("false"), cell(" TRUE ")], [Content::Bool(false), Content::Bool(true)]);
        assert_eq!(cell("?"), Content::Text("TRUE".into()), "what is shown");
    }

    #[test]
    fn durations() {
        assert_eq!(duration("PT36H30M00S"), Some(36.5 / 24.0));
        assert_eq!(duration("-P1DT12H00M00S"), Some(-1.5));
        assert_eq!(duration("PT1X"), None);
    }
}
