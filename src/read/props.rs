//! Document properties: when the file was last saved, by its own word, in Japanese time.

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta};
use quick_xml::events::Event;

use super::package::Package;
use super::xml;

const CORE_RELATION: &str = "/metadata/core-properties";

/// The time of the last save (else of creation) from `docProps/core.xml` or an `OpenDocument` `meta.xml`, in +09:00.
#[must_use]
pub fn saved(package: &mut Package<'_>) -> Option<NaiveDateTime> {
    let core = package
        .relations("")
        .into_iter()
        .find(|r| r.kind.ends_with(CORE_RELATION) && !r.external)
        .map_or_else(|| "docProps/core.xml".to_string(), |r| r.target);
    let text = package.text(&core).ok().flatten().or_else(|| package.text("meta.xml").ok().flatten())?;
    saved_in(&text)
}

/// The same from the text of the part.
#[must_use]
pub fn saved_in(text: &str) -> Option<NaiveDateTime> {
    let mut reader = xml::reader(text);
    let (mut modified, mut created) = (None, None);
    let mut current = String::new();
    let mut value = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(e) => {
                current = e.local_name().as_ref().to_string();
                value.clear();
            }
            Event::End(e) => {
                // `modified` and `created` are OOXML's words, `date` and `creation-date` OpenDocument's.
                match e.local_name().as_ref() {
                    "modified" | "date" if current == e.local_name().as_ref() => modified = modified.or(time(&value)),
                    "created" | "creation-date" if current == e.local_name().as_ref() => {
                        created = created.or(time(&value));
                    }
                    _ => {}
                }
                current.clear();
            }
            Event::Eof => break,
            event => {
                xml::push_text(&event, &mut value);
            }
        }
    }
    modified.or(created)
}

/// A time stamp: with a zone it is converted to +09:00, without one it is taken as Japanese time already.
fn time(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim();
    if let Ok(t) = DateTime::parse_from_rfc3339(text) {
        return Some(t.with_timezone(&FixedOffset::east_opt(9 * 3600)?).naive_local());
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()
}

/// The time of the last save from the summary stream of a compound file (.xls), in +09:00. Layout: \[MS-OLEPS\].
#[must_use]
pub fn saved_in_summary(stream: &[u8]) -> Option<NaiveDateTime> {
    const LAST_SAVED: u32 = 13;
    const FILE_TIME: u32 = 64;
    let word = |at: usize| Some(u32::from_le_bytes(*stream.get(at..)?.first_chunk()?));
    let set = word(44)? as usize;
    let count = word(set.checked_add(4)?)?.min(100) as usize;
    let place = |i: usize| set.checked_add(8 + 8 * i);
    let entry = (0..count).filter_map(place).find(|at| word(*at) == Some(LAST_SAVED))?;
    let at = set.checked_add(word(entry.checked_add(4)?)? as usize)?;
    if word(at)? != FILE_TIME {
        return None;
    }
    let ticks = u64::from_le_bytes(*stream.get(at.checked_add(4)?..)?.first_chunk()?);
    // Ticks of 100 ns since 1601, in UTC; none means never saved.
    let seconds = i64::try_from(ticks / 10_000_000).ok().filter(|s| *s > 0)?;
    Some((DateTime::from_timestamp(seconds.checked_sub(11_644_473_600)?, 0)? + TimeDelta::hours(9)).naive_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_of_a_compound_file() {
        let mut stream = vec![0; 44];
        for word in [48u32, 32, 1, 13, 16, 64] {
            stream.extend(word.to_le_bytes());
        }
        let at = NaiveDateTime::parse_from_str("2022-11-10 15:30:00", "%Y-%m-%d %H:%M:%S").unwrap();
        let ticks = u64::try_from(at.and_utc().timestamp() + 11_644_473_600).unwrap() * 10_000_000;
        stream.extend(ticks.to_le_bytes());
        assert_eq!(saved_in_summary(&stream), Some(at + TimeDelta::hours(9)));
        assert_eq!(saved_in_summary(&stream[..60]), None);
    }

    #[test]
    fn time_zones() {
        let at = |s: &str| saved_in(&format!("<p><created>2020-01-01T00:00:00Z</created><modified>{s}</modified></p>"));
        let expected = |s: &str| NaiveDateTime::parse_from_str(s, "%Y-%m-%d %H:%M:%S").ok();
        assert_eq!(at("2022-11-10T15:30:00Z"), expected("2022-11-11 00:30:00"));
        assert_eq!(at("2022-11-10T15:30:00+09:00"), expected("2022-11-10 15:30:00"));
        assert_eq!(at("2022-11-10T15:30:00"), expected("2022-11-10 15:30:00"));
        assert_eq!(at("soon"), expected("2020-01-01 09:00:00"));
        assert_eq!(saved_in("<p/>"), None);
    }
}
