//! What is asked about the answers of a form while they are typed: a closed set of questions that can be written as a
//! formula of the sheet that watches, and be answered here, so that every formula is written with its result.

use super::places::{Places, What};
use super::watch::Watched;

/// A question with the answer yes or no. Numbers are places in the list of watched cells.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    /// Always.
    Yes,
    /// Never.
    No,
    /// Nothing stands in the cell.
    Blank(usize),
    /// The cell says exactly one of these.
    Is(usize, Vec<String>),
    /// The cell has a date or number that was understood.
    Known(usize),
    /// The first day, or number, is certainly greater than the second by more than this; both known.
    Greater(Of, Of, f64),
    /// The parts are numbers and do not add up to the total.
    SumOff(Vec<usize>, usize),
    /// Something stands in one of the cells from the first to the last.
    Begun(usize, usize),
    /// One of the cells says exactly one of these.
    Among(Vec<usize>, Vec<String>),
    /// All of them.
    And(Vec<Expr>),
    /// One of them.
    Or(Vec<Expr>),
    /// Not so.
    Not(Box<Expr>),
}

/// A day or a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Of {
    /// The first day a cell may mean, or its number.
    First(usize),
    /// The last day it may mean, or its number.
    Last(usize),
    /// This one.
    Just(f64),
}

/// Amounts in thousands carry three decimals at most; what is smaller comes from the arithmetic.
const EXACT: f64 = 0.0005;

impl Expr {
    /// All of them, without the trivial ones.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept: Vec<Self> = parts.into_iter().filter(|p| *p != Self::Yes).collect();
        match kept.len() {
            _ if kept.contains(&Self::No) => Self::No,
            0 => Self::Yes,
            1 => kept.remove(0),
            _ => Self::And(kept),
        }
    }

    /// One of them, without the trivial ones.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept: Vec<Self> = parts.into_iter().filter(|p| *p != Self::No).collect();
        match kept.len() {
            _ if kept.contains(&Self::Yes) => Self::Yes,
            0 => Self::No,
            1 => kept.remove(0),
            _ => Self::Or(kept),
        }
    }

    /// Not so.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// As a formula in a line of the watching sheet.
    pub(super) fn formula(&self, places: &Places<'_, '_>, line: usize) -> String {
        let joined = |parts: &[Self]| parts.iter().map(|p| p.formula(places, line)).collect::<Vec<_>>().join(",");
        let text = |i: usize| places.at(What::Text, i, line);
        let first = |i: usize| places.at(What::First, i, line);
        match self {
            Self::Yes => "TRUE".into(),
            Self::No => "FALSE".into(),
            Self::Blank(i) => format!("{}=\"\"", text(*i)),
            Self::Is(i, words) => said(&text(*i), words, places.said(words).as_deref()),
            Self::Known(i) => format!("{}<>\"\"", first(*i)),
            Self::Greater(a, b, gap) => {
                let known: Vec<String> =
                    [a, b].iter().filter_map(|o| o.cell(places, line)).map(|c| format!("ISNUMBER({c})")).collect();
                let more = if *gap == 0.0 { String::new() } else { format!("+{gap}") };
                // AND would look at the difference even where a text stands.
                format!(
                    "IF(AND({}),{}>{}{more},FALSE)",
                    known.join(","),
                    a.formula(places, line),
                    b.formula(places, line)
                )
            }
            Self::SumOff(parts, total) => {
                let cells: Vec<String> = parts.iter().map(|i| first(*i)).collect();
                let total = first(*total);
                let known = cells.iter().chain([&total]).map(|c| format!("ISNUMBER({c})")).collect::<Vec<_>>();
                format!("IF(AND({}),ABS({total}-({}))>={EXACT},FALSE)", known.join(","), cells.join("+"))
            }
            Self::Begun(from, _) => format!("{}=1", places.at_begun(*from, line)),
            Self::Among(cells, words) => {
                let ranges = places.texts(cells);
                let each: Vec<String> = ranges
                    .iter()
                    .map(|range| {
                        // Each comparison becomes a number by itself: to Excel a truth value is greater than any number,
                        // so that a sum of one comparison must not be compared with 0.
                        let said: Vec<String> = words.iter().map(|w| format!("--({})", same(range, w))).collect();
                        format!("SUMPRODUCT({})", said.join("+"))
                    })
                    .collect();
                if each.is_empty() || words.is_empty() { "FALSE".into() } else { format!("{}>0", each.join("+")) }
            }
            Self::And(parts) => format!("AND({})", joined(parts)),
            Self::Or(parts) => format!("OR({})", joined(parts)),
            Self::Not(inner) => format!("NOT({})", inner.formula(places, line)),
        }
    }

    /// Whether it holds of the answers as they stand.
    pub(super) fn holds(&self, cells: &[Watched]) -> bool {
        let text = |i: &usize| cells.get(*i).map_or("", |c| c.text.as_str());
        let said = |i: &usize, words: &[String]| words.iter().any(|w| w == text(i));
        match self {
            Self::Yes => true,
            Self::No => false,
            Self::Blank(i) => text(i).is_empty(),
            Self::Is(i, words) => said(i, words),
            Self::Known(i) => Of::First(*i).value(cells).is_some(),
            Self::Greater(a, b, gap) => a.value(cells).zip(b.value(cells)).is_some_and(|(a, b)| a > b + gap),
            Self::SumOff(parts, total) => {
                let parts: Option<Vec<f64>> = parts.iter().map(|i| Of::First(*i).value(cells)).collect();
                let total = Of::First(*total).value(cells);
                parts.zip(total).is_some_and(|(parts, total)| (total - parts.iter().sum::<f64>()).abs() >= EXACT)
            }
            Self::Begun(from, to) => (*from..=*to).any(|i| !text(&i).is_empty()),
            Self::Among(cells, words) => cells.iter().any(|i| said(i, words)),
            Self::And(parts) => parts.iter().all(|p| p.holds(cells)),
            Self::Or(parts) => parts.iter().any(|p| p.holds(cells)),
            Self::Not(inner) => !inner.holds(cells),
        }
    }
}

impl Of {
    fn cell(self, places: &Places<'_, '_>, line: usize) -> Option<String> {
        match self {
            Self::First(i) => Some(places.at(What::First, i, line)),
            Self::Last(i) => Some(places.at(What::Last, i, line)),
            Self::Just(_) => None,
        }
    }

    fn formula(self, places: &Places<'_, '_>, line: usize) -> String {
        match self {
            Self::Just(n) => n.to_string(),
            other => other.cell(places, line).unwrap_or_default(),
        }
    }

    fn value(self, cells: &[Watched]) -> Option<f64> {
        match self {
            Self::First(i) => cells.get(i)?.span.map(|s| s.0),
            Self::Last(i) => cells.get(i)?.span.map(|s| s.1),
            Self::Just(n) => Some(n),
        }
    }
}

/// What stands between the words of a list. A text of the watching sheet is squeezed, so that it holds no two blanks that
/// would reach from one word into the next.
const BETWEEN: &str = "  ";
/// Words from which on a list is shorter than its comparisons.
const MANY: usize = 3;
/// Characters of a text within a formula; Excel takes 255.
const LONGEST: usize = 200;

/// Whether a cell says one of some words, by their list if there is one. No blank and no error is in a list.
pub(super) fn said(cell: &str, words: &[String], list: Option<&str>) -> String {
    if let Some(list) = list {
        return format!("ISNUMBER(FIND(\"{BETWEEN}\"&{cell}&\"{BETWEEN}\",{list}))");
    }
    match words {
        [] => "FALSE".into(),
        [one] => same(cell, one),
        _ => format!("OR({})", words.iter().map(|w| same(cell, w)).collect::<Vec<_>>().join(",")),
    }
}

/// Whether a cell says a word, letter for letter: to Excel `=` knows no difference of a letter's case.
fn same(cells: &str, word: &str) -> String {
    let cased = word.chars().any(|c| c.is_lowercase() || c.is_uppercase());
    if cased { format!("EXACT({cells},{})", quoted(word)) } else { format!("{cells}={}", quoted(word)) }
}

/// Words that are asked for together, as the text that is searched; `None` where comparing is simpler, or where a word is
/// not what a squeezed text can say.
pub(super) fn list(words: &[String]) -> Option<String> {
    let squeezed = |w: &String| !w.is_empty() && w.split(' ').all(|part| !part.is_empty()) && !w.contains('　');
    if words.len() < MANY || !words.iter().all(squeezed) {
        return None;
    }
    let mut parts = vec![String::from(BETWEEN)];
    for word in words {
        let next = format!("{word}{BETWEEN}");
        match parts.last_mut().filter(|p| p.encode_utf16().count() + next.encode_utf16().count() <= LONGEST) {
            Some(part) => part.push_str(&next),
            None => parts.push(next),
        }
    }
    Some(parts.iter().map(|p| quoted(p)).collect::<Vec<_>>().join("&"))
}

/// A text within a formula.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::form::Block;

    const BLOCK: &str = r#"
id = "b"
layout = "card"
field = [
    { id = "a", label = "甲", type = "date" },
    { id = "b", label = "乙", type = "date" },
    { id = "n", label = "数", type = "integer" },
    { id = "m", label = "数", type = "integer" },
    { id = "t", label = "語", type = "text" },
]
"#;

    fn block() -> Block {
        toml::from_str(BLOCK).expect("a block")
    }

    /// The block's cells, each on a line of its own, with these texts and what they were understood as.
    fn cells<'a>(block: &'a Block, said: [(&str, Option<(f64, f64)>); 5]) -> Vec<Watched<'a>> {
        let one = |(at, (field, (text, span))): (usize, (&'a crate::model::form::Field, (&str, _)))| Watched {
            line: at,
            span,
            verdicts: [vec![Expr::Known(at)], Vec::new(), vec![Expr::Greater(Of::First(at), Of::Last(at), 0.0)]],
            ..Watched::open(block, field, u32::try_from(at).unwrap() + 4, text)
        };
        block.fields.iter().zip(said).enumerate().map(one).collect()
    }

    fn words(all: &[&str]) -> Vec<String> {
        all.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn trivial_parts_fall_away() {
        assert_eq!(Expr::all([]), Expr::Yes);
        assert_eq!(Expr::any([]), Expr::No);
        assert_eq!(Expr::all([Expr::Yes, Expr::Blank(1)]), Expr::Blank(1));
        assert_eq!(Expr::any([Expr::No, Expr::Blank(1)]), Expr::Blank(1));
        assert_eq!(Expr::all([Expr::Blank(1), Expr::No]), Expr::No);
        assert_eq!(Expr::any([Expr::Blank(1), Expr::Yes]), Expr::Yes);
        assert_eq!(Expr::all([Expr::Blank(1), Expr::Known(2)]), Expr::And(vec![Expr::Blank(1), Expr::Known(2)]));
        assert_eq!(Expr::any([Expr::Blank(1), Expr::Known(2)]), Expr::Or(vec![Expr::Blank(1), Expr::Known(2)]));
        assert_eq!(Expr::Yes.negated(), Expr::No);
        assert_eq!(Expr::Blank(1).negated().negated(), Expr::Blank(1));
    }

    #[test]
    fn questions_are_answered() {
        let block = block();
        let cells = cells(
            &block,
            [
                ("R8.3", Some((46082.0, 46112.0))),
                ("R8.3.31", Some((46112.0, 46112.0))),
                ("3", Some((3.0, 3.0))),
                ("四", None),
                ("", None),
            ],
        );
        let holds = |e: Expr| e.holds(&cells);
        assert!(holds(Expr::Blank(4)) && !holds(Expr::Blank(0)));
        assert!(holds(Expr::Blank(99)), "what is not there is blank");
        assert!(holds(Expr::Is(3, words(&["三", "四"]))) && !holds(Expr::Is(3, words(&["三"]))));
        assert!(!holds(Expr::Is(3, Vec::new())));
        assert!(holds(Expr::Known(0)) && !holds(Expr::Known(3)));
        // A month is certainly after nothing that lies within it.
        assert!(!holds(Expr::Greater(Of::First(1), Of::Last(0), 0.0)));
        assert!(!holds(Expr::Greater(Of::First(0), Of::First(1), 0.0)));
        assert!(holds(Expr::Greater(Of::Last(0), Of::First(0), 29.0)));
        assert!(!holds(Expr::Greater(Of::Last(0), Of::First(0), 30.0)), "by more than the gap");
        assert!(holds(Expr::Greater(Of::Just(4.0), Of::Last(2), 0.0)));
        assert!(!holds(Expr::Greater(Of::Just(4.0), Of::Last(3), 0.0)), "nothing is greater than what is unknown");
        assert!(holds(Expr::Begun(3, 4)) && !holds(Expr::Begun(4, 4)));
        assert!(holds(Expr::Among(vec![2, 3], words(&["四"]))) && !holds(Expr::Among(Vec::new(), words(&["四"]))));
        assert!(holds(Expr::And(vec![Expr::Blank(4), Expr::Known(0)])));
        assert!(!holds(Expr::And(vec![Expr::Blank(4), Expr::Known(3)])));
        assert!(holds(Expr::Or(vec![Expr::Blank(0), Expr::Known(0)])));
        assert!(holds(Expr::Not(Box::new(Expr::Blank(0)))));
    }

    #[test]
    fn sums_are_off_by_more_than_the_arithmetic() {
        let block = block();
        let said = |a: f64, b: f64, total: f64| {
            let at = |n: f64| ("n", Some((n, n)));
            Expr::SumOff(vec![0, 1], 2).holds(&cells(&block, [at(a), at(b), at(total), ("", None), ("", None)]))
        };
        assert!(!said(1.0, 2.0, 3.0));
        assert!(!said(0.1, 0.2, 0.3));
        assert!(said(1.0, 2.0, 3.001));
        assert!(said(1.0, 2.0, 2.0));
        let unknown =
            cells(&block, [("1", Some((1.0, 1.0))), ("二", None), ("9", Some((9.0, 9.0))), ("", None), ("", None)]);
        assert!(!Expr::SumOff(vec![0, 1], 2).holds(&unknown), "not judged until all parts are numbers");
    }

    /// The words of a list as the formula joins them.
    fn joined(list: &str) -> String {
        list[1..list.len() - 1].replace("\"&\"", "").replace("\"\"", "\"")
    }

    #[test]
    fn many_words_are_one_list() {
        let many = words(&["同上", "\"甲\" 乙", "a|b"]);
        let text = joined(&list(&many).expect("a list"));
        assert_eq!(text, "  同上  \"甲\" 乙  a|b  ");
        let finds = |said: &str| text.contains(&format!("{BETWEEN}{said}{BETWEEN}"));
        assert!(many.iter().all(|w| finds(w)), "each word is found");
        // What a squeezed text can say and is none of them: a blank, parts, one word and the next, another case.
        for other in ["", "同", "上", "甲", "同上 \"甲\" 乙", "乙 a|b", "a", "|", "A|b", "#"] {
            assert!(!finds(other), "{other}");
        }
        assert_eq!(list(&words(&["同上", "〃"])), None, "two are compared");
        for odd in ["", " 甲", "甲  乙", "甲　乙"] {
            assert_eq!(list(&words(&["同上", "〃", odd])), None, "no squeezed text says 「{odd}」");
        }
    }

    #[test]
    fn a_long_list_is_cut_where_excel_takes_no_longer_text() {
        let many: Vec<String> = (0..100).map(|n| format!("{}第{n}", "長".repeat(20))).collect();
        let written = list(&many).expect("a list");
        let texts: Vec<&str> = written.trim_matches('"').split("\"&\"").collect();
        assert!(texts.len() > 5 && texts.iter().all(|t| t.chars().count() <= LONGEST));
        assert!(many.iter().all(|w| joined(&written).contains(&format!("{BETWEEN}{w}{BETWEEN}"))));
    }

    #[test]
    fn a_list_has_one_name() {
        let block = block();
        let mut cells = cells(&block, [("", None); 5]);
        let many = words(&["同上", "〃", "別紙"]);
        for (cell, words) in [(3, many.clone()), (4, many.clone()), (2, words(&["済", "済み", "完了"]))] {
            cells[cell].verdicts[0].push(Expr::Is(cell, words));
        }
        let places = Places::new(&cells);
        let lists: Vec<_> = places.names().into_iter().filter(|(n, _)| n.starts_with("said_")).collect();
        assert_eq!(lists.len(), 2, "{lists:?}");
        let name = places.said(&many).expect("a name");
        assert!(lists.contains(&(name.clone(), "=\"  同上  〃  別紙  \"".to_string())));
        let text = places.at(What::Text, 4, 4);
        let formula = Expr::Is(4, many).formula(&places, 4);
        assert_eq!(formula, format!("ISNUMBER(FIND(\"  \"&{text}&\"  \",{name}))"));
    }

    #[test]
    fn questions_are_written_as_formulas() {
        let block = block();
        let cells = cells(&block, [("", None); 5]);
        let places = Places::new(&cells);
        let at = |what, cell| places.at(what, cell, 0);
        let (text, first, last) = (at(What::Text, 3), at(What::First, 0), at(What::Last, 1));
        let written = |e: Expr| e.formula(&places, 0);
        assert!(!text.is_empty() && text != at(What::Text, 2) && first != at(What::First, 1));
        assert_eq!(written(Expr::Yes), "TRUE");
        assert_eq!(written(Expr::No), "FALSE");
        assert_eq!(written(Expr::Blank(3)), format!("{text}=\"\""));
        assert_eq!(written(Expr::Is(3, words(&["甲"]))), format!("{text}=\"甲\""));
        assert_eq!(written(Expr::Is(3, words(&["甲", "\"乙\""]))), format!("OR({text}=\"甲\",{text}=\"\"\"乙\"\"\")"));
        assert_eq!(written(Expr::Is(3, words(&["Web"]))), format!("EXACT({text},\"Web\")"), "= knows no case");
        assert_eq!(written(Expr::Is(3, words(&["ａ", "甲"]))), format!("OR(EXACT({text},\"ａ\"),{text}=\"甲\")"));
        assert_eq!(written(Expr::Known(0)), format!("{first}<>\"\""));
        assert_eq!(
            written(Expr::Greater(Of::First(0), Of::Last(1), 1.0)),
            format!("IF(AND(ISNUMBER({first}),ISNUMBER({last})),{first}>{last}+1,FALSE)")
        );
        assert_eq!(
            written(Expr::Greater(Of::First(0), Of::Just(46112.0), 0.0)),
            format!("IF(AND(ISNUMBER({first})),{first}>46112,FALSE)")
        );
        assert_eq!(
            written(Expr::And(vec![Expr::Blank(3), Expr::Known(0).negated()])),
            format!("AND({text}=\"\",NOT({first}<>\"\"))")
        );
        assert_eq!(written(Expr::Or(vec![Expr::Yes, Expr::No])), "OR(TRUE,FALSE)");
        assert_eq!(written(Expr::Among(Vec::new(), words(&["甲"]))), "FALSE");
        let sum = written(Expr::SumOff(vec![2], 3));
        let (part, total) = (at(What::First, 2), at(What::First, 3));
        assert_eq!(sum, format!("IF(AND(ISNUMBER({part}),ISNUMBER({total})),ABS({total}-({part}))>=0.0005,FALSE)"));
    }
}
