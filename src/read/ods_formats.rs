//! The number formats of an .ods, which stand in elements, as the codes that other spreadsheets write.

use std::collections::BTreeMap;

use quick_xml::events::BytesStart;

use super::{styles, xml};

/// More conditions than a format has.
const MAX_MAPS: usize = 8;
/// No spreadsheet takes a longer code.
const MAX_CODE: usize = 1_024;

/// A data style that is being read, or was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataStyle {
    kind: String,
    code: String,
    /// Conditions, and the style that holds where one is met.
    maps: Vec<(String, String)>,
    /// Hours are not cut at the day.
    elapsed: bool,
    /// The text of the element that is open.
    text: String,
    /// Texts between digits, and how many digits stand behind each.
    between: Vec<(usize, String)>,
}

impl DataStyle {
    /// The style that an element begins, with its name; `None` for other elements.
    #[must_use]
    pub fn begin(e: &BytesStart<'_>) -> Option<(String, Self)> {
        let name = e.local_name();
        let kind = name.as_ref().strip_suffix("-style")?;
        if !["number", "currency", "percentage", "date", "time", "text"].contains(&kind) {
            return None;
        }
        let elapsed = xml::value(e, "truncate-on-overflow").is_some_and(|v| v.trim() == "false");
        Some((xml::attr(e, "name")?, Self { kind: kind.to_string(), elapsed, ..Self::default() }))
    }

    /// An element inside it.
    pub fn start(&mut self, e: &BytesStart<'_>) {
        self.text.clear();
        let long = xml::value(e, "style").is_some_and(|v| v.trim() == "long");
        let textual = xml::value(e, "textual").is_some_and(|v| v.trim() == "true");
        let era = xml::value(e, "calendar").is_some_and(|v| v.trim() == "gengou");
        let one = |wide: &'static str, narrow: &'static str| if long { wide } else { narrow };
        let piece = match e.local_name().as_ref() {
            "text-properties" => {
                let red = xml::value(e, "color").filter(|c| c.trim() != "#000000");
                let colour = red.map(|c| if styles::is_red_code(c.trim()) { "[Red]" } else { "[Blue]" });
                // A colour stands before everything else.
                self.code.insert_str(0, colour.unwrap_or_default());
                return;
            }
            "map" if self.maps.len() < MAX_MAPS => {
                let condition = xml::attr(e, "condition").unwrap_or_default();
                let condition = condition.trim().trim_start_matches("value()").replace("!=", "<>");
                self.maps.push((condition, xml::attr(e, "apply-style-name").unwrap_or_default()));
                return;
            }
            "era" => one("ggg", "g"),
            "year" if era => one("ee", "e"),
            "year" => one("yyyy", "yy"),
            "month" => match (textual, long) {
                (true, true) => "mmmm",
                (true, false) => "mmm",
                (false, true) => "mm",
                (false, false) => "m",
            },
            "day" => one("dd", "d"),
            "day-of-week" => one("aaaa", "aaa"),
            "hours" if std::mem::take(&mut self.elapsed) => "[h]",
            "hours" => one("hh", "h"),
            "minutes" if std::mem::take(&mut self.elapsed) => "[m]",
            "minutes" => one("mm", "m"),
            "seconds" => one("ss", "s"),
            "am-pm" => "AM/PM",
            "text-content" => "@",
            "scientific-number" => "0.00E+00",
            "fraction" => "# ?/?",
            _ => return,
        };
        self.push(piece);
    }

    /// Text inside it.
    pub fn push_text(&mut self, text: &str) {
        if self.text.len() < MAX_CODE {
            self.text.push_str(text);
        }
    }

    /// The end of an element inside it. Numbers end here, for texts may stand between their digits.
    pub fn end(&mut self, e: &BytesStart<'_>) {
        let text = std::mem::take(&mut self.text);
        match e.local_name().as_ref() {
            "text" if self.kind == "percentage" && text.contains(['%', '％']) => self.push(&text),
            "text" | "currency-symbol" => self.push(&quoted(&text)),
            "embedded-text" if self.between.len() < MAX_MAPS => {
                let place = xml::value(e, "position").and_then(|v| v.trim().parse().ok()).unwrap_or(0);
                self.between.push((place, quoted(&text)));
            }
            "number" => {
                let between = std::mem::take(&mut self.between);
                let code = number(e, &between);
                self.push(&code);
            }
            _ => {}
        }
    }

    fn push(&mut self, piece: &str) {
        if self.code.len() + piece.len() <= MAX_CODE {
            self.code.push_str(piece);
        }
    }
}

/// A text as a literal of a code.
fn quoted(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("\"{}\"", text.replace('"', "")) }
}

/// Digits: how many at least, with separators, behind the point, in thousands.
fn number(e: &BytesStart<'_>, between: &[(usize, String)]) -> String {
    let count = |name| xml::value(e, name).and_then(|v| v.trim().parse::<usize>().ok()).map(|n| n.min(30));
    let grouped = xml::flag(e, "grouping");
    let (least, places) = (count("min-integer-digits").unwrap_or(1), count("decimal-places"));
    if places.is_none() && !grouped && between.is_empty() && least <= 1 {
        return "General".into();
    }
    let longest = between.iter().map(|b| b.0 + 1).max().unwrap_or(1).min(60);
    let mut code = String::new();
    for place in (0..longest.max(least).max(if grouped { 4 } else { 1 })).rev() {
        code.push(if place < least { '0' } else { '#' });
        if grouped && place == 3 {
            code.push(',');
        }
        between.iter().filter(|b| b.0 == place).for_each(|b| code.push_str(&b.1));
    }
    let places = places.unwrap_or(0);
    if places > 0 {
        let least = count("min-decimal-places").unwrap_or(places).min(places);
        code.push('.');
        code.extend(std::iter::repeat_n('0', least).chain(std::iter::repeat_n('#', places - least)));
    }
    let factor = xml::number(e, "display-factor").unwrap_or(1.0);
    for power in [1e3, 1e6, 1e9] {
        if factor >= power {
            code.push(',');
        }
    }
    code
}

/// The code of a data style with the styles that hold where its conditions are met; `None` for General and for what is none.
#[must_use]
pub fn code(name: &str, all: &BTreeMap<String, DataStyle>) -> Option<String> {
    let style = all.get(name)?;
    let mut sections: Vec<String> =
        style.maps.iter().filter_map(|(condition, of)| Some(format!("[{condition}]{}", all.get(of)?.code))).collect();
    if style.kind == "text" && !sections.is_empty() {
        sections.resize(3, String::new());
    }
    sections.push(style.code.clone());
    let code = sections.join(";");
    (!code.is_empty() && code != "General" && code.len() <= MAX_CODE).then_some(code)
}

#[cfg(test)]
mod tests {
    use crate::read::ods_styles::Styles;

    fn code_of(data: &str) -> Option<String> {
        let text = format!(
            r#"<office:automatic-styles>{data}<style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/></office:automatic-styles>"#
        );
        let mut styles = Styles::default();
        styles.add(&text, "automatic-styles").unwrap();
        assert_eq!(styles.cell("ce1").format, Some(0));
        styles.codes().remove(0)
    }

    #[test]
    fn elements_become_the_codes_of_other_spreadsheets() {
        for (data, want) in [
            (
                r#"<number:number-style style:name="N1"><number:number number:min-integer-digits="1"/></number:number-style>"#,
                None,
            ),
            (
                r#"<number:number-style style:name="N1"><number:number number:decimal-places="0" number:min-integer-digits="1" number:grouping="true"/><number:text>円</number:text></number:number-style>"#,
                Some("#,##0\"円\""),
            ),
            (
                r#"<number:currency-style style:name="N1"><number:currency-symbol number:language="ja">￥</number:currency-symbol><number:number number:decimal-places="0" number:min-integer-digits="1" number:grouping="true"/></number:currency-style>"#,
                Some("\"￥\"#,##0"),
            ),
            (
                r#"<number:percentage-style style:name="N1"><number:number number:decimal-places="1" number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style>"#,
                Some("0.0%"),
            ),
            (
                r#"<number:number-style style:name="N1"><number:number number:decimal-places="1" number:min-decimal-places="0" number:min-integer-digits="1" number:display-factor="1000"/><number:text>千円</number:text></number:number-style>"#,
                Some("0.#,\"千円\""),
            ),
            (
                r#"<number:number-style style:name="N1"><number:number number:decimal-places="0" number:min-integer-digits="7"><number:embedded-text number:position="4">-</number:embedded-text></number:number></number:number-style>"#,
                Some("000\"-\"0000"),
            ),
            (
                r#"<number:date-style style:name="N1"><number:month/><number:text>月</number:text><number:day/><number:text>日</number:text></number:date-style>"#,
                Some("m\"月\"d\"日\""),
            ),
            (
                r#"<number:date-style style:name="N1"><number:era number:calendar="gengou" number:style="long"/><number:year number:calendar="gengou"/><number:text>年</number:text></number:date-style>"#,
                Some("ggge\"年\""),
            ),
            (
                r#"<number:time-style style:name="N1" number:truncate-on-overflow="false"><number:hours/><number:text>:</number:text><number:minutes number:style="long"/></number:time-style>"#,
                Some("[h]\":\"mm"),
            ),
            (
                r##"<number:number-style style:name="P0"><number:number number:decimal-places="0" number:min-integer-digits="1"/></number:number-style><number:number-style style:name="P1"><style:text-properties fo:color="#ff0000"/><number:text>▲</number:text><number:number number:decimal-places="0" number:min-integer-digits="1"/></number:number-style><number:number-style style:name="N1"><number:text>未定</number:text><style:map style:condition="value()&gt;0" style:apply-style-name="P0"/><style:map style:condition="value()&lt;0" style:apply-style-name="P1"/></number:number-style>"##,
                Some("[>0]0;[<0][Red]\"▲\"0;\"未定\""),
            ),
            (
                r#"<number:number-style style:name="P0"><number:text>○</number:text></number:number-style><number:text-style style:name="N1"><number:text-content/><number:text>課</number:text><style:map style:condition="value()=1" style:apply-style-name="P0"/></number:text-style>"#,
                Some("[=1]\"○\";;;@\"課\""),
            ),
        ] {
            assert_eq!(code_of(data).as_deref(), want, "{data}");
        }
    }
}
