//! A choice of a code list: by code, name, alias or mark, exactly; similarity only ever makes a suggestion.

use super::spelling::spelled;
use super::symbols::{boxes, class};
use super::text::{key, tidy};
use super::{Context, Parsed, date, none};
use crate::model::code_list::{Code, CodeList};
use crate::model::form::{Field, FieldType};
use crate::model::grid::Cell;
use crate::model::value::{Doubt, NoneKind, NoteKind, Value};

/// Brackets behind a choice that change what it says: 完了（予定） is not 完了.
const CHANGES: &[&str] = &[
    "予定", "見込", "未", "不", "非", "無", "なし", "ない", "一部", "除", "以外", "検討", "調整", "仮", "?", "途中",
    "中止", "後日", "延期", "訂正", "誤",
];

/// Least likeness (0 to 1) of a suggestion.
const LIKE: f64 = 0.5;

/// Reads a cell as a choice.
#[must_use]
pub fn read(cell: &Cell, field: &Field, ctx: &Context) -> Parsed {
    let raw = cell.written();
    let text = tidy(&raw);
    if text.is_empty() {
        return Parsed::blank(&raw);
    }
    let Some(list) = field.codes.as_ref().and_then(|id| ctx.codes.get(id)) else {
        return Parsed::unreadable(Doubt::NotAChoice(None));
    };
    let mut out = settle(text, list, field, ctx);
    if matches!(out.value, Value::Choice(_)) && text != raw {
        out.note(NoteKind::Spaces, &*raw, text);
    }
    out
}

fn settle(text: &str, list: &CodeList, field: &Field, ctx: &Context) -> Parsed {
    if let Some(code) = exactly(text, list).or_else(|| by_mark(text, list)).or_else(|| ticked(text, list, field)) {
        return chosen(text, code);
    }
    // Only where the field says so is "no value" an answer: what the list does not name is for nobody to count.
    let none = none::exact(text, field, none::Place::Answer);
    if let Some(out) = none.filter(|n| says_none(n).is_some_and(|k| k == NoneKind::SeeOther || field.takes_none(k))) {
        return out;
    }
    boxed(text, list)
        .or_else(|| numbered(text, list))
        .or_else(|| remarked(text, list, field, ctx))
        .or_else(|| ringed(text, list))
        .or_else(|| several(text, list))
        .unwrap_or_else(|| {
            let nearest = same_none(text, list, field).or_else(|| suggestion(text, list));
            Parsed::unreadable(Doubt::NotAChoice(nearest))
        })
}

/// A word for "no value" in a choice that has no such answer, as it would be read where nothing is asked.
#[must_use]
pub fn needless(text: &str, field: &Field) -> Option<Parsed> {
    none::exact(tidy(text), field, none::Place::Answer).filter(|n| says_none(n) != Some(NoneKind::SeeOther))
}

const fn says_none(parsed: &Parsed) -> Option<NoneKind> {
    if let Value::None { kind, .. } = parsed.value { Some(kind) } else { None }
}

/// TRUE and FALSE, as check boxes in cells store them: the first and the second of the two choices of a flag. Any other
/// list has to name them itself.
fn ticked<'a>(text: &str, list: &'a CodeList, field: &Field) -> Option<&'a Code> {
    let ([yes, no], FieldType::Flag) = (list.codes.as_slice(), field.kind) else { return None };
    match key(text).as_str() {
        "true" => Some(yes),
        "false" => Some(no),
        _ => None,
    }
}

/// The one choice that has this code, name or alias, or is another spelling of it (無し for なし).
fn exactly<'a>(text: &str, list: &'a CodeList) -> Option<&'a Code> {
    // A drop-down's answer is the name as it stands.
    if let Some(code) = list.codes.iter().find(|c| c.name == text) {
        return Some(code);
    }
    let k = key(text);
    let code = list.codes.iter().find(|c| key(&c.code) == k);
    let name = || list.codes.iter().find(|c| key(&c.name) == k);
    // What two choices may be called decides nothing.
    let only = |is: &dyn Fn(&Code) -> bool| {
        let mut found = list.codes.iter().filter(|c| is(c));
        found.next().filter(|_| found.next().is_none())
    };
    let alias = || only(&|c| c.aliases.iter().any(|a| key(a) == k));
    let spelling = || {
        let k = spelled(&k);
        only(&|c| c.aliases.iter().chain([&c.name]).any(|n| spelled(&key(n)) == k))
    };
    code.or_else(name).or_else(alias).or_else(spelling)
}

/// The one choice whose names or aliases hold a mark of the same class.
fn by_mark<'a>(text: &str, list: &'a CodeList) -> Option<&'a Code> {
    let mark = class(text)?;
    let names = |c: &Code| c.aliases.iter().chain([&c.name, &c.code]).any(|a| class(a) == Some(mark));
    let mut found = list.codes.iter().filter(|c| names(c));
    found.next().filter(|_| found.next().is_none())
}

fn chosen(text: &str, code: &Code) -> Parsed {
    let mut out = Parsed::of(Value::Choice(code.code.as_str().into()));
    if text != code.name {
        out.note(NoteKind::Alias, text, &code.name);
    }
    out
}

/// 「□済 ■未」.
fn boxed(text: &str, list: &CodeList) -> Option<Parsed> {
    let (marked, empty) = boxes(text)?;
    let find = |labels: &[&str]| labels.iter().map(|l| exactly(l, list)).collect::<Option<Vec<&Code>>>();
    let (marked, _) = (find(&marked)?, find(&empty)?);
    Some(match marked.as_slice() {
        [] => {
            let mut out = Parsed::of(Value::Blank);
            out.note(NoteKind::Placeholder, text, "");
            out
        }
        [one] => chosen(text, one),
        _ => Parsed::unreadable(Doubt::SeveralChoices),
    })
}

/// 「1 実施」, 「1.実施」, 「①実施」, 「(1)実施」: the number and the name must be one choice.
fn numbered(text: &str, list: &CodeList) -> Option<Parsed> {
    let folded = key(text);
    let open = folded.trim_start_matches(['(', '【', '[']);
    let digits = open.len() - open.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number = open.get(..digits).filter(|n| !n.is_empty())?;
    let rest = open.get(digits..)?.trim_start_matches([')', '】', ']', '.', ':', '、', ',', '-', '・', '_']);
    let code = exactly(rest, list)?;
    if key(&code.code) == number {
        return Some(chosen(text, code));
    }
    if exactly(number, list).is_some() {
        // The number is that of another choice.
        return Some(Parsed::unreadable(Doubt::SeveralChoices));
    }
    let mut out = chosen(text, code);
    out.note(NoteKind::Remark, number, "");
    Some(out)
}

/// Words of a choice that is about what is still to come, so that a day to come beside it turns nothing round.
const AHEAD: &[&str] = &["予定", "検討", "未", "準備", "計画", "見込"];

/// 「実施（R4.9から）」: the bracket is a remark, unless it changes what the choice says.
fn remarked(text: &str, list: &CodeList, field: &Field, ctx: &Context) -> Option<Parsed> {
    let outer = none::outside_brackets(text);
    if outer.is_empty() || outer.len() >= text.len() {
        return None;
    }
    let code = exactly(&outer, list).or_else(|| by_mark(&outer, list))?;
    let inside = key(text.get(outer.len()..).filter(|_| text.starts_with(&outer)).unwrap_or(text));
    let bracket = none::in_brackets(text).concat();
    if exactly(&bracket, list).is_some_and(|other| other.code != code.code) {
        return Some(Parsed::unreadable(Doubt::SeveralChoices));
    }
    // 「済（R5.4から）」 in October 2022 is a plan.
    let day = date::read_text(&bracket, field, ctx).value.date().and_then(|i| i.from);
    // 「予定あり（R5.3）」 says when.
    let ahead = || AHEAD.iter().any(|w| key(&code.name).contains(w));
    if CHANGES.iter().any(|w| inside.contains(w)) || day.is_some_and(|d| d > ctx.as_of) && !ahead() {
        // The choice before the bracket is what it is not.
        let mut out = Parsed::unreadable(Doubt::NotAChoice(None));
        out.note(NoteKind::Remark, text, "");
        return Some(out);
    }
    let mut out = chosen(text, code);
    out.note(NoteKind::Remark, text, outer);
    Some(out)
}

/// The pieces of a text between the signs that people put between choices.
fn pieces(text: &str) -> Vec<&str> {
    let between = ['・', '/', '／', '、', ',', '，', '\n', '→', '⇒', ' ', '　'];
    text.split(between).map(tidy).filter(|p| !p.is_empty()).collect()
}

/// 「○要・不要」: the one of several choices that has a ring before it.
fn ringed(text: &str, list: &CodeList) -> Option<Parsed> {
    let plain = |p: &str| p.strip_prefix(['○', '◯', '〇', '●', '◎', 'レ', '✓', '✔']).map(tidy).map(ToString::to_string);
    let pieces = pieces(text);
    let mut ringed = Vec::new();
    for piece in &pieces {
        match plain(piece) {
            Some(name) => ringed.push(exactly(&name, list)?),
            None => {
                exactly(piece, list)?;
            }
        }
    }
    let [one] = ringed.as_slice() else { return None };
    (pieces.len() > 1).then(|| chosen(text, one))
}

/// 「済・未」, 「1、2」: several choices of the list.
fn several(text: &str, list: &CodeList) -> Option<Parsed> {
    let pieces = pieces(text);
    let codes = pieces.iter().map(|p| exactly(p, list)).collect::<Option<Vec<&Code>>>()?;
    (codes.len() > 1).then(|| Parsed::unreadable(Doubt::SeveralChoices))
}

/// The one choice that says "no value" of the same kind in another word (対象外 for 非該当), as a suggestion only.
fn same_none(text: &str, list: &CodeList, field: &Field) -> Option<String> {
    let kind = |t: &str| none::exact(t, field, none::Place::Answer).and_then(|n| says_none(&n));
    let said = kind(text)?;
    let mut found = list.codes.iter().filter(|c| c.aliases.iter().chain([&c.name]).any(|n| kind(n) == Some(said)));
    found.next().filter(|_| found.next().is_none()).map(|c| c.code.clone())
}

/// The code of the choice most like a text, as a suggestion only; never across a negation (完了 for 未完了).
fn suggestion(text: &str, list: &CodeList) -> Option<String> {
    let k: String = key(text).chars().take(60).collect();
    let negations = |t: &str| {
        t.chars().filter(|c| matches!(c, '未' | '不' | '非' | '無' | '否')).count()
            + t.matches("ない").count()
            + t.matches("なし").count()
    };
    // 「実施済」 is not 作業中, 「完了予定」 is not 完了済み, 「一部完了」 is no more than a part.
    let state = |t: &str| ["済", "中", "予定", "一部", "前"].map(|w| spelled(t).contains(w));
    let own = negations(&k);
    list.codes
        .iter()
        .flat_map(|c| c.aliases.iter().chain([&c.name]).map(move |n| (c, key(n))))
        .filter(|(_, n)| negations(n) == own && state(n) == state(&k))
        .filter(|(_, n)| n.chars().any(|c| !"済みずん中予定一部前".contains(c) && k.contains(c)))
        .map(|(c, n)| (c, strsim::normalized_levenshtein(&k, &n)))
        .filter(|(_, like)| *like >= LIKE)
        .fold(
            None,
            |best: Option<(&Code, f64)>, next| if best.is_none_or(|b| next.1 > b.1) { Some(next) } else { best },
        )
        .map(|(c, _)| c.code.clone())
}
