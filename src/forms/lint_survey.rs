//! Checks `templates/surveys/*.toml`: what is wrong with a question is told with its line.

use super::load::{TemplateError, Templates, line_of};
use crate::model::survey;

/// All errors of the surveys.
#[must_use]
pub fn lint(t: &Templates) -> Vec<TemplateError> {
    let mut errors = Vec::new();
    for survey in t.surveys.values() {
        let file = format!("surveys/{}.toml", survey.id);
        let text = t.sources.get(&file).map(String::as_str).unwrap_or_default();
        errors.extend(survey::mistakes(survey).into_iter().map(|(at, message)| {
            let id = at.and_then(|at| survey.questions.get(at)).map(|q| q.id.as_str());
            let near = id.map_or_else(|| "title =".to_string(), |id| format!("id = \"{id}\""));
            let message = id.map_or_else(|| format!("{message}。"), |id| format!("{id}: {message}。"));
            TemplateError { file: file.clone(), line: line_of(text, &near), message }
        }));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn errors(text: &str) -> Vec<(Option<usize>, String)> {
        let overlay = BTreeMap::from([("surveys/x.toml".to_string(), text.as_bytes().to_vec())]);
        let errors = Templates::load(&overlay).err().unwrap_or_default();
        errors.into_iter().map(|e| (e.line, e.message)).collect()
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let question =
            |rest: &str| format!("id = \"x\"\ntitle = \"甲\"\n\n[[question]]\nid = \"問1\"\ntext = \"乙\"\n{rest}\n");
        assert_eq!(errors(&question("choices = [\"一\", \"二\"]")), []);
        for (rest, line, said) in [
            ("choices = [\"一\"]", 5, "選択肢を二つ以上"),
            ("choices = [\"一\", \"一\"]", 5, "「一」が重なって"),
            ("kind = \"scale\"\nchoices = [\"一\", \"二\"]", 5, "点数"),
            ("kind = \"matrix\"\nchoices = [\"一\", \"二\"]", 5, "項目"),
            ("choices = [\"一\", \"二\"]\nbranch = { question = \"問0\", in = [\"一\"] }", 5, "分岐の「問0」"),
            ("choices = [\"一\", \"二\"]\nchioces = []", 8, "書き方が正しくありません"),
            ("kind = \"choice\"", 7, "書き方が正しくありません"),
        ] {
            let told = errors(&question(rest));
            assert!(told.iter().any(|(l, m)| *l == Some(line) && m.contains(said)), "{rest}: {told:?}");
        }
    }
}
