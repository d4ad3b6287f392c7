//! The parts of a document's package, each element in the place that the schema gives it.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::xml::Xml;
use super::{
    Align, BODY, BODY_FONT, Block, Cell, Document, Fill, Line, MARGIN, PAGE, Paragraph, Row, Run, Shade, Spacing, Table,
};
use crate::look;

const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const WORD_TYPE: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";
/// Id, name, size in half points of the headings, by level.
const HEADINGS: [(&str, &str, u32); 3] =
    [("Heading1", "heading 1", 28), ("Heading2", "heading 2", 22), ("Heading3", "heading 3", 20)];

/// Writes the document as a package (.docx).
///
/// # Errors
/// When the archive cannot be written, in the library's words.
pub fn package(doc: &Document) -> Result<Vec<u8>, String> {
    let parts = [
        ("[Content_Types].xml", content_types(doc)),
        ("_rels/.rels", package_relations()),
        ("word/document.xml", body(doc)),
        ("word/_rels/document.xml.rels", document_relations(doc)),
        ("word/styles.xml", styles()),
        ("word/settings.xml", settings()),
        ("word/header1.xml", header(doc)),
        ("word/footer1.xml", footer(doc)),
        ("docProps/core.xml", core(doc)),
        ("docProps/app.xml", app()),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // Moment and system of an entry are always the same, so that the same document gives the same bytes on every machine.
    let options = SimpleFileOptions::default()
        .system(System::Unix)
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    for (name, content) in parts.into_iter().filter(|(_, content)| !content.is_empty()) {
        zip.start_file(name, options).map_err(|e| e.to_string())?;
        zip.write_all(&content).map_err(|e| e.to_string())?;
    }
    Ok(zip.finish().map_err(|e| e.to_string())?.into_inner())
}

fn content_types(doc: &Document) -> Vec<u8> {
    let mut xml = Xml::new();
    let words = |kind: &str| format!("{WORD_TYPE}.{kind}+xml");
    xml.element("Types", &[("xmlns", &format!("{PACKAGE}/content-types"))], |x| {
        let rels = "application/vnd.openxmlformats-package.relationships+xml";
        x.empty("Default", &[("Extension", "rels"), ("ContentType", rels)]);
        x.empty("Default", &[("Extension", "xml"), ("ContentType", "application/xml")]);
        let mut part = |name: &str, kind: &str| x.empty("Override", &[("PartName", name), ("ContentType", kind)]);
        part("/word/document.xml", &words("document.main"));
        part("/word/styles.xml", &words("styles"));
        part("/word/settings.xml", &words("settings"));
        if !doc.header.is_empty() {
            part("/word/header1.xml", &words("header"));
        }
        if doc.numbered {
            part("/word/footer1.xml", &words("footer"));
        }
        part("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml");
        part("/docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml");
    });
    xml.into_bytes()
}

/// A part of relationships: kind and target of each, numbered from `rId1`.
fn relations(all: &[(String, &str)]) -> Vec<u8> {
    let mut xml = Xml::new();
    xml.element("Relationships", &[("xmlns", &format!("{PACKAGE}/relationships"))], |x| {
        for (n, (kind, target)) in (1..).zip(all) {
            x.empty("Relationship", &[("Id", &format!("rId{n}")), ("Type", kind), ("Target", target)]);
        }
    });
    xml.into_bytes()
}

fn package_relations() -> Vec<u8> {
    relations(&[
        (format!("{OFFICE}/officeDocument"), "word/document.xml"),
        (format!("{PACKAGE}/relationships/metadata/core-properties"), "docProps/core.xml"),
        (format!("{OFFICE}/extended-properties"), "docProps/app.xml"),
    ])
}

/// Styles and settings come first: `rId3` and `rId4` are the header and the footer, where there are any.
fn document_relations(doc: &Document) -> Vec<u8> {
    let mut all = vec![(format!("{OFFICE}/styles"), "styles.xml"), (format!("{OFFICE}/settings"), "settings.xml")];
    if !doc.header.is_empty() {
        all.push((format!("{OFFICE}/header"), "header1.xml"));
    }
    if doc.numbered {
        all.push((format!("{OFFICE}/footer"), "footer1.xml"));
    }
    relations(&all)
}

fn core(doc: &Document) -> Vec<u8> {
    let mut xml = Xml::new();
    let spaces = [
        ("xmlns:cp", "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"),
        ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        ("xmlns:dcterms", "http://purl.org/dc/terms/"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    ];
    let stamp = format!("{}T00:00:00Z", doc.day);
    xml.element("cp:coreProperties", &spaces, |x| {
        x.element("dc:title", &[], |x| x.text(&doc.title));
        x.element("dc:creator", &[], |x| x.text(&doc.author));
        x.element("cp:lastModifiedBy", &[], |x| x.text(&doc.author));
        for name in ["dcterms:created", "dcterms:modified"] {
            x.element(name, &[("xsi:type", "dcterms:W3CDTF")], |x| x.text(&stamp));
        }
    });
    xml.into_bytes()
}

fn app() -> Vec<u8> {
    let mut xml = Xml::new();
    let space = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties";
    xml.element("Properties", &[("xmlns", space)], |x| x.element("Application", &[], |x| x.text("torimatome")));
    xml.into_bytes()
}

fn settings() -> Vec<u8> {
    let mut xml = Xml::new();
    xml.element("w:settings", &[("xmlns:w", MAIN)], |x| {
        x.val("w:characterSpacingControl", "compressPunctuation");
        x.element("w:compat", &[], |x| {
            // Laid out as Word 2013 and later do.
            let mode = [
                ("w:name", "compatibilityMode"),
                ("w:uri", "http://schemas.microsoft.com/office/word"),
                ("w:val", "15"),
            ];
            x.empty("w:compatSetting", &mode);
        });
        x.empty("w:themeFontLang", &[("w:val", "en-US"), ("w:eastAsia", "ja-JP")]);
    });
    xml.into_bytes()
}

/// The body's look, its default style, and headings as styles, so that the document has an outline.
fn styles() -> Vec<u8> {
    let mut xml = Xml::new();
    xml.element("w:styles", &[("xmlns:w", MAIN)], |x| {
        x.element("w:docDefaults", &[], |x| {
            x.element("w:rPrDefault", &[], |x| {
                x.element("w:rPr", &[], |x| {
                    fonts(x, BODY_FONT);
                    size(x, BODY);
                    x.empty("w:lang", &[("w:val", "en-US"), ("w:eastAsia", "ja-JP")]);
                });
            });
            x.element("w:pPrDefault", &[], |x| {
                x.element("w:pPr", &[], |x| spacing(x, Spacing { line: Some(Line::Auto(240)), ..Spacing::default() }));
            });
        });
        let normal = [("w:type", "paragraph"), ("w:default", "1"), ("w:styleId", "Normal")];
        x.element("w:style", &normal, |x| {
            x.val("w:name", "Normal");
            x.empty("w:qFormat", &[]);
        });
        for (level, (id, name, letters)) in HEADINGS.iter().enumerate() {
            x.element("w:style", &[("w:type", "paragraph"), ("w:styleId", id)], |x| {
                x.val("w:name", name);
                x.val("w:basedOn", "Normal");
                x.val("w:next", "Normal");
                x.empty("w:qFormat", &[]);
                x.element("w:pPr", &[], |x| x.val("w:outlineLvl", &level.to_string()));
                x.element("w:rPr", &[], |x| {
                    fonts(x, look::FONT);
                    x.empty("w:b", &[]);
                    size(x, *letters);
                });
            });
        }
    });
    xml.into_bytes()
}

fn header(doc: &Document) -> Vec<u8> {
    if doc.header.is_empty() {
        return Vec::new();
    }
    let mut xml = Xml::new();
    let line = Paragraph { align: Align::Right, runs: doc.header.clone(), ..Paragraph::default() };
    xml.element("w:hdr", &[("xmlns:w", MAIN)], |x| paragraph(x, &line));
    xml.into_bytes()
}

fn footer(doc: &Document) -> Vec<u8> {
    if !doc.numbered {
        return Vec::new();
    }
    let mut xml = Xml::new();
    xml.element("w:ftr", &[("xmlns:w", MAIN)], |x| {
        x.element("w:p", &[], |x| {
            x.element("w:pPr", &[], |x| x.val("w:jc", "center"));
            for (n, instruction) in ["PAGE", "NUMPAGES"].into_iter().enumerate() {
                if n > 0 {
                    run(x, &Run::new("／"));
                }
                let field = [("w:instr", instruction)];
                x.element("w:fldSimple", &field, |x| run(x, &Run::new("1")));
            }
        });
    });
    xml.into_bytes()
}

fn body(doc: &Document) -> Vec<u8> {
    let mut xml = Xml::new();
    xml.element("w:document", &[("xmlns:w", MAIN), ("xmlns:r", OFFICE)], |x| {
        x.element("w:body", &[], |x| {
            for block in &doc.body {
                match block {
                    Block::Paragraph(p) => paragraph(x, p),
                    Block::Table(t) => table(x, t),
                }
            }
            // Word wants a paragraph behind a table that ends a document.
            if matches!(doc.body.last(), Some(Block::Table(_)) | None) {
                paragraph(x, &Paragraph::default());
            }
            section(x, doc);
        });
    });
    xml.into_bytes()
}

fn section(x: &mut Xml, doc: &Document) {
    let (width, height, margin) = (PAGE.0.to_string(), PAGE.1.to_string(), MARGIN.to_string());
    x.element("w:sectPr", &[], |x| {
        let mut next = 3;
        for (name, is) in [("w:headerReference", !doc.header.is_empty()), ("w:footerReference", doc.numbered)] {
            if is {
                x.empty(name, &[("w:type", "default"), ("r:id", &format!("rId{next}"))]);
                next += 1;
            }
        }
        x.empty("w:pgSz", &[("w:w", &width), ("w:h", &height)]);
        let sides = ["w:top", "w:right", "w:bottom", "w:left"].map(|side| (side, margin.as_str()));
        let mut margins = sides.to_vec();
        margins.extend([("w:header", "567"), ("w:footer", "567"), ("w:gutter", "0")]);
        x.empty("w:pgMar", &margins);
    });
}

fn paragraph(x: &mut Xml, p: &Paragraph) {
    x.element("w:p", &[], |x| {
        x.unless_empty("w:pPr", |x| {
            if let Some((id, ..)) = p.heading.and_then(|level| HEADINGS.get(usize::from(level).saturating_sub(1))) {
                x.val("w:pStyle", id);
            }
            let marks = [
                ("w:keepNext", p.keep_next),
                ("w:keepLines", p.keep_lines),
                ("w:pageBreakBefore", p.new_page),
                ("w:widowControl", p.widow_control),
            ];
            for (name, _) in marks.into_iter().filter(|(_, is)| *is) {
                x.empty(name, &[]);
            }
            spacing(x, p.spacing);
            indent(x, p);
            match p.align {
                Align::Left => {}
                Align::Center => x.val("w:jc", "center"),
                Align::Right => x.val("w:jc", "right"),
            }
        });
        p.runs.iter().for_each(|r| run(x, r));
    });
}

fn spacing(x: &mut Xml, s: Spacing) {
    let mut all: Vec<(&str, String)> = Vec::new();
    all.extend(s.before.map(|n| ("w:before", n.to_string())));
    all.extend(s.after.map(|n| ("w:after", n.to_string())));
    let line = s.line.map(|l| match l {
        Line::Auto(n) => (n, "auto"),
        Line::Exact(n) => (n, "exact"),
    });
    if let Some((n, rule)) = line {
        all.extend([("w:line", n.to_string()), ("w:lineRule", rule.to_string())]);
    }
    if !all.is_empty() {
        let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
        x.empty("w:spacing", &all);
    }
}

fn indent(x: &mut Xml, p: &Paragraph) {
    if p.left == 0 && p.first == 0 {
        return;
    }
    let (left, first) = (p.left.to_string(), p.first.unsigned_abs().to_string());
    let side = if p.first < 0 { "w:hanging" } else { "w:firstLine" };
    x.empty("w:ind", &[("w:left", &left), (side, &first)]);
}

fn fonts(x: &mut Xml, name: &str) {
    x.empty("w:rFonts", &["w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"].map(|script| (script, name)));
}

fn size(x: &mut Xml, half_points: u32) {
    for name in ["w:sz", "w:szCs"] {
        x.val(name, &half_points.to_string());
    }
}

fn run(x: &mut Xml, r: &Run) {
    x.element("w:r", &[], |x| {
        x.unless_empty("w:rPr", |x| {
            if let Some(font) = r.font {
                fonts(x, font);
            }
            if r.bold {
                x.empty("w:b", &[]);
            }
            if let Some(color) = r.color {
                x.val("w:color", color);
            }
            if let Some(half_points) = r.size {
                size(x, half_points);
            }
            if r.framed {
                border(x, "w:bdr", 4, "000000");
            }
            if let Some(s) = r.shade {
                shade(x, s);
            }
        });
        for (n, line) in r.text.lines().enumerate() {
            if n > 0 {
                x.empty("w:br", &[]);
            }
            x.element("w:t", &[("xml:space", "preserve")], |x| x.text(line));
        }
    });
}

/// A line of so many eighths of a point.
fn border(x: &mut Xml, name: &str, eighths: u32, color: &str) {
    x.empty(name, &[("w:val", "single"), ("w:sz", &eighths.to_string()), ("w:space", "0"), ("w:color", color)]);
}

fn shade(x: &mut Xml, s: Shade) {
    let pattern = match s.fill {
        Fill::Plain => "clear",
        Fill::Slanted => "thinDiagStripe",
        Fill::Lying => "thinHorzStripe",
        Fill::Upright => "thinVertStripe",
    };
    x.empty("w:shd", &[("w:val", pattern), ("w:color", s.color), ("w:fill", s.back)]);
}

fn table(x: &mut Xml, t: &Table) {
    let whole: u32 = t.columns.iter().sum();
    x.element("w:tbl", &[], |x| {
        x.element("w:tblPr", &[], |x| {
            x.empty("w:tblW", &[("w:w", &whole.to_string()), ("w:type", "dxa")]);
            x.element("w:tblBorders", &[], |x| {
                for side in ["w:top", "w:left", "w:bottom", "w:right", "w:insideH", "w:insideV"] {
                    border(x, side, t.border, "808080");
                }
            });
            x.empty("w:tblLayout", &[("w:type", "fixed")]);
            x.element("w:tblCellMar", &[], |x| {
                for (side, width) in [("w:top", "20"), ("w:left", "70"), ("w:bottom", "20"), ("w:right", "70")] {
                    x.empty(side, &[("w:w", width), ("w:type", "dxa")]);
                }
            });
        });
        x.element("w:tblGrid", &[], |x| {
            t.columns.iter().for_each(|width| x.empty("w:gridCol", &[("w:w", &width.to_string())]));
        });
        t.rows.iter().for_each(|r| row(x, r, &t.columns));
    });
}

fn row(x: &mut Xml, r: &Row, columns: &[u32]) {
    x.element("w:tr", &[], |x| {
        x.element("w:trPr", &[], |x| {
            x.empty("w:cantSplit", &[]);
            if r.head {
                x.empty("w:tblHeader", &[]);
            }
        });
        let mut at = 0;
        for c in &r.cells {
            let span = usize::try_from(c.span.max(1)).unwrap_or(1);
            cell(x, c, columns.iter().skip(at).take(span).sum());
            at += span;
        }
    });
}

fn cell(x: &mut Xml, c: &Cell, width: u32) {
    x.element("w:tc", &[], |x| {
        x.element("w:tcPr", &[], |x| {
            x.empty("w:tcW", &[("w:w", &width.to_string()), ("w:type", "dxa")]);
            if c.span > 1 {
                x.val("w:gridSpan", &c.span.to_string());
            }
            if c.bare {
                x.element("w:tcBorders", &[], |x| {
                    ["w:top", "w:left", "w:bottom", "w:right"].into_iter().for_each(|side| x.val(side, "nil"));
                });
            }
            if let Some(s) = c.shade {
                shade(x, s);
            }
            if c.middle {
                x.val("w:vAlign", "center");
            }
        });
        paragraph(x, &c.paragraph);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_was_made_on_the_same_system() {
        let day = chrono::NaiveDate::from_ymd_opt(2022, 10, 31).expect("a day");
        let (title, author) = (String::new(), String::new());
        let doc = Document { title, author, day, header: Vec::new(), numbered: true, body: Vec::new() };
        let bytes = package(&doc).expect("written");
        // In the directory: the version that made it and its system, and further on the attributes.
        let entries: Vec<&[u8]> = bytes.windows(46).filter(|w| w.starts_with(b"PK\x01\x02")).collect();
        assert!(entries.len() > 7);
        assert!(entries.iter().all(|e| e[5] == 3 && e[38..42] == [0, 0, 0xa4, 0x81]), "{entries:?}");
    }
}
