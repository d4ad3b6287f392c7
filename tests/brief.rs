//! The papers of the headquarters meeting: what stands in the document and in what order, that restricted answers and
//! characters that XML forbids do not, that bytes repeat, and what a round without data gets.

mod synthetic;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use synthetic::{ledger, ledger_where_all_answered};
use torimatome::forms::Templates;
use torimatome::model::ledger::Ledger;
use torimatome::write::brief;

fn shipped() -> Templates {
    Templates::embedded().expect("the shipped definitions load")
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut package = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
    let mut text = String::new();
    package.by_name(name).expect("the part").read_to_string(&mut text).expect("text");
    text
}

/// The document's paragraphs, in order.
fn paragraphs(bytes: &[u8]) -> Vec<String> {
    let xml = part(bytes, "word/document.xml");
    let run = |p: &str| -> String {
        p.split("<w:t")
            .skip(1)
            .filter(|t| t.starts_with([' ', '>']))
            .filter_map(|t| Some(&t[t.find('>')? + 1..t.find("</w:t>")?]))
            .collect()
    };
    xml.split("<w:p>").skip(1).map(run).collect()
}

fn text_of(ledger: &Ledger, templates: &Templates) -> Vec<String> {
    paragraphs(&brief(ledger, templates).expect("written").bytes)
}

fn place(all: &[String], wanted: &str) -> usize {
    all.iter()
        .position(|p| p.starts_with(wanted) || wanted.chars().count() > 2 && p.contains(wanted))
        .unwrap_or_else(|| panic!("「{wanted}」 is not there: {all:#?}"))
}

#[test]
fn parts_follow_the_minutes_and_say_what_is_provisional() {
    let all = text_of(&ledger(), &shipped());
    let order =
        ["【暫定】", "【審議事項】", "【報告事項】", "ア　", "①　", "職員アンケート", "【別紙】", "別紙1　", "別紙2　"];
    let places: Vec<usize> = order.iter().map(|w| place(&all, w)).collect();
    assert!(places.is_sorted(), "{places:?}");
    let caveat = &shipped().rates.iter().find_map(|r| r.caveat.clone()).expect("a caveat");
    assert!(place(&all, caveat) > place(&all, "【報告事項】"));
    let complete = text_of(&ledger_where_all_answered(), &shipped());
    assert!(!complete.iter().any(|p| p.contains("【暫定】")), "a complete round is not provisional");
}

#[test]
fn every_item_of_the_annex_has_its_row() {
    let ledger = ledger();
    let all = text_of(&ledger, &shipped());
    let annex = &all[place(&all, "【別紙】")..];
    for item in ledger.items.iter().filter(|i| i.form == "migration-plan") {
        assert!(annex.iter().filter(|p| **p == item.item.name).count() >= 2, "{} in chart and table", item.item.name);
    }
}

#[test]
fn the_same_ledger_gives_the_same_bytes_in_any_thread() {
    let write = || brief(&ledger(), &shipped()).expect("written").bytes;
    let first = write();
    assert_eq!(first, write());
    assert_eq!(first, std::thread::spawn(write).join().expect("no panic"));
}

#[test]
fn header_rows_are_repeated_and_headings_keep_with_what_follows() {
    let xml = part(&brief(&ledger(), &shipped()).expect("written").bytes, "word/document.xml");
    let heads = xml.matches("<w:tblHeader/>").count();
    assert!(heads >= 4, "{heads} repeated header rows");
    for (at, _) in xml.match_indices("w:val=\"Heading2\"") {
        let end = at + xml[at..].find("</w:pPr>").expect("closed");
        assert!(xml[at..end].contains("<w:keepNext/>"), "a heading may be left alone at the foot of a page");
    }
}

#[test]
fn restricted_columns_are_refused_with_their_line() {
    let source = include_str!("../templates/brief.toml");
    let restricted = source.replace("field = \"method\"", "field = \"target_vendor\"");
    assert_ne!(source, restricted);
    let overlay = BTreeMap::from([("brief.toml".to_string(), restricted.into_bytes())]);
    let errors = Templates::load(&overlay).expect_err("a restricted column");
    assert!(errors.iter().any(|e| e.file == "brief.toml" && e.line.is_some() && e.message.contains("関係課限り")));
}

#[test]
fn a_form_that_is_not_asked_says_so_or_is_left_out() {
    let mut ledger = ledger();
    ledger.round.forms.remove("migration-plan");
    let all = text_of(&ledger, &shipped());
    let at = place(&all, "情報システムの標準化・共通化");
    assert_eq!(all[at + 1], "今回の調査では取りまとめていない。");
    assert!(!all.iter().any(|p| p.contains("基幹業務システムの移行計画")), "the annex is left out");
    // 別紙2 became 別紙1, and the text that refers to it follows.
    assert!(all[place(&all, "運用開始日を決定したい")].contains("別紙1"));
}

#[test]
fn what_xml_forbids_does_not_break_the_document() {
    let mut ledger = ledger();
    ledger.round.mark = "見本\u{0}\u{B}＜&\"\u{FFFF}".into();
    let bytes = brief(&ledger, &shipped()).expect("written").bytes;
    for name in ["word/document.xml", "word/header1.xml", "word/footer1.xml", "word/styles.xml", "docProps/core.xml"] {
        let text = part(&bytes, name);
        assert!(
            !text.chars().any(|c| (c.is_control() && !matches!(c, '\n' | '\t' | '\r')) || c == '\u{FFFF}'),
            "{name}"
        );
        let mut own = quick_xml::Reader::from_str(&text);
        loop {
            match own.read_event() {
                Ok(quick_xml::events::Event::Eof) => break,
                Ok(_) => {}
                Err(e) => panic!("{name}: {e}"),
            }
        }
    }
}
