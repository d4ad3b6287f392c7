//! The machine-readability rules, one by one, checked on the tables that are about to be published: what can be counted is
//! counted, what holds by the way the files are made says so.
//!
//! Source: 行政データにおける機械可読性に関するルール（令和8年3月31日決定）; the rows of `codes/readability-rules.csv` name the
//! rules of 統計表における機械判読可能なデータの表記方法の統一ルール（令和2年12月18日） that each one covers.

use std::collections::BTreeSet;

use super::Wishes;
use super::list::{List, NOT_APPLICABLE, UNDECIDED};
use super::tables::{Kind, Tables, published_word};
use crate::write::context::Context;
use crate::write::csv::Datum;
use crate::write::plain::PlainTable;

const RULES: &str = "readability-rules";
const BY_DESIGN: &str = "ファイルの作り方により満たす";

/// How a rule came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Kept.
    Kept,
    /// Somebody should look.
    Look,
    /// Does not apply.
    NotApplicable,
}

impl Verdict {
    /// With a sign that survives a photocopy.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Kept => "○ 適合",
            Self::Look => "△ 要確認",
            Self::NotApplicable => "－ 対象外",
        }
    }

    /// As programs write it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Look => "look",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// A rule and how it came out.
#[derive(Clone, Debug)]
pub struct RuleCheck {
    /// Number of the rule.
    pub rule: String,
    /// What it asks.
    pub title: String,
    /// The rule of the 統一ルール that it covers; empty when there is none.
    pub older: String,
    /// How it came out.
    pub verdict: Verdict,
    /// What was counted.
    pub detail: String,
}

/// Checks every rule of the list.
pub fn check(ctx: &Context<'_>, list: &List<'_>, tables: &Tables, wishes: &Wishes) -> Vec<RuleCheck> {
    let Some(rules) = ctx.templates.lists.get(RULES) else { return Vec::new() };
    let checker = Checker { ctx, list, tables, wishes };
    let one = |code: &crate::model::Code| {
        let (verdict, detail) = checker.rule(&code.code);
        RuleCheck {
            rule: code.code.clone(),
            title: code.name.clone(),
            older: code.attr("統一ルール").to_string(),
            verdict,
            detail,
        }
    };
    rules.codes.iter().map(one).collect()
}

struct Checker<'a, 'b> {
    ctx: &'a Context<'b>,
    list: &'a List<'b>,
    tables: &'a Tables,
    wishes: &'a Wishes,
}

type Verdicts = (Verdict, String);

impl Checker<'_, '_> {
    fn rule(&self, rule: &str) -> Verdicts {
        match rule {
            "L1-03" => self.blanks(),
            "L1-05" => self.names(),
            "L1-06" => self.layout(),
            "L1-08" => self.machine_dependent(),
            "L1-14" => self.records(),
            "L2-01" => self.numbers(),
            "L2-02" => self.omissions(),
            "L2-03" => self.headers(),
            "L2-04" => self.choices(),
            "L2-05" => self.others(),
            "L3-02" => self.code_table(),
            "L3-03" => kept(format!("「{UNDECIDED}」「{NOT_APPLICABLE}」と空欄の意味を、項目定義とコード表に載せた")),
            "L3-04" => self.units(),
            "L3-05" => self.times(),
            "L3-06" => self.municipality(),
            "L3-07" => self.same_as_last(),
            "L3-08" => kept("項目定義を別の表に付けた。CSVの文字コードはUTF-8（BOM付き）、改行はCRLF".into()),
            "L3-09" => self.long_form(),
            "L1-04" => kept("注記は項目定義の表とページに置き、データの表には置いていない".into()),
            "L1-07" => kept("項目ごとに列を分けた（公表の定義の列がそのまま列になる）".into()),
            "L1-09" => kept("値のない所は空欄のままとし、0を補っていない".into()),
            "L1-15" => kept("区切り・引用符・改行を含む値は引用符で囲んだ。書いたCSVを読み直して確かめた".into()),
            "L1-01" | "L1-02" | "L1-10" | "L1-11" | "L1-12" | "L1-13" | "L2-06" | "L3-01" => kept(BY_DESIGN.into()),
            _ => (Verdict::Look, "このプログラムでは確かめられません".into()),
        }
    }

    fn all(&self) -> impl Iterator<Item = (&PlainTable, usize, usize, &Datum<'static>)> {
        let tables = [Some(&self.tables.data), self.tables.series.as_ref()].into_iter().flatten();
        tables.flat_map(|t| {
            t.rows.iter().enumerate().flat_map(move |(r, row)| row.iter().enumerate().map(move |(c, d)| (t, r, c, d)))
        })
    }

    fn texts(&self) -> impl Iterator<Item = (String, &str)> {
        self.all().filter_map(|(t, r, c, d)| match d {
            Datum::Text(text) if !text.is_empty() => Some((cell(t, r, c), &**text)),
            _ => None,
        })
    }

    fn blanks(&self) -> Verdicts {
        let data = &self.tables.data;
        let empty = |c: &usize| data.rows.iter().all(|r| r.get(*c) == Some(&Datum::text("")));
        let columns: Vec<&str> = (0..data.heads.len()).filter(empty).map(|c| data.heads[c].as_str()).collect();
        if columns.is_empty() {
            kept("空の行・空の列は0".into())
        } else {
            look(format!("値が一つもない列: {}", columns.join("、")))
        }
    }

    fn names(&self) -> Verdicts {
        let heads = self.tables.columns.iter().map(|c| c.label.trim());
        let nameless = heads.filter(|h| h.is_empty()).count();
        verdict(nameless == 0, format!("項目名のない列は{nameless}"))
    }

    fn layout(&self) -> Verdicts {
        let spaced: Vec<String> =
            self.texts().filter(|(_, t)| t.trim() != *t || t.contains(['\n', '\r', '\t'])).map(|(at, _)| at).collect();
        let cells = self.list.rows.iter().flat_map(|r| &r.cells).filter(|c| c.flattened).count();
        let done = format!("改行や前後の空白を除いて1行にした値は{cells}（ページでは元のまま）");
        verdict(spaced.is_empty(), if spaced.is_empty() { done } else { listed("体裁の空白・改行", &spaced) })
    }

    fn machine_dependent(&self) -> Verdicts {
        let found: Vec<String> = self
            .texts()
            .filter_map(|(at, t)| t.chars().find(|c| dependent(*c)).map(|c| format!("{at}「{c}」")))
            .collect();
        verdict(found.is_empty(), listed("機種依存文字のある値", &found))
    }

    fn records(&self) -> Verdicts {
        let wrong: Vec<String> =
            self.tables.files().iter().filter(|(_, t)| !reads_back(t)).map(|(s, _)| s.clone()).collect();
        verdict(wrong.is_empty(), listed("読み直して件数・列数が合わないCSV", &wrong))
    }

    fn numbers(&self) -> Verdicts {
        let columns: Vec<(usize, &str)> = self
            .tables
            .columns
            .iter()
            .filter(|c| !c.long)
            .enumerate()
            .filter(|(_, c)| c.kind == Kind::Number)
            .map(|(i, c)| (i, c.label.as_str()))
            .collect();
        let text =
            |c: usize| self.tables.data.rows.iter().any(|r| matches!(r.get(c), Some(Datum::Text(t)) if !t.is_empty()));
        let wrong: Vec<String> = columns.iter().filter(|(c, _)| text(*c)).map(|(_, l)| (*l).to_string()).collect();
        let series = usize::from(self.tables.series.is_some());
        verdict(
            wrong.is_empty(),
            if wrong.is_empty() {
                format!("数値の列{}のすべてで、値は数値か空欄", columns.len() + series)
            } else {
                listed("文字の入った数値の列", &wrong)
            },
        )
    }

    fn omissions(&self) -> Verdicts {
        const SAME: [&str; 6] = ["同上", "〃", "々", "同左", "上に同じ", "″"];
        let found: Vec<String> = self.texts().filter(|(_, t)| SAME.contains(t)).map(|(at, _)| at).collect();
        verdict(found.is_empty(), listed("省略した値", &found))
    }

    fn headers(&self) -> Verdicts {
        let heads = &self.tables.data.heads;
        let unique: BTreeSet<&String> = heads.iter().collect();
        verdict(unique.len() == heads.len(), format!("見出し{}、重なり{}", heads.len(), heads.len() - unique.len()))
    }

    fn choices(&self) -> Verdicts {
        let mut checked = 0;
        let mut strays = Vec::new();
        for (i, column) in self.tables.columns.iter().filter(|c| !c.long).enumerate() {
            let Some(list) = column.codes.as_ref().and_then(|id| self.ctx.templates.lists.get(id)) else { continue };
            checked += 1;
            for (r, row) in self.tables.data.rows.iter().enumerate() {
                let Some(Datum::Text(t)) = row.get(i).filter(|d| **d != Datum::text("")) else { continue };
                let known = list.codes.iter().any(|c| published_word(c, column.word.as_deref()) == t)
                    || [UNDECIDED, NOT_APPLICABLE].contains(&&**t);
                if !known {
                    strays.push(cell(&self.tables.data, r, i));
                }
            }
        }
        let fine = format!("選択肢の列{checked}のすべての値がコード表の語");
        verdict(strays.is_empty(), if strays.is_empty() { fine } else { listed("コード表にない値", &strays) })
    }

    fn others(&self) -> Verdicts {
        let found: Vec<String> = self
            .texts()
            .filter(|(_, t)| ["その他（", "その他(", "その他："].iter().any(|s| t.starts_with(s)))
            .map(|(at, _)| at)
            .collect();
        verdict(found.is_empty(), listed("「その他」の詳しい内容が同じセルにある値", &found))
    }

    fn code_table(&self) -> Verdicts {
        let lists: BTreeSet<&String> = self.tables.columns.iter().filter_map(|c| c.codes.as_ref()).collect();
        if lists.is_empty() {
            return (Verdict::NotApplicable, "選択肢の列がない".into());
        }
        let rows = self.tables.codes.as_ref().map_or(0, |t| t.rows.len());
        verdict(rows > 0, format!("コード表{}種類、{rows}行", lists.len()))
    }

    fn units(&self) -> Verdicts {
        let numbers = self.tables.columns.iter().filter(|c| c.kind == Kind::Number);
        let (with, without): (Vec<_>, Vec<_>) = numbers.partition(|c| !c.unit.is_empty());
        if with.is_empty() && without.is_empty() {
            return (Verdict::NotApplicable, "数値の列がない".into());
        }
        let names: Vec<String> = without.iter().map(|c| c.label.clone()).collect();
        verdict(
            names.is_empty(),
            if names.is_empty() {
                format!("数値の列{}に単位あり", with.len())
            } else {
                listed("単位のない数値の列", &names)
            },
        )
    }

    fn times(&self) -> Verdicts {
        let mut wrong = Vec::new();
        for (i, column) in self.tables.columns.iter().filter(|c| !c.long).enumerate() {
            if column.kind != Kind::Date {
                continue;
            }
            let values = self.tables.data.rows.iter().filter_map(|r| match r.get(i) {
                Some(Datum::Text(t)) if !t.is_empty() && t != UNDECIDED && t != NOT_APPLICABLE => Some(&**t),
                _ => None,
            });
            let shapes: BTreeSet<Option<&str>> = values.map(time_shape).collect();
            if shapes.contains(&None) || shapes.len() > 1 {
                wrong.push(column.label.clone());
            }
        }
        verdict(
            wrong.is_empty(),
            if wrong.is_empty() {
                "日付は西暦のISO 8601の形か「YYYY年度」".into()
            } else {
                listed("書き方の混じる列", &wrong)
            },
        )
    }

    fn municipality(&self) -> Verdicts {
        let code = &self.ctx.round().municipality_code;
        verdict(
            code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()),
            format!("団体コード {code}（検査数字は調査設定の読み取りで確かめた）"),
        )
    }

    fn same_as_last(&self) -> Verdicts {
        let heads = |stem: &str| self.wishes.last_heads.get(&format!("{stem}.csv"));
        let files = self.tables.files();
        let changed = files.iter().filter(|(stem, t)| heads(stem).is_some_and(|last| *last != t.heads));
        let changed: Vec<String> = changed.map(|(stem, _)| format!("{stem}.csv")).collect();
        // The same words with or without files from before: publishing twice gives the same bytes.
        verdict(changed.is_empty(), listed("前に公表したファイルがあれば比べた。見出しが違うファイル", &changed))
    }

    fn long_form(&self) -> Verdicts {
        match &self.tables.series {
            None => (Verdict::NotApplicable, "時期ごとの値がない".into()),
            Some(t) => kept(format!("時期ごとの値{}件を縦持ちの表にした", t.rows.len())),
        }
    }
}

fn kept(detail: String) -> Verdicts {
    (Verdict::Kept, detail)
}

fn look(detail: String) -> Verdicts {
    (Verdict::Look, detail)
}

fn verdict(fine: bool, detail: String) -> Verdicts {
    (if fine { Verdict::Kept } else { Verdict::Look }, detail)
}

/// What was found, up to ten places.
fn listed(what: &str, places: &[String]) -> String {
    const SHOWN: usize = 10;
    if places.is_empty() {
        return format!("{what}は0");
    }
    let more = if places.len() > SHOWN { "、ほか" } else { "" };
    format!("{what}は{}（{}{more}）", places.len(), places.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("、"))
}

fn cell(table: &PlainTable, row: usize, column: usize) -> String {
    let head = table.heads.get(column).map_or("", String::as_str);
    format!("{}の{}行目「{head}」", table.name, row + 2)
}

/// Whether the CSV of a table gives as many records and fields as the table has.
fn reads_back(table: &PlainTable) -> bool {
    let Ok(bytes) = crate::write::csv::bytes(&table.heads(), table.rows.iter().map(Vec::as_slice)) else {
        return false;
    };
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let lines = text.split(|b| *b == b'\n').filter(|l| !l.is_empty()).count();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let records: Vec<usize> = reader.records().filter_map(Result::ok).map(|r| r.len()).collect();
    lines == table.rows.len() + 1
        && records.len() == table.rows.len()
        && records.iter().all(|n| *n == table.heads.len())
}

/// The shape of a time: 2023-03-31, 2023-03, 2022年度, 2023, or two of one shape; `None` for another.
fn time_shape(text: &str) -> Option<&'static str> {
    let shape = |t: &str| {
        let digits: String = t.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
        ["9999-99-99", "9999-99", "9999年度", "9999"].into_iter().find(|s| *s == digits)
    };
    match text.split_once('/') {
        Some((a, b))
            if (a == ".." || shape(a) == Some("9999-99-99")) && (b == ".." || shape(b) == Some("9999-99-99")) =>
        {
            Some("9999-99-99/9999-99-99")
        }
        Some(_) => None,
        None => shape(text),
    }
}

/// 機種依存文字: circled digits, Roman numerals, unit and company signs, half-width kana, private use.
const fn dependent(c: char) -> bool {
    matches!(c,
        '\u{2160}'..='\u{217F}' | '\u{2460}'..='\u{24FF}' | '\u{3220}'..='\u{33FF}' | '\u{FF61}'..='\u{FF9F}'
        | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFD}' | '№' | '℡' | '\u{2776}'..='\u{2793}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_times() {
        for (text, fine) in [
            ("2023-03-31", true),
            ("2022年度", true),
            ("2022-04-01/2022-09-30", true),
            ("2022-04-01/..", true),
            ("2023-03頃", false),
            ("令和5年3月", false),
            ("R5.3.31", false),
        ] {
            assert_eq!(time_shape(text).is_some(), fine, "{text}");
        }
    }

    #[test]
    fn signs_of_one_machine() {
        assert!(['①', 'Ⅲ', '㈱', '㎡', 'ｱ', '㋿'].into_iter().all(dependent));
        assert!(!['一', 'Ａ', '（', '髙', '～'].into_iter().any(dependent));
    }
}
