//! Cell styles: the number format of each, and what its font looks like.
//!
//! Excel writes the formats it has built in as bare numbers. Those of a Japanese Excel (27–36 and 50–58) stand in no
//! file at all, so they are resolved here after ECMA-376 part 1, 18.8.30 (`ja-jp`).

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};

use super::rich::Look;
use super::symbols::Face;
use super::xml;

/// What a cell style says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellStyle {
    /// Number format code, `None` for General.
    pub format: Option<String>,
    /// What the font looks like.
    pub look: Look,
    /// The cell may be written on a protected sheet.
    pub unlocked: bool,
}

/// Excel's own limit of cell styles is 65,490.
const MAX_STYLES: usize = 65_536;
/// Excel's own limit of a format code.
const MAX_FORMAT: usize = 255;

/// Reads `styles.xml` into one entry per cell style.
///
/// # Errors
/// A word on what is wrong when the part is malformed or passes Excel's own limits.
pub fn parse(text: &str) -> Result<Vec<CellStyle>, String> {
    let mut reader = xml::reader(text);
    let mut formats: BTreeMap<u32, String> = BTreeMap::new();
    let mut fonts: Vec<Look> = Vec::new();
    let mut records: Vec<(Option<u32>, Option<u32>, bool)> = Vec::new();
    let (mut in_formats, mut in_fonts, mut in_cells) = (false, false, false);
    loop {
        match reader.read_event().map_err(|e| e.to_string())? {
            Event::Start(e) => match e.local_name().as_ref() {
                "numFmts" => in_formats = true,
                "fonts" => in_fonts = true,
                "cellXfs" => in_cells = true,
                "numFmt" if in_formats => {
                    if let (Some(id), Some(code)) = (id(&e, "numFmtId"), xml::attr(&e, "formatCode")) {
                        if code.chars().count() > MAX_FORMAT {
                            return Err("number format longer than 255".into());
                        }
                        formats.insert(id, code);
                    }
                }
                "font" if in_fonts => fonts.push(Look::default()),
                "strike" if in_fonts => set(&mut fonts, |f| f.struck = !is_off(&e)),
                "color" if in_fonts => set(&mut fonts, |f| f.red = is_red(&e)),
                "vertAlign" if in_fonts => set(&mut fonts, |f| f.raised = is_raised(&e)),
                "name" if in_fonts => set(&mut fonts, |f| f.face = face(&e)),
                "xf" if in_cells => records.push((id(&e, "numFmtId"), id(&e, "fontId"), false)),
                "protection" if in_cells => {
                    let free = xml::attr(&e, "locked").is_some_and(|v| !xml::truthy(&v));
                    records.last_mut().into_iter().for_each(|r| r.2 = free);
                }
                _ => {}
            },
            Event::End(e) => match e.local_name().as_ref() {
                "numFmts" => in_formats = false,
                "fonts" => in_fonts = false,
                "cellXfs" => in_cells = false,
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
        if records.len() > MAX_STYLES || fonts.len() > MAX_STYLES || formats.len() > MAX_STYLES {
            return Err("more cell styles than Excel has".into());
        }
    }
    let style = |(format, font, unlocked): (Option<u32>, Option<u32>, bool)| CellStyle {
        format: format.and_then(|id| code(id, &formats)),
        look: font.and_then(|i| fonts.get(i as usize)).copied().unwrap_or_default(),
        unlocked,
    };
    Ok(records.into_iter().map(style).collect())
}

fn set(fonts: &mut [Look], change: impl FnOnce(&mut Look)) {
    if let Some(last) = fonts.last_mut() {
        change(last);
    }
}

fn id(element: &BytesStart<'_>, name: &str) -> Option<u32> {
    xml::attr(element, name)?.trim().parse().ok()
}

/// Whether an element such as `<strike val="0"/>` says no; without `val` it says yes.
pub(super) fn is_off(element: &BytesStart<'_>) -> bool {
    xml::attr(element, "val").is_some_and(|v| !xml::truthy(&v))
}

/// Whether an element `<vertAlign>` raises the text above the line or lowers it.
pub(super) fn is_raised(element: &BytesStart<'_>) -> bool {
    xml::attr(element, "val").is_some_and(|v| matches!(v.trim(), "superscript" | "subscript"))
}

/// What the letters of a named font show.
pub(super) fn face(element: &BytesStart<'_>) -> Face {
    xml::value(element, "val").map(|name| Face::of(&name)).unwrap_or_default()
}

/// Whether a colour reads as red: the standard red and dark red, and what lies near them; palette entries 2 and 10.
pub(super) fn is_red(element: &BytesStart<'_>) -> bool {
    if let Some(indexed) = xml::attr(element, "indexed") {
        return matches!(indexed.trim(), "2" | "10");
    }
    xml::attr(element, "rgb").is_some_and(|rgb| is_red_code(rgb.trim()))
}

/// Whether a colour in hexadecimal digits, whatever stands before the last six, reads as red.
pub(super) fn is_red_code(code: &str) -> bool {
    let Some(rgb) = code.get(code.len().saturating_sub(6)..) else { return false };
    let Ok(value) = u32::from_str_radix(rgb, 16) else { return false };
    let [_, r, g, b] = value.to_be_bytes();
    is_red_rgb(r, g, b)
}

/// Whether a colour reads as red.
pub(super) const fn is_red_rgb(r: u8, g: u8, b: u8) -> bool {
    r >= 0xb0 && g <= 0x50 && b <= 0x50
}

/// The format code of an id; `None` for General.
fn code(id: u32, formats: &BTreeMap<u32, String>) -> Option<String> {
    let code = formats.get(&id).map(String::as_str).or_else(|| builtin(id))?;
    (!code.eq_ignore_ascii_case("General")).then(|| code.to_string())
}

/// The format codes that are built in, as a Japanese Excel shows them; `None` for General and ids that mean nothing.
#[must_use]
pub fn builtin(id: u32) -> Option<&'static str> {
    Some(match id {
        1 => "0",
        2 => "0.00",
        3 => "#,##0",
        4 => "#,##0.00",
        5 => r##""¥"#,##0;"¥"-#,##0"##,
        6 => r##""¥"#,##0;[Red]"¥"-#,##0"##,
        7 => r##""¥"#,##0.00;"¥"-#,##0.00"##,
        8 => r##""¥"#,##0.00;[Red]"¥"-#,##0.00"##,
        9 => "0%",
        10 => "0.00%",
        11 => "0.00E+00",
        12 => "# ?/?",
        13 => "# ??/??",
        14 => "yyyy/m/d",
        15 => "d-mmm-yy",
        16 => "d-mmm",
        17 => "mmm-yy",
        18 => "h:mm AM/PM",
        19 => "h:mm:ss AM/PM",
        20 => "h:mm",
        21 => "h:mm:ss",
        22 => "yyyy/m/d h:mm",
        27 | 36 | 50 | 57 => "[$-411]ge.m.d",
        28 | 29 | 51 | 54 | 58 => r#"[$-411]ggge"年"m"月"d"日""#,
        30 => "m/d/yy",
        31 => r#"yyyy"年"m"月"d"日""#,
        32 => r#"h"時"mm"分""#,
        33 => r#"h"時"mm"分"ss"秒""#,
        34 | 52 | 55 => r#"yyyy"年"m"月""#,
        35 | 53 | 56 => r#"m"月"d"日""#,
        37 => "#,##0;-#,##0",
        38 => "#,##0;[Red]-#,##0",
        39 => "#,##0.00;-#,##0.00",
        40 => "#,##0.00;[Red]-#,##0.00",
        41 => r#"_ * #,##0_ ;_ * \-#,##0_ ;_ * "-"_ ;_ @_ "#,
        42 => r#"_ "¥"* #,##0_ ;_ "¥"* \-#,##0_ ;_ "¥"* "-"_ ;_ @_ "#,
        43 => r#"_ * #,##0.00_ ;_ * \-#,##0.00_ ;_ * "-"??_ ;_ @_ "#,
        44 => r#"_ "¥"* #,##0.00_ ;_ "¥"* \-#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ "#,
        45 => "mm:ss",
        46 => "[h]:mm:ss",
        47 => "mm:ss.0",
        48 => "##0.0E+0",
        49 => "@",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_and_fonts() {
        let text = r#"<x:styleSheet xmlns:x="n"><x:numFmts><x:numFmt numFmtId="176" formatCode="[$-411]ggge&quot;年&quot;"/></x:numFmts>
            <x:fonts><x:font/><x:font><x:strike/><x:color rgb="FFFF0000"/></x:font><x:font><x:strike val="0"/><x:color rgb="FF000000"/></x:font></x:fonts>
            <x:cellStyleXfs><x:xf numFmtId="9"/></x:cellStyleXfs>
            <x:cellXfs><x:xf numFmtId="0" fontId="0"/><x:xf numFmtId="176" fontId="1"/><x:xf numFmtId="31" fontId="2"><x:protection locked="0"/></x:xf></x:cellXfs></x:styleSheet>"#;
        let styles = parse(text).unwrap();
        assert_eq!(styles.len(), 3, "cell styles only, not the named ones");
        assert_eq!(styles[0], CellStyle::default());
        assert_eq!(
            styles[1],
            CellStyle {
                format: Some(r#"[$-411]ggge"年""#.into()),
                look: Look { struck: true, red: true, ..Look::default() },
                unlocked: false,
            }
        );
        assert_eq!(
            styles[2],
            CellStyle { format: Some(r#"yyyy"年"m"月"d"日""#.into()), unlocked: true, ..CellStyle::default() }
        );
    }
}
