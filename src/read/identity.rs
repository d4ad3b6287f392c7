//! What names a record is printed by the form and locked. Where somebody changed it and the other key still tells the record,
//! the record is read, and the change is told at its cell.

use arcstr::ArcStr;

use super::extract::{Draft, Taken};
use super::resolve::{Agree, Known, Who};
use super::table::Reader;
use crate::model::form::{Block, Field, Form, Layout};
use crate::model::{Cell, CellRef, Code, Finding, Place, Role};
use crate::normalise::text;

/// What a blank cell is called.
const BLANK: &str = "（空欄）";

/// A cell that the form came with and that says something else now.
pub(super) fn changed(place: Place, given: &str, expected: &str, field: &Field) -> Finding {
    let given = text::tidy(given);
    let given = if given.is_empty() { BLANK } else { given };
    Finding::new("S017W").at(place).given(given).expected(expected).field(&field.id).arg("field_name", &field.label)
}

impl<'a> Reader<'_, 'a, '_> {
    /// Tells how key and name of a row go together, where they do not.
    pub(super) fn tell_identity(&self, row: u32, key: &str, agree: Agree, draft: &mut Draft<'a>) {
        let roles: &[Role] = match agree {
            Agree::Yes => return,
            Agree::No => {
                let mut names =
                    self.block.fields.iter().filter(|f| matches!(f.role, Some(Role::RowName | Role::ItemName)));
                let name = names.find_map(|f| self.at.columns.get(&f.id)).map(|c| CellRef::new(row, c.first));
                self.say(draft, "S026W", row, key, |f| {
                    let f = f.given(self.key_text(row)).expected(self.name_text(row));
                    name.map_or(f.clone(), |at| f.related(self.t.place(self.file, at)))
                });
                return;
            }
            Agree::KeyOnly => &[Role::RowName, Role::ItemName],
            Agree::NameOnly => &[Role::Row, Role::Item],
        };
        // What the division types itself is its own to change.
        let mut fields = self.block.fields.iter().filter(|f| f.locked && f.role.is_some_and(|r| roles.contains(&r)));
        let Some((field, column)) = fields.find_map(|f| Some((f, self.at.columns.get(&f.id)?))) else { return };
        let code = self.list.and_then(|l| l.get(key));
        let expected = match code {
            Some(code) => printed(field, code),
            None if agree == Agree::NameOnly => Some(key),
            None => self.known.name_of(self.roster, key),
        };
        let Some(expected) = expected else { return };
        let at = CellRef::new(row, column.first);
        let given = self.t.sheet.shown(at).map(Cell::raw).unwrap_or_default();
        let finding = changed(self.t.place(self.file, at), &given, expected, field);
        let own_rows = self.t.def.record_rows(self.block).is_some();
        draft.findings.push(finding.of(&draft.form.id, "", if own_rows { self.item } else { key }));
    }

    /// Tells a name that was typed over the one which the form shows from the table that the row belongs to.
    pub(super) fn tell_joined(&self, row: u32, key: &str, other: &str, draft: &mut Draft<'a>) {
        let named = |role: Role| {
            let field = self.block.fields.iter().find(|f| f.role == Some(role))?;
            let at = CellRef::new(row, self.at.columns.get(&field.id)?.first);
            Some((field, at, self.t.sheet.shown(at)?))
        };
        let typed = |cell: &Cell| !cell.formula && !cell.is_blank();
        let Some((field, at, cell)) = named(Role::ItemName) else { return };
        // A name that was calculated from another row than the number that is typed over tells the same.
        let moved = named(Role::Item).is_some_and(|(_, _, number)| typed(number)) && !cell.is_blank();
        if !typed(cell) && !moved {
            return;
        }
        let of_record = |a: &&super::extract::DraftAnswer<'_>| {
            a.block == other && a.item == key && a.field.role == Some(Role::ItemName)
        };
        let record = draft.answers.iter().find(of_record).and_then(|a| a.cells.first()).map(Cell::raw);
        let Some(name) = record.filter(|name| text::key(name) != text::key(&cell.raw())) else { return };
        let finding = changed(self.t.place(self.file, at), &cell.raw(), text::tidy(&name), field);
        draft.findings.push(finding.of(&draft.form.id, "", key));
    }
}

/// What a field prints in the row of a code.
fn printed<'c>(field: &Field, code: &'c Code) -> Option<&'c str> {
    match field.prefill.as_deref()?.strip_prefix("row.")? {
        "name" => Some(&code.name),
        "code" => Some(&code.code),
        attr => Some(code.attr(attr)),
    }
}

/// Tells the key or the name of a repeated sheet's item that was changed.
pub(super) fn tell_item(
    t: &Taken<'_, '_>,
    form: &Form,
    file: &ArcStr,
    known: &Known<'_>,
    (item, agree): (&str, Agree),
    findings: &mut Vec<Finding>,
) {
    let (role, expected) = match agree {
        Agree::KeyOnly => (Role::ItemName, known.name_of(form.roster.as_deref().unwrap_or_default(), item)),
        Agree::NameOnly => (Role::Item, Some(item)),
        Agree::Yes | Agree::No => return,
    };
    let Some(expected) = expected else { return };
    for (field, at) in cells(t, role) {
        let given = t.sheet.shown(at).map(Cell::raw).unwrap_or_default();
        findings.push(changed(t.place(file, at), &given, expected, field).of(&form.id, "", item));
    }
}

/// Tells the codes and names of the division that were changed, once it is known whose the form is. `told` have findings.
pub(super) fn tell_division(
    taken: &[Taken<'_, '_>],
    draft: &mut Draft<'_>,
    file: &ArcStr,
    known: &Known<'_>,
    (code, told): (&str, &[Place]),
) {
    let Who::Round(round) = known.who else { return };
    let Some(division) = round.division(code) else { return };
    for t in taken {
        for (role, expected) in [(Role::Division, &division.code), (Role::DivisionName, &division.name)] {
            for (field, at) in cells(t, role) {
                let place = t.place(file, at);
                let given = t.sheet.shown(at).map(Cell::raw).unwrap_or_default();
                if told.contains(&place) || known.division(&given, role == Role::Division).as_deref() == Some(code) {
                    continue;
                }
                draft.findings.push(changed(place, &given, expected, field).of(&draft.form.id, code, ""));
            }
        }
    }
}

/// The cells of a sheet's cards with a role that the form prints and locks.
fn cells<'a>(t: &Taken<'a, '_>, role: Role) -> Vec<(&'a Field, CellRef)> {
    let cards = t.def.blocks.iter().filter(|b| b.layout == Layout::Card);
    let at = |block: &'a Block| {
        let field = block.field_with(role).filter(|f| f.locked)?;
        let at = t.located.cards.get(&(block.id.clone(), field.id.clone()))?;
        Some((field, *at.cells.first()?))
    };
    cards.filter_map(at).collect()
}
