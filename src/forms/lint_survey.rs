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
