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
/// What standard encryption asks for.
const STANDARD_SPIN: u64 = 50_000;
/// How a description of agile encryption begins.
pub(super) const AGILE: [u8; 4] = [4, 0, 4, 0];
/// The most rounds over all passwords that are tried.
const MAX_SPINS: u64 = 5_000_000;

/// The password of files that have none: Excel encrypts with it what is only protected against changes, and opens such a
/// file without asking.
pub(super) const NONE: &str = "VelvetSweatshop";

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
    let agile = Agile::read(&info);
    let spin = match &agile {
        Some(agile) => u64::from(agile.spin),
        None if info.starts_with(&AGILE) => return Err(Refusal::Encrypted(Lock::NotOpened)),
        None => STANDARD_SPIN,
    };
    if spin > MAX_SPIN {
        return Err(Refusal::Dangerous { detail: "spin count".into() });
    }
    // What is declared is what would be reserved.
    let declared = package.first_chunk().map_or(0, |size| u64::from_le_bytes(*size));
    Limits::check("file", limits.file, declared)?;
    let file = compound::wrap_all(&[("EncryptionInfo", &info), ("EncryptedPackage", &package)]);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endless_hashing_is_refused() {
        let with = |spin: &str| {
            let how = r#"saltValue="AAAA" hashAlgorithm="SHA512" keyBits="256""#;
            let text =
                format!(r#"<e><keyData {how}/><encryptedKey {how} encryptedKeyValue="AAAA" spinCount="{spin}"/></e>"#);
            let info = [&AGILE, &[0x40, 0, 0, 0], text.as_bytes()].concat();
            compound::wrap_all(&[("EncryptionInfo", &info), ("EncryptedPackage", &[0; 4_200])])
        };
        for spin in ["2000000000", "&#50;000000000"] {
            let file = with(spin);
            let refusal = Refusal::Dangerous { detail: "spin count".into() };
            assert_eq!(open(&file, &["甲"], &Limits::default()), Err(refusal), "{spin}");
            assert_eq!(open(&file, &[], &Limits::default()), Err(Refusal::Encrypted(Lock::NoPassword)));
        }
        assert_eq!(open(&with("1"), &["甲"], &Limits::default()), Err(Refusal::Encrypted(Lock::NoneFits(1))));
        // A number that is none is not handed on to anybody who might count on.
        let refusal = Refusal::Encrypted(Lock::NotOpened);
        assert_eq!(open(&with("99999999999999999999"), &["甲"], &Limits::default()), Err(refusal));
    }
}
