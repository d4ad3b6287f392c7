//! The named rates, as exact counts. While answers are missing a rate is a range, from none of the unknown counting to all of them.
//!
//! Sources stand with each definition in `templates/rates.toml`.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::ItemFacts;
use crate::forms::Templates;
use crate::model::ledger::{LedgerItem, Rate, RateRow};
use crate::model::master::{Needs, NotApplicable, RateCount, RateDef};
use crate::model::{Predicate, Round, Truth, Value};

/// Computes one rate over the items of the round.
#[must_use]
pub fn rate(def: &RateDef, templates: &Templates, round: &Round, items: &[LedgerItem]) -> Rate {
    let items: Vec<&LedgerItem> = items.iter().filter(|i| i.form == def.form).collect();
    match &def.count {
        RateCount::MeanOfItems { fields, codes, not_applicable } => {
            let keys = templates.forms.get(&def.form).map(|f| f.expand(fields, &templates.lists)).unwrap_or_default();
            mean_of_items(def, &keys, codes, not_applicable.as_ref(), round, &items)
        }
        RateCount::ShareOfItems { population, except, numerator, grouped, needs } => {
            if let Some(reason) = needs.as_ref().and_then(|n| not_asked(n, def, templates, &items)) {
                return Rate { not_computed: Some(reason), ..empty(def) };
            }
            let needed = needs.as_ref().map(|n| needed(n, templates));
            let share =
                Share { population: population.as_ref(), except: except.as_ref(), numerator, grouped: *grouped };
            share_of_items(def, &share, needed.as_ref(), round, &items)
        }
    }
}

fn empty(def: &RateDef) -> Rate {
    Rate {
        id: def.id.clone(),
        from: None,
        to: None,
        complete: false,
        numerator: 0,
        numerator_max: 0,
        denominator: 0,
        unanswered: 0,
        rows: Vec::new(),
        not_computed: None,
    }
}

fn ratio(part: u32, whole: u32) -> f64 {
    f64::from(part) / f64::from(whole.max(1))
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// (done) ÷ all fields in each item; for the municipality the plain mean over items.
fn mean_of_items(
    def: &RateDef,
    keys: &[String],
    codes: &[String],
    not_applicable: Option<&NotApplicable>,
    round: &Round,
    items: &[&LedgerItem],
) -> Rate {
    let n = count(keys.len());
    let mut rate = empty(def);
    for i in items {
        let facts = ItemFacts { item: &i.item, record: i.record.as_deref(), round };
        let truth = not_applicable.map_or(Truth::from(i.item.absent), |na| na.holds(&facts));
        let value = |key: &String| i.record.as_ref().and_then(|r| r.value(key));
        let is_done = |key: &&String| matches!(value(key), Some(Value::Choice(c)) if codes.iter().any(|own| c == own));
        // Whatever is no code of the list counts on neither side: blank, unreadable, 未定, 該当なし, 同上.
        let is_open = |key: &&String| value(key).and_then(Value::choice).is_none();
        let asked = count(keys.iter().filter(is_done).count());
        let asked_max = asked + count(keys.iter().filter(is_open).count());
        let none_asked = not_applicable.map_or(0, |na| if codes.contains(&na.code) { n } else { 0 });
        let (done, done_max) = match truth {
            Truth::Yes => (none_asked, none_asked),
            Truth::No => (asked, asked_max),
            // Whether anything is asked at all is itself an answer that is missing.
            Truth::Unknown => (asked.min(none_asked), asked_max.max(none_asked)),
        };
        let open = done < done_max;
        rate.numerator += done;
        rate.numerator_max += done_max;
        rate.denominator += n;
        rate.unanswered += u32::from(open);
        rate.rows.push(RateRow {
            item: i.item.key.clone(),
            counted: true,
            holds: if open { Truth::Unknown } else { Truth::Yes },
            not_applicable: truth == Truth::Yes,
            from: ratio(done, n),
            to: ratio(done_max, n),
        });
    }
    if rate.denominator == 0 {
        return Rate { not_computed: Some("対象がないため算出せず".into()), ..rate };
    }
    // Every item has the same number of fields, so the mean of the items' rates is this one exact division.
    rate.from = Some(ratio(rate.numerator, rate.denominator));
    rate.to = Some(ratio(rate.numerator_max, rate.denominator));
    rate.complete = rate.unanswered == 0;
    rate
}

struct Share<'a> {
    population: Option<&'a Predicate>,
    except: Option<&'a Predicate>,
    numerator: &'a Predicate,
    grouped: bool,
}

/// Items for which the predicate holds ÷ items of the population.
fn share_of_items(
    def: &RateDef,
    share: &Share<'_>,
    needed: Option<&BTreeSet<String>>,
    round: &Round,
    items: &[&LedgerItem],
) -> Rate {
    let mut rate = empty(def);
    let mut units: BTreeMap<String, Truth> = BTreeMap::new();
    for i in items {
        let facts = ItemFacts { item: &i.item, record: i.record.as_deref(), round };
        let inside = Truth::from(needed.is_none_or(|n| n.contains(&i.item.key)))
            .min(share.population.map_or(Truth::Yes, |p| p.holds(&facts)));
        // An item that the settings call absent is answered: it has no such scheme.
        let left_out = share.except.map_or(Truth::No, |p| if i.item.absent { Truth::Yes } else { p.holds(&facts) });
        let member = inside.min(!left_out);
        let counted = member != Truth::No;
        // Whether an item is one of those counted decides as much as what it says: until both are known, neither is. With
        // the item in the denominator, the range holds what the rate will be, whichever it turns out to be.
        let holds = match member {
            Truth::Unknown => Truth::Unknown,
            _ if i.item.absent => Truth::No,
            _ => share.numerator.holds(&facts),
        };
        let (from, to) = (f64::from(u8::from(holds == Truth::Yes)), f64::from(u8::from(holds != Truth::No)));
        rate.rows.push(RateRow { item: i.item.key.clone(), counted, holds, not_applicable: false, from, to });
        if counted {
            let unit = if share.grouped { &i.item.group } else { &i.item.key };
            let all = units.entry(unit.clone()).or_insert(Truth::Yes);
            *all = (*all).min(holds);
        }
    }
    rate.denominator = count(units.len());
    if rate.denominator == 0 {
        return Rate { not_computed: Some("対象がないため算出せず".into()), ..rate };
    }
    rate.numerator = count(units.values().filter(|t| **t == Truth::Yes).count());
    rate.numerator_max = count(units.values().filter(|t| **t != Truth::No).count());
    rate.unanswered = rate.numerator_max - rate.numerator;
    rate.from = Some(ratio(rate.numerator, rate.denominator));
    rate.to = Some(ratio(rate.numerator_max, rate.denominator));
    rate.complete = rate.unanswered == 0;
    rate
}

/// The items that a list needs, by the column that names them.
fn needed(needs: &Needs, templates: &Templates) -> BTreeSet<String> {
    let list = templates.lists.get(&needs.list);
    list.map(|l| l.codes.iter().map(|c| c.attr(&needs.item).to_string()).filter(|k| !k.is_empty()).collect())
        .unwrap_or_default()
}

/// Why a rate cannot be computed: a code of the list was not asked.
fn not_asked(needs: &Needs, def: &RateDef, templates: &Templates, items: &[&LedgerItem]) -> Option<String> {
    let list = templates.lists.get(&needs.list)?;
    let asked: BTreeSet<&str> = items.iter().map(|i| i.item.key.as_str()).collect();
    let missing = list.codes.iter().filter(|c| !asked.contains(c.attr(&needs.item))).count();
    let subject = templates.forms.get(&def.form).map_or("", |f| &f.subject);
    let all = list.codes.len();
    (missing > 0)
        .then(|| format!("調査対象外のため算出せず（{all}{subject}のうち{missing}{subject}を調査していません）"))
}
