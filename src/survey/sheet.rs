//! The questionnaire as an office writes it: the sheets 設問, 調査, 配布数 and クロス集計 of a workbook in the round.

use std::collections::BTreeMap;

use arcstr::ArcStr;

use super::{Defined, Source, moment};
use crate::model::survey::{Branch, Kind, Pair, Question, Survey, mistakes};
use crate::model::{Cell, CellRef, Finding, Grid, Place, Workbook};
use crate::normalise::text::{key, tidy};
use crate::read::labels::label_key;

/// The sheets.
const QUESTIONS: &str = "設問";
const ABOUT: &str = "調査";
const ASKED: &str = "配布数";
const CROSS: &str = "クロス集計";
/// Rows in which headers are looked for.
const TOP: u32 = 20;

/// Whether a workbook says what is asked, and is no export.
#[must_use]
pub fn is_definition(book: &Workbook) -> bool {
    book.sheets.iter().any(|s| [QUESTIONS, ABOUT, ASKED].contains(&tidy(&s.name)))
}

/// Finds the questionnaire: what the round's workbooks say counts before the shipped definitions.
#[must_use]
pub fn define(books: &[&Source], shipped: &BTreeMap<String, Survey>) -> Defined {
    let sheet = |name: &str| {
        let all = books.iter().flat_map(|b| b.book.sheets.iter().map(move |s| (*b, s)));
        all.filter(|(_, s)| tidy(&s.name) == name).map(|(b, s)| Sheet { source: b, grid: s }).next()
    };
    let mut findings = Vec::new();
    let about = sheet(ABOUT).map(|s| s.about()).unwrap_or_default();
    let questions = sheet(QUESTIONS).map(|s| (s.questions(&mut findings), s));
    let named = about.get("定義").and_then(|(values, _)| shipped.get(values.first()?.as_str()));
    let only = shipped.values().next().filter(|_| shipped.len() == 1);
    let (mut survey, at) = match (questions, named.or(only)) {
        (Some(((questions, at), s)), _) => (Survey { questions, ..Survey::default() }, Some((at, s))),
        (None, Some(survey)) => (survey.clone(), None),
        (None, None) => return Defined::default(),
    };
    if let Some(s) = sheet(ABOUT) {
        s.put(&mut survey, &about, &mut findings);
    }
    survey.asked = sheet(ASKED).map(|s| s.asked(&mut findings)).unwrap_or(survey.asked);
    if let Some(s) = sheet(CROSS) {
        survey.cross = s.cross();
    }
    for (n, why) in mistakes(&survey) {
        let place = at.as_ref().map(|(rows, s)| {
            n.and_then(|n| rows.get(n)).map_or_else(|| s.place(None), |row| s.place(Some(CellRef::new(*row, 0))))
        });
        let given = n.and_then(|n| survey.questions.get(n)).map_or("設問", |q| q.id.as_str());
        findings.push(Finding { place: place.or_else(|| sheet(ABOUT).map(|s| s.place(None))), ..wrong(given, &why) });
    }
    let sound = !findings.iter().any(|f| f.code == "Q001E");
    Defined { survey: sound.then_some(survey), findings }
}

/// Where the count of those asked of a bureau stands, or should.
#[must_use]
pub fn asked_of(books: &[&Source], bureau: &str) -> Option<Place> {
    let all = books.iter().flat_map(|b| b.book.sheets.iter().map(move |s| Sheet { source: b, grid: s }));
    let sheet = all.into_iter().find(|s| tidy(&s.grid.name) == ASKED)?;
    let row = sheet.grid.cells.iter().find(|(_, c)| key(&c.written()) == key(bureau)).map(|(at, _)| *at);
    Some(sheet.place(row))
}

fn wrong(given: &str, why: &str) -> Finding {
    Finding::new("Q001E").given(if given.is_empty() { "設問" } else { given }).arg("why", why)
}

/// What stands on 調査 by its label, with the row.
type About = BTreeMap<String, (Vec<String>, u32)>;

#[derive(Clone, Copy)]
struct Sheet<'a> {
    source: &'a Source,
    grid: &'a Grid,
}

impl Sheet<'_> {
    fn place(&self, at: Option<CellRef>) -> Place {
        let sheet = ArcStr::from(self.grid.name.as_str());
        at.map_or_else(|| Place::sheet(&self.source.name, &sheet), |at| Place::cell(&self.source.name, &sheet, at))
    }

    fn text(&self, row: u32, col: Option<u32>) -> String {
        col.map(|col| tidy(&self.grid.text(CellRef::new(row, col))).to_string()).unwrap_or_default()
    }

    /// The lines of a cell.
    fn lines(&self, row: u32, col: Option<u32>) -> Vec<String> {
        self.text(row, col).lines().map(|l| tidy(l).to_string()).filter(|l| !l.is_empty()).collect()
    }

    /// The row with all these labels, and the column of each label on it.
    fn header(&self, labels: &[&str]) -> Option<(u32, BTreeMap<String, u32>)> {
        (0..TOP).find_map(|row| {
            let cells = self.grid.cells.range(CellRef::new(row, 0)..CellRef::new(row + 1, 0));
            let columns: BTreeMap<String, u32> = cells.map(|(at, c)| (label_key(&c.written()), at.col)).collect();
            labels.iter().all(|l| columns.contains_key(&label_key(l))).then_some((row, columns))
        })
    }

    fn rows(&self, header: u32) -> std::ops::Range<u32> {
        header + 1..self.grid.cells.keys().map(|at| at.row + 1).max().unwrap_or(0)
    }

    /// The questions, and the row of each.
    fn questions(&self, findings: &mut Vec<Finding>) -> (Vec<Question>, Vec<u32>) {
        let Some((header, columns)) = self.header(&["番号", "設問", "種類"]) else {
            findings.push(wrong("設問", "見出し「番号」「設問」「種類」の行がありません").at(self.place(None)));
            return (Vec::new(), Vec::new());
        };
        let (mut questions, mut rows) = (Vec::new(), Vec::new());
        for row in self.rows(header) {
            if self.text(row, columns.get("番号").copied()).is_empty()
                && self.text(row, columns.get("設問").copied()).is_empty()
            {
                continue;
            }
            let mut said = Vec::new();
            questions.push(self.question(row, &|label| columns.get(&label_key(label)).copied(), &mut said));
            rows.push(row);
            let id = self.text(row, columns.get("番号").copied());
            findings.extend(said.into_iter().map(|(label, why)| {
                let col = columns.get(&label_key(label)).copied().unwrap_or(0);
                wrong(&id, &why).at(self.place(Some(CellRef::new(row, col))))
            }));
        }
        (questions, rows)
    }

    fn question(
        &self,
        row: u32,
        column: &dyn Fn(&str) -> Option<u32>,
        said: &mut Vec<(&'static str, String)>,
    ) -> Question {
        let of = |label: &str| self.text(row, column(label));
        let lines = |label: &str| self.lines(row, column(label));
        let typed = key(&of("種類"));
        let kind = Kind::ALL.iter().find(|(_, words)| key(words) == typed).map(|(kind, _)| *kind);
        if kind.is_none() {
            let all: Vec<&str> = Kind::ALL.iter().map(|(_, w)| *w).collect();
            said.push((
                "種類",
                format!("種類「{}」はありません（{}のどれかを書いてください）", of("種類"), all.join("、")),
            ));
        }
        let kind = kind.unwrap_or_default();
        let (choices, scores) = scored(&lines("選択肢"));
        let mut number = |label: &'static str| {
            let text = of(label);
            let number = key(&text).parse().ok();
            if number.is_none() && !text.is_empty() {
                said.push((label, format!("{label}の「{text}」は0以上の整数ではありません")));
            }
            number
        };
        let (min, max) = (number("最小"), number("最大"));
        let attribute = of("属性");
        if !["", "属性", "部局"].contains(&attribute.as_str()) {
            said.push(("属性", format!("属性の「{attribute}」は「属性」か「部局」ではありません")));
        }
        let branch = branch(&of("分岐"));
        if branch.is_none() && !of("分岐").is_empty() {
            said.push(("分岐", format!("分岐の「{}」を読めません（例：問5=はい）", of("分岐"))));
        }
        Question {
            id: of("番号"),
            text: of("設問"),
            aliases: lines("別名"),
            other: choices.iter().find(|c| c.starts_with("その他")).filter(|_| kind.chooses()).cloned(),
            kind,
            choices,
            scores,
            items: lines("項目"),
            max,
            min,
            unit: of("単位"),
            branch,
            asked_by: attribute == "部局",
            attribute: !attribute.is_empty(),
            problems: !of("課題").is_empty(),
            no_problem: lines("課題でない選択肢"),
            sorted: of("並び") == "多い順",
        }
    }

    /// Labels of the first column, with what stands beside them.
    fn about(&self) -> About {
        let rows = 0..self.grid.cells.keys().map(|at| at.row + 1).max().unwrap_or(0);
        let one = |row: u32| (label_key(&self.text(row, Some(0))), (self.lines(row, Some(1)), row));
        rows.map(one).filter(|(label, (values, _))| !label.is_empty() && !values.is_empty()).collect()
    }

    /// Puts what 調査 says into a survey.
    fn put(&self, survey: &mut Survey, about: &About, findings: &mut Vec<Finding>) {
        let text = |label: &str| about.get(&label_key(label)).map(|(lines, _)| lines.clone());
        let moment_of = |label: &str, findings: &mut Vec<Finding>| {
            let (_, row) = about.get(&label_key(label))?;
            let at = CellRef::new(*row, 1);
            let moment = self.grid.get(at).and_then(|cell: &Cell| moment::read(cell, self.source.book.date1904));
            if moment.is_none() {
                let why = format!("「{}」は日時ではありません", self.grid.text(at));
                findings.push(wrong(label, &why).at(self.place(Some(at))));
            }
            moment
        };
        survey.opens = moment_of("開始", findings).or(survey.opens);
        survey.closes = moment_of("締切", findings).or(survey.closes);
        survey.title = text("調査名").map_or_else(|| survey.title.clone(), |l| l.concat());
        survey.bare_other |= text("その他の書き方").is_some_and(|l| l.concat() == "文だけ");
        for (label, own) in [
            ("回答日時の見出し", &mut survey.time),
            ("回答者の見出し", &mut survey.key),
            ("使わない見出し", &mut survey.unused),
            ("試行の語", &mut survey.trial),
        ] {
            *own = text(label).unwrap_or_else(|| own.clone());
        }
    }

    /// How many were asked, by bureau; a row of sums is none.
    fn asked(&self, findings: &mut Vec<Finding>) -> Vec<(String, usize)> {
        let Some((header, columns)) = self.header(&["部局", "配布数"]) else {
            findings.push(wrong(ASKED, "見出し「部局」「配布数」の行がありません").at(self.place(None)));
            return Vec::new();
        };
        let mut all = Vec::new();
        for row in self.rows(header) {
            let name = self.text(row, columns.get("部局").copied());
            if name.is_empty() || ["計", "合計", "総計"].contains(&key(&name).as_str()) {
                continue;
            }
            let text = self.text(row, columns.get("配布数").copied());
            if let Ok(count) = key(&text).replace(',', "").trim_end_matches('人').parse() {
                all.push((name, count));
            } else {
                let at = CellRef::new(row, columns.get("配布数").copied().unwrap_or(0));
                let why = format!("配布数の「{text}」は整数ではありません");
                findings.push(wrong(&name, &why).at(self.place(Some(at))));
            }
        }
        all
    }

    fn cross(&self) -> Vec<Pair> {
        let Some((header, columns)) = self.header(&["設問", "属性"]) else { return Vec::new() };
        let of = |row: u32, label: &str| self.text(row, columns.get(label).copied());
        let rows = self.rows(header).map(|row| Pair { question: of(row, "設問"), by: of(row, "属性") });
        rows.filter(|p| !p.question.is_empty()).collect()
    }
}

/// Choices and their numbers: 「そう思う=5」.
fn scored(lines: &[String]) -> (Vec<String>, Vec<i64>) {
    let apart = |line: &String| {
        let (words, score) = line.rsplit_once(['=', '＝'])?;
        Some((tidy(words).to_string(), key(score).parse::<i64>().ok()?))
    };
    match lines.iter().map(apart).collect::<Option<Vec<_>>>() {
        Some(all) => all.into_iter().unzip(),
        None => (lines.to_vec(), Vec::new()),
    }
}

/// 「問5=はい、どちらともいえない」.
fn branch(text: &str) -> Option<Branch> {
    let (question, any) = text.split_once(['=', '＝'])?;
    let any = any.split(['、', ',', '\n']).map(|c| tidy(c).to_string()).filter(|c| !c.is_empty()).collect();
    Some(Branch { question: tidy(question).to_string(), any })
}
