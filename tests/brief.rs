//! The papers of the headquarters meeting: what stands in the document and in what order, that restricted answers and
//! characters that XML forbids do not, that bytes repeat, and what a round without data gets.

mod synthetic;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use synthetic::{ledger, ledger_where_all_answered};
use torimatome::forms::Templates;
use torimatome::model::ledger::Ledger;
use torimatome::model::round::MeetingSettings;
use torimatome::model::{Code, Round};
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
    paragraphs(&brief(ledger, templates).expect("written").body.all().unwrap())
}

fn place(all: &[String], wanted: &str) -> usize {
    all.iter()
        .position(|p| p.starts_with(wanted) || wanted.chars().count() > 2 && p.contains(wanted))
        .unwrap_or_else(|| panic!("「{wanted}」 is not there: {all:#?}"))
}

#[test]
fn parts_follow_the_minutes_and_say_what_is_provisional() {
    let all = text_of(&ledger(), &shipped());
    let order = ["【暫定】", "【審議事項】", "【報告事項】", "ア　", "①　", "【別紙】", "別紙1　", "別紙2　"];
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
    let write = || brief(&ledger(), &shipped()).expect("written").body.all().unwrap().into_owned();
    let first = write();
    assert_eq!(first, write());
    assert_eq!(first, std::thread::spawn(write).join().expect("no panic"));
}

#[test]
fn header_rows_are_repeated_and_headings_keep_with_what_follows() {
    let xml = part(&brief(&ledger(), &shipped()).expect("written").body.all().unwrap(), "word/document.xml");
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
    let bytes = brief(&ledger, &shipped()).expect("written").body.all().unwrap().into_owned();
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

/// The shipped agenda with some rows changed, and rows of the office's own.
fn agenda(templates: &Templates, change: impl Fn(&mut Code), own: &[[&str; 5]]) -> Templates {
    let mut list = templates.lists["agenda"].clone();
    list.codes.iter_mut().for_each(change);
    for [code, part, order, name, text] in own {
        let attrs = [("区分", part), ("順", order), ("本文", text)].map(|(k, v)| (k.to_string(), (*v).to_string()));
        list.codes.push(Code {
            code: (*code).into(),
            name: (*name).into(),
            attrs: BTreeMap::from(attrs),
            ..Code::default()
        });
    }
    let round = Round { lists: BTreeMap::from([("agenda".to_string(), list)]), ..Round::default() };
    templates.with_round(&round).expect("sound")
}

#[test]
fn every_topic_stands_on_the_agenda_and_nothing_that_was_not_asked() {
    let templates = shipped();
    let on_agenda: Vec<&str> = templates.lists["agenda"].codes.iter().map(|c| c.code.as_str()).collect();
    let defined: Vec<&str> = templates.brief.topics.iter().map(|t| t.id.as_str()).collect();
    assert_eq!(on_agenda, defined);
    for part in templates.lists["agenda"].codes.iter().map(|c| c.attr("区分")) {
        assert!(templates.brief.parts.iter().any(|p| p.id == part), "{part}");
    }
    assert!(!text_of(&ledger(), &templates).iter().any(|p| p.contains("アンケート")));
}

#[test]
fn the_agenda_says_what_is_printed_and_in_what_order() {
    let templates = agenda(
        &shipped(),
        |code| match code.code.as_str() {
            "launch" => _ = code.attrs.insert("載せない".into(), "yes".into()),
            "standardisation" => _ = code.attrs.insert("順".into(), "9".into()),
            "online" => code.name = "手続のオンライン化について".into(),
            _ => {}
        },
        &[
            ["survey", "report", "1", "アンケートの結果について", "{round}に行った。"],
            ["words", "decide", "", "その他", ""],
        ],
    );
    let all = text_of(&ledger(), &templates);
    let round = &ledger().round.name;
    let order = [
        "【審議事項】",
        "その他",
        "【報告事項】",
        "1　アンケートの結果について",
        "2　手続のオンライン化について",
        "3　「情報システム",
    ];
    let places: Vec<usize> = order.iter().map(|w| place(&all, w)).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(all[places[3] + 1], format!("{round}に行った。"));
    assert!(!all.iter().any(|p| p.contains("行政手続の運用開始日")), "it was left out");
    // Nothing refers to what is not printed.
    let said = &all[place(&all, "運用開始日を決定したい")];
    assert!(!said.contains("別紙") && !said.contains("（）") && !said.contains('{'), "{said}");
}

#[test]
fn the_meeting_is_the_one_of_the_settings() {
    let mut ledger = ledger();
    ledger.round.meeting =
        MeetingSettings {
            body: "情報化推進会議".into(), number: "第3回".into(), day: "2023-02-01".parse().ok()
        };
    let all = text_of(&ledger, &shipped());
    assert_eq!(all[0], format!("{}情報化推進会議　資料", ledger.round.municipality));
    assert_eq!(all[1], "第3回情報化推進会議　令和5年2月1日（水）");
    assert!(!all.iter().any(|p| p.contains("DX推進本部会議")), "{all:#?}");
}

#[test]
fn a_town_is_not_called_a_city() {
    let mut ledger = ledger();
    ledger.round.municipality = "女川町".into();
    let templates = shipped().with_round(&ledger.round).expect("sound");
    let all = text_of(&ledger, &templates);
    for word in ["市の", "市が", "市民サービス", "市債"] {
        assert!(!all.iter().any(|p| p.contains(word)), "{word}: {all:#?}");
    }
    assert!(all.iter().any(|p| p.contains("町の目標")), "{all:#?}");
}
