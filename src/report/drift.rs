//! What `fill --compare` says: a short letter, and the same as an object.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::compare::Compared;
use crate::drift::{Change, Label, Moved, ShapeChange, SheetDrift, SheetRef};
use crate::model::CellRef;
use crate::national::drift::{Break, Entry};

/// So many examples of a kind are shown; the object has them all.
const SHOWN: usize = 12;

/// The letter.
#[must_use]
pub fn text(c: &Compared) -> String {
    let mut t = format!("「{}」と「{}」を比べました。\n", c.old, c.new);
    // Writing to a string does not fail.
    if c.drift.is_empty() {
        let _ = writeln!(t, "シート・見出し・結合・数式に違いはありません。");
    }
    verdict(&mut t, c);
    for (file, sheet) in &c.unread {
        let which = if sheet.is_empty() { String::new() } else { format!("のシート「{sheet}」") };
        let _ = writeln!(t, "「{file}」{which}に、読めない部分があります。その部分は比べていません。");
    }
    let sheets: Vec<String> = c.drift.sheets.iter().filter_map(sheet_line).collect();
    let order = c.drift.reordered.then(|| "シートの順番が変わりました。".to_string());
    let system = |is_1904: bool| if is_1904 { "1904年" } else { "1900年" };
    let dates = c.drift.date1904.map(|(old, new)| {
        format!(
            "日付の数え方が {}からのものから、{}からのものに変わりました（書き込むときは自動で合わせます）。",
            system(old),
            system(new)
        )
    });
    section(&mut t, "シート", &sheets.into_iter().chain(order).chain(dates).collect::<Vec<_>>());
    for sheet in c.drift.sheets.iter().filter(|s| s.old.is_some() && s.new.is_some() && !s.is_same()) {
        on_sheet(&mut t, sheet);
    }
    t
}

/// First of all: what is to do.
fn verdict(t: &mut String, c: &Compared) {
    let Some(map) = &c.map else {
        if !c.drift.is_empty() {
            let _ = writeln!(
                t,
                "どの国の様式の対応表にも合わないブックです。セルの番地で書き込んでいるときは、次の違いに合わせて番地を直してください。"
            );
        }
        return;
    };
    let _ = writeln!(t, "対応表: {}（templates/national/{}/map.toml）", map.title, map.map);
    if map.breaks.is_empty() {
        let _ = writeln!(t, "対応表の直しは要りません。見出しは言葉で探すので、場所が動いても書き込めます。");
        return;
    }
    let lines: Vec<String> = map.breaks.iter().map(advice).collect();
    section(t, &format!("対応表で直すところ {} 件", lines.len()), &lines);
}

fn advice(b: &Break) -> String {
    let (sheet, label) = (short(&b.sheet), short(&b.label));
    match (b.what, &b.suggestion) {
        (Entry::Sheet, _) => format!(
            "シート「{sheet}」に当たるものがありません。新しいブックのどのシートかを確かめ、name か aliases に書いてください。"
        ),
        (Entry::Header, Some((text, at))) => format!(
            "「{sheet}」の見出し「{label}」がありません。{at}「{}」のことであれば、aliases に加えてください。",
            short(text)
        ),
        (Entry::Header, None) => format!(
            "「{sheet}」の見出し「{label}」がありません。新しい言い方を aliases に加えるか、項目がなくなったのであれば、その column を削ってください。"
        ),
        (Entry::Row, Some((text, at))) => format!(
            "「{sheet}」の行「{label}」がありません。{at}「{}」のことであれば、templates/codes の一覧の別名に加えてください。",
            short(text)
        ),
        (Entry::Row, None) => {
            format!("「{sheet}」の行「{label}」がありません。対象から外れたのかどうかを確かめてください。")
        }
        (Entry::List, Some((words, at))) => format!(
            "「{sheet}」の「{label}」の選択肢（{at}）に、前の様式にあった語がありません（今の選択肢: {}）。言い換えを map.toml の words に加えてください。",
            short(words)
        ),
        (Entry::List, None) => format!("「{sheet}」の「{label}」の選択肢が変わりました。"),
        (Entry::Formula, at) => format!(
            "「{sheet}」の「{label}」に数式が入りました（{}）。計算に任せるのであれば column を削り、値を書くのであれば replace_formula = true としてください。",
            at.as_ref().map(|(_, at)| at.to_string()).unwrap_or_default()
        ),
    }
}

fn section(t: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        let _ = writeln!(t, "\n{title}");
        lines.iter().for_each(|l| {
            let _ = writeln!(t, "  {l}");
        });
    }
}

fn sheet_line(s: &SheetDrift) -> Option<String> {
    let shown = |hidden: bool| if hidden { "（非表示）" } else { "" };
    match (&s.old, &s.new, s.likeness) {
        (Some(old), None, _) => Some(format!("「{}」{}がなくなりました。", old.name, shown(old.hidden))),
        (None, Some(new), _) => Some(format!("「{}」{}が増えました。", new.name, shown(new.hidden))),
        (Some(old), Some(new), Some(like)) => Some(format!(
            "「{}」は「{}」に名前が変わったようです（見出しの {:.0} % が同じ）。同じものかどうかを確かめてください。",
            old.name,
            new.name,
            like * 100.0
        )),
        (Some(old), Some(new), None) if old.name != new.name => {
            Some(format!("「{}」の名前の書き方が「{}」に変わりました。", old.name, new.name))
        }
        (Some(old), Some(new), None) if old.hidden != new.hidden => {
            let words = if new.hidden {
                "表示されなくなりました"
            } else {
                "表示されるようになりました"
            };
            Some(format!("「{}」が{words}。", new.name))
        }
        _ => None,
    }
}

fn on_sheet(t: &mut String, s: &SheetDrift) {
    let mut lines = Vec::new();
    let mut part = |title: String, found: Vec<String>| {
        if !found.is_empty() {
            lines.push(title);
            let rest = found.len().saturating_sub(SHOWN);
            lines.extend(found.into_iter().take(SHOWN).map(|l| format!("  {l}")));
            lines.extend((rest > 0).then(|| format!("  ほか {rest} 件（--format json ですべて見られます）")));
        }
    };
    part(format!("動いた見出し {} 件（動いていないもの {} 件）", s.moved.len(), s.kept), moves(&s.moved));
    let renamed = s.renamed.iter().map(|r| {
        let place = if r.same_place { "同じ場所" } else { "別の場所の、似た言葉" };
        format!("{}「{}」→ {}「{}」（{place}）", r.old.at, short(&r.old.text), r.new.at, short(&r.new.text))
    });
    part("言葉が変わったらしい見出し（同じものかどうかを確かめてください）".into(), renamed.collect());
    let list = |labels: &[Label]| labels.iter().map(|l| format!("{}「{}」", l.at, short(&l.text))).collect::<Vec<_>>();
    part(format!("なくなった見出し {} 件", s.vanished.len()), list(&s.vanished));
    part(format!("増えた見出し {} 件", s.added.len()), list(&s.added));
    part("結合・数式・表示形式".into(), s.shape.iter().map(shape).collect());
    let name = s.new.as_ref().map(|n| n.name.as_str()).unwrap_or_default();
    section(t, &format!("シート「{name}」"), &lines);
}

/// Labels that moved together in one line.
fn moves(moved: &[Moved]) -> Vec<String> {
    let mut together: BTreeMap<(i64, i64), Vec<&Moved>> = BTreeMap::new();
    for m in moved {
        let by = |new: u32, old: u32| i64::from(new) - i64::from(old);
        together.entry((by(m.to.row, m.from.row), by(m.to.col, m.from.col))).or_default().push(m);
    }
    let mut groups: Vec<_> = together.into_iter().collect();
    groups.sort_by_key(|(by, all)| (std::cmp::Reverse(all.len()), *by));
    let line = |((down, right), all): ((i64, i64), Vec<&Moved>)| {
        let examples: Vec<String> =
            all.iter().take(3).map(|m| format!("「{}」{}→{}", short(&m.text), m.from, m.to)).collect();
        let rest = if all.len() > 3 { format!(" ほか{}件", all.len() - 3) } else { String::new() };
        format!("{}: {}{rest}", way(down, right), examples.join("、"))
    };
    groups.into_iter().map(line).collect()
}

/// 2行下・1列右.
fn way(down: i64, right: i64) -> String {
    let word = |by: i64, unit: &str, more: &str, less: &str| {
        (by != 0).then(|| format!("{}{unit}{}", by.abs(), if by > 0 { more } else { less }))
    };
    [word(down, "行", "下", "上"), word(right, "列", "右", "左")].into_iter().flatten().collect::<Vec<_>>().join("・")
}

fn shape(c: &ShapeChange) -> String {
    let area = c.new.or(c.old).map(|a| a.to_string()).unwrap_or_default();
    match (c.change, c.old, c.new, &c.formats) {
        (Change::Merge, Some(old), Some(new), _) => format!("結合の範囲が変わりました: {old} → {new}"),
        (Change::Merge, Some(old), None, _) => format!("結合がなくなりました: {old}"),
        (Change::Merge, None, ..) => format!("結合が増えました: {area}"),
        (Change::FormulaAdded, ..) => format!("数式が入りました（書き込めません）: {area}"),
        (Change::FormulaGone, ..) => format!("数式がなくなりました: {area}"),
        (Change::Format, _, _, Some((old, new))) => format!("表示形式が変わりました: {area}（{old} → {new}）"),
        (Change::List, _, _, Some((old, new))) => {
            let words = |list: &str| if list.is_empty() { "なし".to_string() } else { short(list) };
            format!("選択肢が変わりました: {area}（{} → {}）", words(old), words(new))
        }
        (Change::List, ..) => format!("選択肢が変わりました: {area}"),
        (Change::Format, ..) => format!("表示形式が変わりました: {area}"),
    }
}

/// A text in one line, at most thirty characters of it.
fn short(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(30).collect();
    if cut.len() < line.len() { format!("{cut}…") } else { line }
}

/// The object. Its keys are a contract, as those of the other commands.
#[must_use]
pub fn json(c: &Compared) -> Json {
    let label = |l: &Label| json!({"text": l.text, "cell": cell(l.at)});
    let sheets = c.drift.sheets.iter().map(|s| {
        json!({
            "old": s.old.as_ref().map(sheet),
            "new": s.new.as_ref().map(sheet),
            "same": s.is_same(),
            "likeness": s.likeness,
            "kept": s.kept,
            "moved": s.moved.iter().map(|m| json!({"text": m.text, "from": cell(m.from), "to": cell(m.to)})).collect::<Vec<_>>(),
            "renamed": s.renamed.iter().map(|r| json!({"old": label(&r.old), "new": label(&r.new), "likeness": r.likeness, "same_place": r.same_place})).collect::<Vec<_>>(),
            "vanished": s.vanished.iter().map(label).collect::<Vec<_>>(),
            "added": s.added.iter().map(label).collect::<Vec<_>>(),
            "changes": s.shape.iter().map(change).collect::<Vec<_>>(),
        })
    });
    let map = c.map.as_ref().map(|m| {
        let breaks = m.breaks.iter().map(|b| {
            let suggested = b.suggestion.as_ref();
            json!({"kind": kind(b.what), "sheet": b.sheet, "label": b.label, "suggestion": suggested.map(|(t, _)| t),
                   "cell": suggested.map(|(_, at)| cell(*at)), "advice": advice(b)})
        });
        json!({"id": m.map, "title": m.title, "breaks": breaks.collect::<Vec<_>>()})
    });
    json!({
        "old": c.old,
        "new": c.new,
        "breaks": c.breaks(),
        "map": map,
        "reordered": c.drift.reordered,
        "date1904": c.drift.date1904.map(|(old, new)| json!({"old": old, "new": new})),
        "sheets": sheets.collect::<Vec<_>>(),
        "unread": c.unread.iter().map(|(f, s)| json!({"file": f, "sheet": if s.is_empty() { None } else { Some(s) }})).collect::<Vec<_>>(),
    })
}

const fn kind(what: Entry) -> &'static str {
    match what {
        Entry::Sheet => "sheet",
        Entry::Header => "header",
        Entry::Row => "row",
        Entry::Formula => "formula",
        Entry::List => "list",
    }
}

fn cell(at: CellRef) -> String {
    at.to_string()
}

fn sheet(s: &SheetRef) -> Json {
    json!({"name": s.name, "position": s.position + 1, "hidden": s.hidden})
}

fn change(c: &ShapeChange) -> Json {
    let is_list = c.change == Change::List;
    let words = c.formats.as_ref().filter(|_| is_list);
    let formats = c.formats.as_ref().filter(|_| !is_list);
    let kind = match c.change {
        Change::Merge => "merge",
        Change::FormulaAdded => "formula_added",
        Change::FormulaGone => "formula_gone",
        Change::Format => "number_format",
        Change::List => "list",
    };
    json!({
        "kind": kind,
        "old": c.old.map(|a| a.to_string()),
        "new": c.new.map(|a| a.to_string()),
        "format_old": formats.map(|f| &f.0),
        "format_new": formats.map(|f| &f.1),
        "list_old": words.map(|f| &f.0),
        "list_new": words.map(|f| &f.1),
    })
}
