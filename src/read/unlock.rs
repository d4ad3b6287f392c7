//! Opens an .xls that is encrypted: with Excel's built-in password (a workbook that is only protected against changes), or
//! with one that is known. The three ways of \[MS-OFFCRYPTO] 2.3.5 to 2.3.7: RC4, RC4 of the CryptoAPI, XOR.
//!
//! No library at hand opens .xls. The ciphers come from well-kept ones; what stands here is where keys come from and which
//! bytes of the stream are encrypted. Nothing is counted that a file announces: the work is that of its length.

use md5::Md5;
use rc4::consts::{U5, U7, U16};
use rc4::{KeyInit, Rc4, StreamCipher};
use sha1::Sha1;

use super::biff::{records, u16_at};
use super::compound;
use super::decrypt::NONE;
use super::guard::{Lock, Refusal};
use super::sniff;

/// Bytes of the stream that share a key.
const BLOCK: usize = 1024;
/// The record that says how the stream is encrypted.
const FILE_PASS: u16 = 0x002f;
/// Records that are never encrypted: beginnings, locks, and what programs read before they ask for the password.
const PLAIN: [u16; 7] = [0x0809, FILE_PASS, 0x00e1, 0x0194, 0x0195, 0x0196, 0x0138];
/// A listed sheet, of which the first four bytes are not encrypted: where it stands.
const BOUND_SHEET: u16 = 0x0085;

/// The stream of the document properties.
const SUMMARY: &str = "\u{5}SummaryInformation";

/// How a stream is encrypted.
enum Method {
    /// XOR with sixteen bytes: the key and the check of the password.
    Xor { key: u16, verifier: u16 },
    /// RC4 with keys by MD5.
    Rc4 { salt: [u8; 16], verifier: [u8; 16], hash: [u8; 16] },
    /// RC4 with keys by SHA-1, of so many bytes.
    CryptoApi { salt: [u8; 16], verifier: [u8; 16], hash: [u8; 20], length: usize },
}

/// What a password gives: a key that opens the stream.
enum Key {
    Xor([u8; 16]),
    Rc4([u8; 5]),
    CryptoApi([u8; 20], usize),
}

/// The same workbook without encryption and whether a password of the round was needed; `None` when it is not encrypted
/// (or cannot be followed, which its reader tells).
///
/// # Errors
/// [`Refusal::Encrypted`] when no password fits or the way is not known.
pub fn xls(bytes: &[u8], passwords: &[&str]) -> Result<Option<(Vec<u8>, bool)>, Refusal> {
    let Ok(mut stream) = compound::workbook_stream(bytes) else { return Ok(None) };
    let globals = records(&stream, 0).take_while(|r| r.kind != 0x000a);
    let Some((at, pass)) = globals.filter(|r| r.kind == FILE_PASS).map(|r| (r.at, r.data.to_vec())).next() else {
        return Ok(None);
    };
    let method = Method::read(&pass).ok_or(Refusal::Encrypted(Lock::NotOpened))?;
    let mut all = std::iter::once(NONE).chain(passwords.iter().copied());
    let fitting = all.find_map(|p| method.key(p).map(|key| (key, p != NONE)));
    let Some((key, needed)) = fitting else {
        let lock = if passwords.is_empty() { Lock::NoPassword } else { Lock::NoneFits(passwords.len()) };
        return Err(Refusal::Encrypted(lock));
    };
    key.decrypt(&mut stream);
    // Whoever reads on shall not ask for the password again.
    if let Some(kind) = stream.get_mut(at..at + 2) {
        kind.fill(0);
    }
    Ok(Some((again(bytes, stream), needed)))
}

/// The workbook in a container of its own, with what its reader looks at besides.
fn again(bytes: &[u8], stream: Vec<u8>) -> Vec<u8> {
    if !bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return stream;
    }
    let summary = compound::read(bytes, SUMMARY);
    let mut streams: Vec<(&str, &[u8])> = vec![("Workbook", &stream)];
    if sniff::has_macros(bytes) {
        streams.push(("_VBA_PROJECT", &[]));
    }
    streams.extend(summary.as_deref().map(|s| (SUMMARY, s)));
    compound::wrap_all(&streams)
}

fn chunk<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

impl Method {
    fn read(pass: &[u8]) -> Option<Self> {
        // Excel 5 and 95 know one way only and do not name it.
        if pass.len() == 4 {
            return Some(Self::Xor { key: u16_at(pass, 0)?, verifier: u16_at(pass, 2)? });
        }
        match (u16_at(pass, 0)?, u16_at(pass, 2), u16_at(pass, 4)) {
            (0, Some(key), Some(verifier)) => Some(Self::Xor { key, verifier }),
            (1, Some(1), Some(1)) => {
                Some(Self::Rc4 { salt: chunk(pass, 6)?, verifier: chunk(pass, 22)?, hash: chunk(pass, 38)? })
            }
            (1, Some(2..=4), Some(2)) => {
                let size = u32::from_le_bytes(chunk(pass, 10)?) as usize;
                let header = pass.get(14..14usize.checked_add(size)?)?;
                let bits = u32::from_le_bytes(chunk(header, 16)?);
                let length = if bits == 0 { 5 } else { (bits / 8) as usize };
                let check = pass.get(14 + size..)?;
                Some(Self::CryptoApi {
                    salt: chunk(check, 4)?,
                    verifier: chunk(check, 20)?,
                    hash: chunk(check, 40)?,
                    length: Some(length).filter(|l| matches!(l, 5 | 7 | 16))?,
                })
            }
            _ => None,
        }
    }

    /// The key of a password, when it is the right one.
    fn key(&self, password: &str) -> Option<Key> {
        use md5::Digest as _;
        let wide: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
        match self {
            Self::Xor { key, verifier } => narrow(password).into_iter().find_map(|password| {
                let fits = (1..=15).contains(&password.len())
                    && xor_verifier(&password) == *verifier
                    && xor_key(&password) == *key;
                fits.then(|| Key::Xor(xor_array(&password, *key)))
            }),
            Self::Rc4 { salt, verifier, hash } => {
                let short = |hash: &[u8]| chunk::<5>(hash, 0);
                let first = short(&Md5::digest(&wide))?;
                let salted = [&first[..], &salt[..]].concat().repeat(16);
                let key = Key::Rc4(short(&Md5::digest(salted))?);
                let mut check = [verifier.as_slice(), hash].concat();
                key.stream(0, &mut check)?;
                let (verifier, hash) = check.split_at(16);
                (Md5::digest(verifier).as_slice() == hash).then_some(key)
            }
            Self::CryptoApi { salt, verifier, hash, length } => {
                let mut digest = [0; 20];
                digest.copy_from_slice(&Sha1::digest([&salt[..], &wide].concat()));
                let key = Key::CryptoApi(digest, *length);
                let mut check = [verifier.as_slice(), hash].concat();
                key.stream(0, &mut check)?;
                let (verifier, hash) = check.split_at(16);
                (Sha1::digest(verifier).as_slice() == hash).then_some(key)
            }
        }
    }
}

impl Key {
    /// Adds the key stream of a block.
    fn stream(&self, block: u32, data: &mut [u8]) -> Option<()> {
        use md5::Digest as _;
        match self {
            Self::Xor(_) => None,
            Self::Rc4(key) => rc4(&Md5::digest([&key[..], &block.to_le_bytes()].concat()), data),
            Self::CryptoApi(digest, length) => {
                let mut key = Sha1::digest([&digest[..], &block.to_le_bytes()].concat()).to_vec();
                key.truncate(*length);
                // Of forty bits, the rest of the key is zero.
                if *length == 5 {
                    key.resize(16, 0);
                }
                rc4(&key, data)
            }
        }
    }

    /// Decrypts what of a stream of records is encrypted.
    fn decrypt(&self, stream: &mut [u8]) {
        let mut spans = Vec::new();
        for record in records(stream, 0).filter(|r| !PLAIN.contains(&r.kind)) {
            let skip = if record.kind == BOUND_SHEET { 4.min(record.data.len()) } else { 0 };
            let from = record.at + 4;
            spans.push((from, from + skip, from + record.data.len()));
        }
        if let Self::Xor(array) = self {
            for (start, from, to) in spans {
                let span = stream.get_mut(from..to).unwrap_or_default();
                for (at, byte) in (from - start + to..).zip(span) {
                    *byte = (*byte ^ array.get(at % 16).copied().unwrap_or_default()).rotate_right(5);
                }
            }
            return;
        }
        let (mut keys, mut block) = ([0; BLOCK], usize::MAX);
        for (_, from, to) in spans {
            for at in from..to {
                if at / BLOCK != block {
                    block = at / BLOCK;
                    keys = [0; BLOCK];
                    let _ = self.stream(u32::try_from(block).unwrap_or(u32::MAX), &mut keys);
                }
                if let Some(byte) = stream.get_mut(at) {
                    *byte ^= keys.get(at % BLOCK).copied().unwrap_or_default();
                }
            }
        }
    }
}

fn rc4(key: &[u8], data: &mut [u8]) -> Option<()> {
    match key.len() {
        5 => Rc4::<U5>::new_from_slice(key).ok()?.apply_keystream(data),
        7 => Rc4::<U7>::new_from_slice(key).ok()?.apply_keystream(data),
        _ => Rc4::<U16>::new_from_slice(key).ok()?.apply_keystream(data),
    }
    Some(())
}

/// A password in bytes: of each character the lower one, and as Windows in Japan writes it.
fn narrow(password: &str) -> [Vec<u8>; 2] {
    let low = password.encode_utf16().map(u16::to_le_bytes).map(|[low, high]| if low == 0 { high } else { low });
    [low.collect(), encoding_rs::SHIFT_JIS.encode(password).0.into_owned()]
}

fn xor_verifier(password: &[u8]) -> u16 {
    let length = u8::try_from(password.len()).unwrap_or_default();
    let all = password.iter().rev().copied().chain([length]);
    all.fold(0u16, |v, byte| ((v >> 14 & 1) | (v << 1 & 0x7fff)) ^ u16::from(byte)) ^ 0xce4b
}

fn xor_key(password: &[u8]) -> u16 {
    let mut key = INITIAL.get(password.len().wrapping_sub(1)).copied().unwrap_or_default();
    let matrix = MATRIX.iter().rev();
    let bits = password.iter().rev().flat_map(|byte| (0..7).map(move |bit| byte << bit & 0x40 != 0));
    for (set, word) in bits.zip(matrix) {
        key ^= if set { *word } else { 0 };
    }
    key
}

/// The password and then the pad, each byte with one half of the key.
fn xor_array(password: &[u8], key: u16) -> [u8; 16] {
    let [low, high] = key.to_le_bytes();
    let mut out = [0; 16];
    for (at, (to, byte)) in out.iter_mut().zip(password.iter().chain(&PAD)).enumerate() {
        *to = (byte ^ if at % 2 == 0 { low } else { high }).rotate_right(1);
    }
    out
}

const PAD: [u8; 15] = [0xbb, 0xff, 0xff, 0xba, 0xff, 0xff, 0xb9, 0x80, 0x00, 0xbe, 0x0f, 0x00, 0xbf, 0x0f, 0x00];

const INITIAL: [u16; 15] = [
    0xe1f0, 0x1d0f, 0xcc9c, 0x84c0, 0x110c, 0x0e10, 0xf1ce, 0x313e, 0x1872, 0xe139, 0xd40f, 0x84f9, 0x280c, 0xa96a,
    0x4ec3,
];

/// A row of seven words for each character.
const MATRIX: [u16; 105] = [
    0xaefc, 0x4dd9, 0x9bb2, 0x2745, 0x4e8a, 0x9d14, 0x2a09, 0x7b61, 0xf6c2, 0xfda5, 0xeb6b, 0xc6f7, 0x9dcf, 0x2bbf,
    0x4563, 0x8ac6, 0x05ad, 0x0b5a, 0x16b4, 0x2d68, 0x5ad0, 0x0375, 0x06ea, 0x0dd4, 0x1ba8, 0x3750, 0x6ea0, 0xdd40,
    0xd849, 0xa0b3, 0x5147, 0xa28e, 0x553d, 0xaa7a, 0x44d5, 0x6f45, 0xde8a, 0xad35, 0x4a4b, 0x9496, 0x390d, 0x721a,
    0xeb23, 0xc667, 0x9cef, 0x29ff, 0x53fe, 0xa7fc, 0x5fd9, 0x47d3, 0x8fa6, 0x0f6d, 0x1eda, 0x3db4, 0x7b68, 0xf6d0,
    0xb861, 0x60e3, 0xc1c6, 0x93ad, 0x377b, 0x6ef6, 0xddec, 0x45a0, 0x8b40, 0x06a1, 0x0d42, 0x1a84, 0x3508, 0x6a10,
    0xaa51, 0x4483, 0x8906, 0x022d, 0x045a, 0x08b4, 0x1168, 0x76b4, 0xed68, 0xcaf1, 0x85c3, 0x1ba7, 0x374e, 0x6e9c,
    0x3730, 0x6e60, 0xdcc0, 0xa9a1, 0x4363, 0x86c6, 0x1dad, 0x3331, 0x6662, 0xccc4, 0x89a9, 0x0373, 0x06e6, 0x0dcc,
    0x1021, 0x2042, 0x4084, 0x8108, 0x1231, 0x2462, 0x48c4,
];
