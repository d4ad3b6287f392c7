//! Opens a package that is encrypted with a password (agile and standard encryption of Office), given the passwords.
//!
//! The two streams are taken out with the bounded reader of compound files. Agile encryption is undone by [`super::agile`], the
//! standard one of Office 2007 by a library, which gets the streams in a container of our own. A
//! wrong password is told by what comes out: only a zip counts. Work is bounded by the rounds of hashing a file asks for.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::agile::Agile;
use super::compound;
use super::guard::{Limits, Lock, Refusal};

/// The most rounds of hashing per password; Office writes 100,000.
const MAX_SPIN: u64 = 1_000_000;
/// The most rounds over all passwords that are tried.
const MAX_SPINS: u64 = 5_000_000;

/// The password of files that have none: Excel encrypts with it what is only protected against changes, and opens such a
/// file without asking.
const NONE: &str = "VelvetSweatshop";

/// The package inside, opened with the first password that fits; and whether one was needed.
///
/// # Errors
/// [`Refusal::Encrypted`] when no password fits, [`Refusal::Dangerous`] when the file asks for endless hashing,
/// [`Refusal::Damaged`] when its streams cannot be taken out.
pub fn open(bytes: &[u8], passwords: &[&str], limits: &Limits) -> Result<(Vec<u8>, bool), Refusal> {
    let opened = attempt(bytes, passwords, limits);
    // Without a password there is no more to say, whatever else is wrong.
    if passwords.is_empty() { opened.map_err(|_| Refusal::Encrypted(Lock::NoPassword)) } else { opened }
}

fn attempt(bytes: &[u8], passwords: &[&str], limits: &Limits) -> Result<(Vec<u8>, bool), Refusal> {
    let stream = |name: &str| {
        compound::read(bytes, name).ok_or_else(|| Refusal::Damaged { detail: format!("compound file: {name}") })
    };
    let (info, package) = (stream("EncryptionInfo")?, stream("EncryptedPackage")?);
    let spin = spin_count(&info);
    if spin > MAX_SPIN {
        return Err(Refusal::Dangerous { detail: "spin count".into() });
    }
    // What is declared is what would be reserved.
    let declared = package.first_chunk().map_or(0, |size| u64::from_le_bytes(*size));
    Limits::check("file", limits.file, declared)?;
    let file = compound::wrap_all(&[("EncryptionInfo", &info), ("EncryptedPackage", &package)]);
    let agile = Agile::read(&info);
    drop(info);
    let at_most = usize::try_from(MAX_SPINS / spin.max(1)).unwrap_or(usize::MAX);
    let mut tried: usize = 0;
    for password in std::iter::once(&NONE).chain(passwords).take(at_most) {
        let opened = catch_unwind(AssertUnwindSafe(|| match &agile {
            Some(agile) => agile.open(&package, password),
            None => office_crypto::decrypt_from_bytes(file.clone(), password).ok(),
        }));
        if let Ok(Some(inner)) = opened
            && inner.starts_with(b"PK\x03\x04")
        {
            return Ok((inner, *password != NONE));
        }
        tried += 1;
    }
    Err(Refusal::Encrypted(Lock::NoneFits(tried.saturating_sub(1))))
}

/// The rounds of hashing: 50,000 for standard encryption, what the description says for agile.
fn spin_count(info: &[u8]) -> u64 {
    const STANDARD: u64 = 50_000;
    if info.first_chunk() != Some(&[4, 0, 4, 0]) {
        return STANDARD;
    }
    let text = String::from_utf8_lossy(info.get(8..).unwrap_or_default());
    let counts = text.split("spinCount").skip(1).map(|rest| {
        let digits: String =
            rest.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(u64::MAX)
    });
    counts.max().unwrap_or(STANDARD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_spin_count_is_taken() {
        let info = |text: &str| [&[4, 0, 4, 0, 0x40, 0, 0, 0], text.as_bytes()].concat();
        assert_eq!(spin_count(&info(r#"<a spinCount="100000"/><b spinCount = '4294967295'/>"#)), 4_294_967_295);
        assert_eq!(spin_count(&info(r#"<a spinCount="99999999999999999999999"/>"#)), u64::MAX);
        assert_eq!(spin_count(&[4, 0, 2, 0]), 50_000);
    }

    #[test]
    fn endless_hashing_is_refused() {
        let info = [&[4, 0, 4, 0, 0x40, 0, 0, 0], &br#"<e spinCount="2000000000"/>"#[..]].concat();
        let file = compound::wrap_all(&[("EncryptionInfo", &info), ("EncryptedPackage", &[0; 4_200])]);
        let refusal = Refusal::Dangerous { detail: "spin count".into() };
        assert_eq!(open(&file, &["甲"], &Limits::default()), Err(refusal));
        assert_eq!(open(&file, &[], &Limits::default()), Err(Refusal::Encrypted(Lock::NoPassword)));
    }
}
