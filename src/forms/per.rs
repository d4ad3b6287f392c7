//! `per`: an entry of a definition that stands once for each code of a list, such as a column for each year of the plan.
//!
//! In such an entry `{code}`, `{name}` and the list's other columns in braces are replaced in every text. Neighbours with
//! the same list are repeated together: all of them for the first code, then all for the second. A text of an array, or a
//! key, with `{each:LIST}` in it is repeated by itself; a key with `{last:LIST}` is that of the last code. `{first_name:LIST}` and
//! `{last_name:LIST}` in any text are what the first and the last code are called.

use toml::{Table, Value};

use crate::model::{Code, CodeLists};

/// The key that names the list.
const PER: &str = "per";
/// In a text of an array, or a key of a table: stands once for each code of the list that is named.
const EACH: &str = "{each:";
/// In a key of a table: the last code of the list.
const LAST: &str = "{last:";
/// In any text: the name of the first code of the list, and of the last.
const FIRST_NAME: &str = "{first_name:";
const LAST_NAME: &str = "{last_name:";

/// Whether a definition has such an entry at all.
pub(super) fn has(text: &str) -> bool {
    text.lines().any(|l| {
        let l = l.trim_start_matches([' ', '{', ',']);
        [EACH, FIRST_NAME, LAST_NAME].iter().any(|mark| l.contains(mark))
            || l.starts_with("per ")
            || l.starts_with("per=")
            || l.contains(", per =")
            || l.contains("{ per =")
    })
}

/// Repeats every entry that says `per`, at any depth. A list that does not exist leaves no entry; the lint says so.
pub(super) fn expand(value: Value, lists: &CodeLists) -> Value {
    match value {
        Value::Array(entries) => Value::Array(array(entries, lists)),
        Value::Table(table) => {
            let each = table.into_iter().flat_map(|(k, v)| {
                let v = expand(v, lists);
                keys(&k, lists).into_iter().map(move |k| (k, v.clone())).collect::<Vec<_>>()
            });
            Value::Table(each.collect())
        }
        Value::String(text) => Value::String(end(&text, lists)),
        other => other,
    }
}

/// A text with the name of a list's first or last code: an example that goes with the years that are asked.
fn end(text: &str, lists: &CodeLists) -> String {
    let named = |mark: &str, some: fn(&[Code]) -> Option<&Code>| {
        let (before, rest) = text.split_once(mark)?;
        let (id, after) = rest.split_once('}')?;
        let code = some(&lists.get(id)?.codes)?;
        Some(format!("{before}{}{after}", code.name))
    };
    let first = named(FIRST_NAME, <[Code]>::first);
    first.or_else(|| named(LAST_NAME, <[Code]>::last)).unwrap_or_else(|| text.to_string())
}

/// A text for each code that it stands for; what names no list stands for itself.
fn keys(text: &str, lists: &CodeLists) -> Vec<String> {
    let codes = |id: &str| lists.get(id).map(|l| l.codes.as_slice()).unwrap_or_default();
    let put = |mark: &str, some: fn(&[Code]) -> &[Code]| {
        let (before, rest) = text.split_once(mark)?;
        let (id, after) = rest.split_once('}')?;
        Some(some(codes(id)).iter().map(|c| format!("{before}{}{after}", c.code)).collect())
    };
    let each =
        put(EACH, |all| all).or_else(|| put(LAST, |all| all.last().map(std::slice::from_ref).unwrap_or_default()));
    each.unwrap_or_else(|| vec![text.to_string()])
}

fn array(entries: Vec<Value>, lists: &CodeLists) -> Vec<Value> {
    let mut out = Vec::new();
    let mut rest = entries.into_iter().peekable();
    while let Some(entry) = rest.next() {
        let Some(list) = list_of(&entry) else {
            match entry {
                Value::String(text) => out.extend(keys(&text, lists).into_iter().map(Value::String)),
                other => out.push(expand(other, lists)),
            }
            continue;
        };
        let mut together = vec![entry];
        while let Some(next) = rest.next_if(|e| list_of(e).as_ref() == Some(&list)) {
            together.push(next);
        }
        for code in lists.get(&list).iter().flat_map(|l| &l.codes) {
            out.extend(together.iter().map(|e| expand(one(e, code), lists)));
        }
    }
    out
}

fn list_of(entry: &Value) -> Option<String> {
    entry.as_table()?.get(PER)?.as_str().map(ToString::to_string)
}

/// One copy of an entry, for one code. An `id` with `{code}` is remembered as a pattern, so that rules may name all copies.
fn one(entry: &Value, code: &Code) -> Value {
    let Value::Table(table) = entry else { return entry.clone() };
    let mut copy: Table = table.iter().filter(|(k, _)| *k != PER).map(|(k, v)| (k.clone(), filled(v, code))).collect();
    if let Some(id) = table.get("id").and_then(Value::as_str).filter(|id| id.contains("{code}")) {
        copy.insert("pattern".into(), Value::String(id.replace("{code}", "*")));
        copy.insert("column".into(), Value::String(code.code.clone()));
    }
    Value::Table(copy)
}

fn filled(value: &Value, code: &Code) -> Value {
    match value {
        Value::String(text) => {
            let text = text.replace("{code}", &code.code).replace("{name}", &code.name);
            Value::String(code.attrs.iter().fold(text, |t, (k, v)| t.replace(&format!("{{{k}}}"), v)))
        }
        Value::Array(parts) => Value::Array(parts.iter().map(|p| filled(p, code)).collect()),
        Value::Table(table) => Value::Table(table.iter().map(|(k, v)| (k.clone(), filled(v, code))).collect()),
        other => other.clone(),
    }
}

/// A sentence with the legend of a code list in it: `{codes:list}` gives the printed words, `{codes:list:column}` each with
/// what that column says of it (△＝検討).
pub(super) fn legend(sentence: &str, lists: &CodeLists) -> String {
    let Some((before, rest)) = sentence.split_once("{codes:") else { return sentence.to_string() };
    let Some((asked, after)) = rest.split_once('}') else { return sentence.to_string() };
    let (list, column) = asked.split_once(':').unwrap_or((asked, ""));
    let word = |c: &Code| if column.is_empty() { c.name.clone() } else { format!("{}＝{}", c.name, c.attr(column)) };
    let words: Vec<String> = lists.get(list).iter().flat_map(|l| &l.codes).map(word).collect();
    format!("{before}{}{}", words.join("、"), legend(after, lists))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CodeList;

    #[test]
    fn texts_and_keys_are_repeated_by_themselves() {
        let code = |c: &str| Code { code: c.into(), name: format!("第{c}"), ..Code::default() };
        let list = CodeList { id: "n".into(), columns: Vec::new(), codes: vec![code("1"), code("2")] };
        let lists = CodeLists::from([("n".to_string(), list)]);
        let text = "parts = [\"a_{each:n}_b\", \"c\"]\nmap = { \"{each:n}\" = \"0\", \"{last:n}\" = \"9\", x = \"{name}\" }\nend = \"例: {last_name:n}\"\n";
        assert!(has(text) && !has("parts = [\"a\"]"));
        let value = expand(text.parse::<Table>().map(Value::Table).expect("toml"), &lists);
        let wanted = "parts = [\"a_1_b\", \"a_2_b\", \"c\"]\nmap = { 1 = \"0\", 2 = \"9\", x = \"{name}\" }\nend = \"例: 第2\"\n";
        assert_eq!(value, wanted.parse::<Table>().map(Value::Table).expect("toml"));
    }

    #[test]
    fn neighbours_are_repeated_together() {
        let code = |c: &str| Code { code: c.into(), name: format!("第{c}"), ..Code::default() };
        let list = CodeList { id: "n".into(), columns: Vec::new(), codes: vec![code("1"), code("2")] };
        let lists = CodeLists::from([("n".to_string(), list)]);
        let text =
            "[[f]]\nid=\"x\"\n[[f]]\nid=\"a_{code}\"\nper=\"n\"\n[[f]]\nid=\"b_{code}\"\nlabel=\"{name}\"\nper=\"n\"\n";
        let value = expand(text.parse::<Table>().map(Value::Table).expect("toml"), &lists);
        let entries = value.get("f").and_then(Value::as_array).expect("entries");
        let told: Vec<&str> = entries.iter().filter_map(|e| e.get("id")?.as_str()).collect();
        assert_eq!(told, ["x", "a_1", "b_1", "a_2", "b_2"]);
        assert_eq!(entries[4].get("label").and_then(Value::as_str), Some("第2"));
        assert_eq!(entries[3].get("pattern").and_then(Value::as_str), Some("a_*"));
    }
}
