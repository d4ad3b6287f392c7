//! What became of an answer since the last round, by meaning: four kinds of no answer are four different answers, a date that is
//! only named more or less exactly has not moved, and another spelling is no change.

use chrono::NaiveDate;

use crate::model::code_list::CodeList;
use crate::model::{Answer, Told, Value};
use crate::normalise::text;

/// Column of a code list that tells how far a state has come.
const STAGE: &str = "段階";

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// From one kind of answer to another, in words; whether somebody should look at it.
    Kind(&'static str, bool),
    /// The same day, named more or less exactly.
    Precision,
    /// A date that lies so many days later, or earlier where negative.
    Days(i64),
    /// A state that is further on.
    Forward,
    /// A state that is less far.
    Back,
    /// Something else.
    Other,
}

impl Moved {
    /// In the office's words, and whether somebody should look at it.
    #[must_use]
    pub fn words(self) -> (String, bool) {
        match self {
            Self::Kind(words, warn) => (words.into(), warn),
            Self::Precision => ("精度の変化".into(), false),
            Self::Days(n) if n > 0 => (format!("{n} 日遅くなった"), true),
            Self::Days(n) => (format!("{} 日早くなった", -n), false),
            Self::Forward => ("進んだ".into(), false),
            Self::Back => ("後退した".into(), true),
            Self::Other => ("変更".into(), false),
        }
    }

    /// Whether a state went back.
    #[must_use]
    pub const fn is_back(self) -> bool {
        matches!(self, Self::Back)
    }

    /// How many days later a date lies.
    #[must_use]
    pub const fn later(self) -> Option<i64> {
        match self {
            Self::Days(n) if n > 0 => Some(n),
            _ => None,
        }
    }
}

/// What kind of answer it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    Undecided,
    NotApplicable,
    Elsewhere,
    Unreadable,
    Said,
}

/// Of the type in the long form (値の型).
fn kind(a: &Told) -> Kind {
    match a.kind.as_str() {
        "" | "blank" => Kind::Blank,
        "undecided" => Kind::Undecided,
        "not_applicable" => Kind::NotApplicable,
        "see_other" => Kind::Elsewhere,
        "unreadable" => Kind::Unreadable,
        _ => Kind::Said,
    }
}

/// Whether nothing was answered.
#[must_use]
pub fn blank(a: &Told) -> bool {
    kind(a) == Kind::Blank
}

/// A kind of no answer in words; `None` where something was answered.
#[must_use]
pub fn in_words(a: &Told) -> Option<&'static str> {
    Some(match kind(a) {
        Kind::Blank => "（なし）",
        Kind::Undecided => "（未定）",
        Kind::NotApplicable => "（該当なし）",
        Kind::Elsewhere => "（別紙・同上など）",
        Kind::Unreadable => "（読み取れない）",
        Kind::Said => return None,
    })
}

/// What became of an answer; `None` when both mean the same. `list` is that of a choice.
#[must_use]
pub fn moved(then: &Told, now: &Told, list: Option<&CodeList>) -> Option<Moved> {
    let (was, is) = (kind(then), kind(now));
    let (words, warn) = match (was, is) {
        (Kind::Said, Kind::Said) => return said(then, now, list),
        _ if was == is => return None,
        (Kind::Blank, _) => ("新しい回答", false),
        (_, Kind::Blank) => ("回答がなくなった", true),
        (_, Kind::Undecided) => ("未定になった", true),
        (_, Kind::NotApplicable) => ("該当なしになった", false),
        (_, Kind::Elsewhere) => ("別紙などになった", true),
        (_, Kind::Unreadable) => ("読み取れなくなった", true),
        (Kind::Undecided, Kind::Said) => ("決まった", false),
        (Kind::NotApplicable, Kind::Said) => ("該当ありになった", false),
        (Kind::Elsewhere | Kind::Unreadable, Kind::Said) => ("読み取れるようになった", false),
    };
    Some(Moved::Kind(words, warn))
}

fn said(then: &Told, now: &Told, list: Option<&CodeList>) -> Option<Moved> {
    if then.kind == "date" && now.kind == "date" {
        return dates(then, now);
    }
    // A spreadsheet may give a number in other digits than it was written in.
    let number = |text: &str| text.parse::<f64>().ok();
    let near = |a: f64, b: f64| (a - b).abs() <= f64::EPSILON * a.abs().max(b.abs());
    let (a, b) = (&then.value, &now.value);
    let same = a == b || number(a).zip(number(b)).is_some_and(|(a, b)| near(a, b));
    if same || now.kind == "text" && text::key(a) == text::key(b) {
        return None;
    }
    let stage =
        |code: &str| list.and_then(|l| l.codes.iter().find(|c| c.code == code)?.attr(STAGE).parse::<u32>().ok());
    Some(match stage(a).zip(stage(b)) {
        Some((a, b)) if b > a => Moved::Forward,
        Some((a, b)) if b < a => Moved::Back,
        _ => Moved::Other,
    })
}

fn dates(then: &Told, now: &Told) -> Option<Moved> {
    if (then.from, then.to) == (now.from, now.to) {
        return (then.approx != now.approx).then_some(Moved::Precision);
    }
    let span = |a: &Told| (a.from.unwrap_or(NaiveDate::MIN), a.to.unwrap_or(NaiveDate::MAX));
    let within = |a: (NaiveDate, NaiveDate), b: (NaiveDate, NaiveDate)| b.0 <= a.0 && a.1 <= b.1;
    let (was, is) = (span(then), span(now));
    if within(was, is) || within(is, was) {
        return Some(Moved::Precision);
    }
    let days = then.to.zip(now.to).map_or(0, |(a, b)| (b - a).num_days());
    Some(if days == 0 { Moved::Other } else { Moved::Days(days) })
}

/// Whether two answers mean the same, however they are written.
#[must_use]
pub fn same(a: &Value, b: &Value) -> bool {
    a == b || moved(&as_compared(a), &as_compared(b), None).is_none()
}

/// Whether an answer means what it meant in an earlier round.
#[must_use]
pub fn is_as_told(now: &Answer, then: &Told) -> bool {
    match &now.value {
        Value::Unreadable => text::key(&now.raw) == text::key(&then.raw),
        value => moved(then, &as_compared(value), None).is_none(),
    }
}

/// An answer as the long sheet would give it to the next round.
pub(super) fn as_compared(value: &Value) -> Told {
    let mut out = Told::default();
    match value {
        Value::Blank => out.kind = "blank".into(),
        Value::Unreadable => out.kind = "unreadable".into(),
        Value::None { kind, .. } => out.kind = kind.code().into(),
        Value::Number(n) => (out.kind, out.value) = ("number".into(), n.to_string()),
        Value::Text(t) => (out.kind, out.value) = ("text".into(), t.to_string()),
        Value::Choice(c) => (out.kind, out.value) = ("choice".into(), c.to_string()),
        Value::Date(i) => {
            out.kind = "date".into();
            (out.from, out.to, out.approx) = (i.from, i.to, i.approx);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::code_list::Code;

    fn answer(kind: &str, value: &str, days: (&str, &str)) -> Told {
        Told {
            kind: kind.into(),
            value: value.into(),
            word: value.into(),
            from: days.0.parse().ok(),
            to: days.1.parse().ok(),
            ..Told::default()
        }
    }

    fn words(then: &Told, now: &Told) -> String {
        moved(then, now, None).map(|m| m.words().0).unwrap_or_default()
    }

    #[test]
    fn kinds_of_no_answer_are_told_apart() {
        let of = |kind: &str| answer(kind, "", ("", ""));
        let date = answer("date", "2026-03-31", ("2026-03-31", "2026-03-31"));
        for (then, now, want) in [
            (of("blank"), of("undecided"), "新しい回答"),
            (date.clone(), of("undecided"), "未定になった"),
            (date.clone(), of("unreadable"), "読み取れなくなった"),
            (date.clone(), of("blank"), "回答がなくなった"),
            (date.clone(), of("not_applicable"), "該当なしになった"),
            (of("undecided"), date.clone(), "決まった"),
            (of("undecided"), of("unreadable"), "読み取れなくなった"),
            (of("undecided"), of("undecided"), ""),
            (of("blank"), of(""), ""),
        ] {
            assert_eq!(words(&then, &now), want, "{} to {}", then.kind, now.kind);
        }
    }

    #[test]
    fn a_date_named_more_exactly_has_not_moved() {
        let date = |from: &str, to: &str| answer("date", from, (from, to));
        for (then, now, want) in [
            (date("2026-03-01", "2026-03-31"), date("2026-03-05", "2026-03-05"), "精度の変化"),
            (date("2026-03-05", "2026-03-05"), date("2026-03-01", "2026-03-31"), "精度の変化"),
            (date("", "2026-03-31"), date("2026-03-31", "2026-03-31"), "精度の変化"),
            (date("2025-12-01", "2025-12-31"), date("2026-03-01", "2026-03-31"), "90 日遅くなった"),
            (date("2026-03-31", "2026-03-31"), date("2026-03-01", "2026-03-01"), "30 日早くなった"),
            (date("2026-03-31", "2026-03-31"), date("2026-03-31", "2026-03-31"), ""),
        ] {
            assert_eq!(words(&then, &now), want, "{then:?} to {now:?}");
        }
        let about = Told { approx: true, ..date("2026-03-31", "2026-03-31") };
        assert_eq!(words(&date("2026-03-31", "2026-03-31"), &about), "精度の変化");
    }

    #[test]
    fn answers_of_one_meaning_are_the_same() {
        let day = |d: u32| NaiveDate::from_ymd_opt(2024, 3, d).expect("a day");
        let written = Value::Date(crate::model::Interval::day(day(31)));
        let mut implied = crate::model::Interval::day(day(31));
        implied.inferred = true;
        assert!(same(&written, &Value::Date(implied)), "the year was not written");
        assert!(!same(&written, &Value::Date(crate::model::Interval::day(day(30)))));
        assert!(!same(&written, &Value::Date(crate::model::Interval { approx: true, ..implied })), "頃");
        let text = |t: &str| Value::Text(t.into());
        assert!(same(&text("Ａ社"), &text("A社")) && !same(&text("A社"), &text("B社")));
        assert!(!same(&Value::Choice("done".into()), &Value::Choice("todo".into())));
        assert!(!same(&Value::Number(0.0), &Value::Blank));
    }

    #[test]
    fn spelling_is_no_change_and_states_have_a_direction() {
        let text = |t: &str| answer("text", t, ("", ""));
        assert_eq!(words(&text("Ａ社"), &text("A社")), "");
        assert_eq!(words(&text("Ａ社"), &text("B社")), "変更");
        assert_eq!(words(&answer("integer", "1200", ("", "")), &answer("integer", "1200.0", ("", ""))), "");
        let code = |code: &str, stage: &str| Code {
            code: code.into(),
            attrs: [(STAGE.to_string(), stage.to_string())].into(),
            ..Code::default()
        };
        let list =
            CodeList { codes: vec![code("done", "2"), code("todo", "0"), code("na", "")], ..CodeList::default() };
        let choice = |c: &str| answer("choice", c, ("", ""));
        let of = |a: &str, b: &str| moved(&choice(a), &choice(b), Some(&list));
        assert_eq!(of("todo", "done"), Some(Moved::Forward));
        assert_eq!(of("done", "todo"), Some(Moved::Back));
        assert_eq!(of("done", "na"), Some(Moved::Other));
        assert_eq!(of("done", "done"), None);
    }
}
