//! Cells of the ministry's that take not every value: a list of its own, a share shown as per cent, a date; and a workbook
//! that is another municipality's.

use torimatome::compare;
use torimatome::model::reconcile::Scale;
use torimatome::national::drift::Entry;

use super::shapes::{answered, blank, changed_map, fill_in, of, part};
use super::*;

fn with_rule(book: &[u8], rule: &str) -> Vec<u8> {
    let all = format!("<dataValidations count=\"1\">{rule}</dataValidations><printOptions");
    reshape(book, &|n, t| if n == SHEET { t.replace("<printOptions", &all) } else { t })
}

fn list(cells: &str, words: &str) -> String {
    format!("<dataValidation type=\"list\" sqref=\"{cells}\"><formula1>\"{words}\"</formula1></dataValidation>")
}

/// The methods of migration as they are written where nothing is in the way, by item.
fn methods(done: &Done) -> BTreeMap<String, String> {
    figures(done).into_iter().filter(|((_, label), _)| label == "移行方式").map(|((item, _), v)| (item, v)).collect()
}

#[test]
fn a_share_is_a_hundredth_where_the_cell_shows_per_cent() {
    let templates = Templates::embedded().expect("sound templates");
    let ledger = answered();
    let whole = blank("online-use");
    let shown = reshape(&whole, &|n, t| {
        if n == "xl/styles.xml" { t.replace("formatCode=\"0.0\"", "formatCode=\"0.0%\"") } else { t }
    });
    let (plain, done) = (fill_in(&ledger, &templates, &whole), fill_in(&ledger, &templates, &shown));
    assert_eq!(figures(&plain), figures(&done), "the same shares");
    let share = |done: &Done| {
        let check = done.check.as_ref().expect("filled");
        let cell = check.cells.iter().find(|c| c.cell.col == 3 && c.written && c.planned.number() > Some(1.0)).cloned();
        cell.expect("a share")
    };
    let (a, b) = (share(&plain), share(&done));
    assert_eq!((a.scale, b.scale), (Scale::AsIs, Scale::Hundredth));
    let read = |text: &str| text.parse::<f64>().expect("a number");
    assert_eq!(Some(read(&a.read_back)), a.planned.number());
    assert!((read(&a.read_back) - 100.0 * read(&b.read_back)).abs() < 1e-9 && read(&b.read_back) <= 1.0);
    assert!(of(&done, "S095W").is_empty(), "{:?}", done.findings);
    // Somebody else's hand: the share as it stands without the per cent.
    let off = |p: &Prepared<'_>| {
        let mut writes = p.writes().to_vec();
        for write in writes.iter_mut().filter(|w| w.cell == b.cell) {
            write.value = FillValue::Number(a.planned.number().expect("a share"));
        }
        fill::fill(p.book(), &writes)
    };
    let filling = Filling::new(&ledger, &templates);
    assert!(filling.file(&shown, shown.len() as u64, "国様式/x.xlsx", &off).is_err());
}

#[test]
fn what_the_format_hides_is_told_and_the_totals_have_their_new_results() {
    let templates = Templates::embedded().expect("sound templates");
    let (ledger, whole) = (answered(), blank("online-use"));
    let cut = reshape(&whole, &|n, t| {
        if n == "xl/styles.xml" { t.replace("formatCode=\"0.0\"", "formatCode=\"0.0,\"") } else { t }
    });
    let check = |book: &[u8]| fill_in(&ledger, &templates, book).check.expect("filled");
    let (plain, cut) = (check(&whole), check(&cut));
    let told = |c: &torimatome::model::reconcile::BookCheck| c.notes.iter().filter(|n| n.contains("表示形式")).count();
    assert_eq!(told(&plain), 0, "{:?}", plain.notes);
    assert!(told(&cut) > 0 && cut.notes.iter().any(|n| n.contains("と表示されます")), "{:?}", cut.notes);
    // The formulas of the last row are all computed, so that nothing is blank before the workbook is opened.
    assert_eq!((plain.computed.len(), plain.recalculated.len()), (3, 0));
    assert!(!plain.notes.iter().any(|n| n.contains("計算されるまで")), "{:?}", plain.notes);
}

#[test]
fn a_rate_is_in_per_cent_where_only_the_header_says_so() {
    let ledger = answered();
    let templates = changed_map("progress", "label = \"完了率\"", "label = \"完了率(%)\"");
    let other = |n: &str, t: String| match n {
        SHEET => t.replacen("&#23436;&#20102;&#29575;</t>", "&#23436;&#20102;&#29575;(%)</t>", 1),
        "xl/styles.xml" => t.replace("formatCode=\"0.0%\"", "formatCode=\"0.0\""),
        _ => t,
    };
    let done = fill_in(&ledger, &templates, &reshape(&blank("progress"), &other));
    let check = done.check.as_ref().expect("filled and proved");
    let rate = check.cells.iter().find(|c| c.label == "完了率(%)" && c.written).expect("the rate");
    assert_eq!(rate.scale, Scale::Hundredfold);
    let read: f64 = rate.read_back.parse().expect("a number");
    assert!((read / 100.0 - rate.planned.number().expect("a rate")).abs() < 1e-12, "{rate:?}");
    let plain = fill_in(&ledger, &Templates::embedded().expect("sound"), &blank("progress"));
    assert!(plain.check.expect("filled").cells.iter().all(|c| c.scale == Scale::AsIs));
}

#[test]
fn a_word_that_the_list_lacks_is_translated_or_left_out() {
    let templates = Templates::embedded().expect("sound templates");
    let ledger = answered();
    let whole = blank("plans");
    let ours = methods(&fill_in(&ledger, &templates, &whole));
    let word = ours.values().next().expect("a method").clone();
    let all: std::collections::BTreeSet<&str> = ours.values().map(String::as_str).collect();
    let cells = "I7:I26";

    // Its own words: nothing to say. The same in another width: the list's spelling.
    let own = all.iter().copied().collect::<Vec<_>>().join(",");
    let done = fill_in(&ledger, &templates, &with_rule(&whole, &list(cells, &own)));
    assert!(of(&done, "S095W").is_empty() && methods(&done) == ours, "{:?}", done.findings);
    let spaced = all.iter().map(|w| format!("{}　{}", &w[..3], &w[3..])).collect::<Vec<_>>().join(",");
    let done = fill_in(&ledger, &templates, &with_rule(&whole, &list(cells, &spaced)));
    let written = methods(&done);
    assert!(of(&done, "S095W").is_empty() && written.values().all(|v| v.contains('　')), "{written:?}");

    // Other words: the cells stay empty, one finding a sheet.
    let other = with_rule(&whole, &list(cells, "甲方式,乙方式"));
    let done = fill_in(&ledger, &templates, &other);
    let said = of(&done, "S095W");
    assert_eq!(said.len(), 1, "{:?}", done.findings);
    assert_eq!(said[0].given.as_deref(), Some(ours.len().to_string().as_str()));
    assert!(format!("{:?}", said[0].args).contains("甲方式、乙方式"), "{said:?}");
    assert!(methods(&done).is_empty());
    let filled = done.output.expect("the others are written").body.all().unwrap().into_owned();
    assert!(!part(&filled, SHEET).contains(&word));

    // The map says how.
    let map = changed_map(
        "plans",
        "label = \"移行方式\"\n",
        &format!("label = \"移行方式\"\nwords = {{ \"{word}\" = \"甲方式\" }}\n"),
    );
    let done = fill_in(&ledger, &map, &other);
    let written = methods(&done);
    let translated = ours.values().filter(|v| **v == word).count();
    assert_eq!(written.values().filter(|v| *v == "甲方式").count(), translated, "{written:?}");
    assert_eq!(written.len(), translated, "words that the map does not tell stay out");
    assert_eq!(of(&done, "S095W").len(), usize::from(translated < ours.len()));
    // Where the list has our word, the map's is not needed.
    let done = fill_in(&ledger, &map, &with_rule(&whole, &list(cells, &own)));
    assert_eq!(methods(&done), ours);
}

#[test]
fn a_number_is_not_written_into_a_date() {
    let templates = Templates::embedded().expect("sound templates");
    let ledger = answered();
    let dated = reshape(&blank("online-use"), &|n, t| {
        if n == "xl/styles.xml" { t.replace("formatCode=\"0.0\"", "formatCode=\"yyyy/m/d\"") } else { t }
    });
    let done = fill_in(&ledger, &templates, &dated);
    let said = of(&done, "S095W");
    assert!(said.len() == 1 && format!("{:?}", said[0].args).contains("日付"), "{:?}", done.findings);
    assert!(
        done.check
            .expect("counts are written")
            .cells
            .iter()
            .all(|c| c.cell.col != 3 || !c.written || c.planned.number().is_none())
    );
}

#[test]
fn another_municipalitys_workbook_is_not_filled() {
    let templates = Templates::embedded().expect("sound templates");
    let ledger = answered();
    let code = ledger.round.municipality_code.clone();
    let city = ledger.round.municipality.clone();
    let whole = blank("plans");
    let with = |cell: &str, text: &str| {
        let (from, to) = (
            format!("<c r=\"{cell}\" s=\"3\" t=\"n\"></c>"),
            format!("<c r=\"{cell}\" s=\"3\" t=\"inlineStr\"><is><t>{text}</t></is></c>"),
        );
        assert!(part(&whole, SHEET).contains(&from), "{cell}");
        fill_in(&ledger, &templates, &reshape(&whole, &|n, t| if n == SHEET { t.replace(&from, &to) } else { t }))
    };
    for (cell, text) in [("C3", "013331"), ("C3", "01333"), ("I3", "遠野市"), ("I3", "岩手県遠野市"), ("F3", "岩手県")]
    {
        let done = with(cell, text);
        assert_eq!(of(&done, "S096W").len(), 1, "{text}: {:?}", done.findings);
        assert!(done.output.is_none() && done.check.is_none(), "{text}");
    }
    for (cell, text) in [
        ("C3", code.as_str()),
        ("C3", &code[..5]),
        ("C3", "000000"),
        ("I3", &city),
        ("I3", "○○市"),
        ("I3", "（市区町村名）"),
        ("F3", "都道府県名"),
    ] {
        let done = with(cell, text);
        assert!(of(&done, "S096W").is_empty() && done.output.is_some(), "{text}: {:?}", done.findings);
    }
}

#[test]
fn a_list_that_lost_a_word_breaks_the_map_and_one_that_only_grew_does_not() {
    let templates = Templates::embedded().expect("sound templates");
    let whole = blank("plans");
    let dir = tempfile::tempdir().expect("a folder");
    let compared = |old: &str, new: &str| {
        let paths = [("前.xlsx", old), ("後.xlsx", new)].map(|(name, words)| {
            let path = dir.path().join(name);
            fs::write(&path, if words.is_empty() { whole.clone() } else { with_rule(&whole, &list("I7:I26", words)) })
                .expect("written");
            path
        });
        let compared = compare::run(&paths[0], &paths[1], &templates).expect("compared");
        let breaks = compared
            .map
            .as_ref()
            .expect("the map fits")
            .breaks
            .iter()
            .map(|b| (b.what, b.label.clone()))
            .collect::<Vec<_>>();
        (breaks, torimatome::report::drift::text(&compared))
    };
    let (breaks, said) = compared("一斉,段階", "一斉移行,段階");
    assert_eq!(breaks, [(Entry::List, "移行方式".to_string())]);
    assert!(said.contains("選択肢が変わりました") && said.contains("words"), "{said}");
    let (breaks, said) = compared("一斉,段階", "一斉,段階,その他");
    assert!(breaks.is_empty() && said.contains("一斉、段階 → 一斉、段階、その他"), "{said}");
    let (breaks, said) = compared("", "一斉,段階");
    assert!(breaks.is_empty() && said.contains("なし → 一斉、段階"), "{said}");
    let (breaks, said) = compared("一斉,段階", "一斉,段階");
    assert!(breaks.is_empty() && !said.contains("選択肢"), "{said}");
}

/// Labels are found without regard to such a merge, and what is written would go to its first cell.
#[test]
fn a_column_merged_as_a_whole_takes_nothing_and_stops_nothing() {
    let templates = Templates::embedded().expect("sound templates");
    let ledger = answered();
    for merge in ["D4:D1048576", "D:D"] {
        let merged = reshape(&blank("online-use"), &|n, t| {
            let area = format!("<mergeCell ref=\"{merge}\"/></mergeCells>");
            if n == SHEET { t.replace("</mergeCells>", &area) } else { t }
        });
        let done = fill_in(&ledger, &templates, &merged);
        let said = of(&done, "S095W");
        assert!(said.len() == 1 && format!("{:?}", said[0].args).contains("結合"), "{merge}: {:?}", done.findings);
        let cells = &done.check.as_ref().expect("the others are written").cells;
        assert!(cells.iter().any(|c| c.cell.col == 1 && c.written));
        assert!(cells.iter().all(|c| c.cell.col != 3 || c.cell.row <= 3 || !c.written), "{merge}");
    }
}
