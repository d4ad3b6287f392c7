//! Agile encryption ([MS-OFFCRYPTO] 2.3.4.10 and on) with any of its hashes and key lengths: Excel 2010 writes SHA-1 and 128 bits,
//! which the library at hand does not open.

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockDecryptMut, KeyIvInit};
use aes::{Aes128, Aes192, Aes256};
use base64::Engine;
use quick_xml::events::{BytesStart, Event};

use super::decrypt::AGILE;
use super::xml;

/// Plain bytes that are encrypted together.
const SEGMENT: usize = 4096;
/// The purpose that is hashed into the key that opens the key.
const KEY_VALUE: [u8; 8] = [0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6];

/// What an `EncryptionInfo` stream says.
#[derive(Debug, Default)]
pub struct Agile {
    /// How the package is encrypted.
    data: Cipher,
    /// How its key is encrypted with the password.
    key: Cipher,
    encrypted_key: Vec<u8>,
    /// How often the password is hashed.
    pub spin: u32,
}

#[derive(Debug, Default)]
struct Cipher {
    salt: Vec<u8>,
    hash: String,
    key_bytes: usize,
}

impl Cipher {
    fn of(e: &BytesStart<'_>) -> Option<Self> {
        let is = |name: &str, value: &str| xml::attr(e, name).is_none_or(|v| v == value);
        let sound = is("cipherAlgorithm", "AES") && is("cipherChaining", "ChainingModeCBC") && is("blockSize", "16");
        let key_bytes = xml::attr(e, "keyBits")?.parse::<usize>().ok()? / 8;
        let salt = base64_of(&xml::attr(e, "saltValue")?)?;
        sound.then_some(Self { salt, hash: xml::attr(e, "hashAlgorithm")?, key_bytes })
    }

    fn hash(&self, parts: &[&[u8]]) -> Option<Vec<u8>> {
        use sha1::Digest as _;
        use sha2::Digest as _;
        let all = parts.concat();
        Some(match self.hash.as_str() {
            "SHA1" | "SHA-1" => sha1::Sha1::digest(&all).to_vec(),
            "SHA256" => sha2::Sha256::digest(&all).to_vec(),
            "SHA384" => sha2::Sha384::digest(&all).to_vec(),
            "SHA512" => sha2::Sha512::digest(&all).to_vec(),
            _ => return None,
        })
    }
}

fn base64_of(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text.trim()).ok()
}

/// Cut or filled up to a length, as the specification fills.
fn fitted(mut bytes: Vec<u8>, length: usize) -> Vec<u8> {
    bytes.resize(length, 0x36);
    bytes
}

/// AES in blocks that hang together.
fn decrypt(key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    fn with<C: BlockDecryptMut + KeyIvInit>(key: &[u8], iv: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        C::new_from_slices(key, iv).ok()?.decrypt_padded_vec_mut::<NoPadding>(data).ok()
    }
    match key.len() {
        16 => with::<cbc::Decryptor<Aes128>>(key, iv, data),
        24 => with::<cbc::Decryptor<Aes192>>(key, iv, data),
        32 => with::<cbc::Decryptor<Aes256>>(key, iv, data),
        _ => None,
    }
}

impl Agile {
    /// Reads the description; `None` when it is another kind of encryption or asks for something unknown.
    pub fn read(info: &[u8]) -> Option<Self> {
        let text = info.strip_prefix(&AGILE)?.get(4..)?;
        let text = std::str::from_utf8(text).ok()?.trim_end_matches('\0');
        let mut reader = xml::reader(text);
        let mut out = Self::default();
        loop {
            match reader.read_event().ok()? {
                Event::Start(e) => match e.local_name().as_ref() {
                    "keyData" => out.data = Cipher::of(&e)?,
                    "encryptedKey" if out.encrypted_key.is_empty() => {
                        out.key = Cipher::of(&e)?;
                        out.encrypted_key = base64_of(&xml::attr(&e, "encryptedKeyValue")?)?;
                        out.spin = xml::attr(&e, "spinCount")?.parse().ok()?;
                    }
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
        (!out.encrypted_key.is_empty() && !out.data.salt.is_empty()).then_some(out)
    }

    /// The package; rubbish, or `None`, with a wrong password.
    pub fn open(&self, package: &[u8], password: &str) -> Option<Vec<u8>> {
        let password: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut hash = self.key.hash(&[&self.key.salt, &password])?;
        for round in 0..self.spin {
            hash = self.key.hash(&[&round.to_le_bytes(), &hash])?;
        }
        let opens = fitted(self.key.hash(&[&hash, &KEY_VALUE])?, self.key.key_bytes);
        let mut key = decrypt(&opens, &fitted(self.key.salt.clone(), 16), &self.encrypted_key)?;
        key.truncate(self.data.key_bytes);
        let size = usize::try_from(u64::from_le_bytes(*package.first_chunk()?)).ok()?;
        let mut out = Vec::new();
        for (number, segment) in (0u32..).zip(package.get(8..)?.chunks(SEGMENT)) {
            let iv = fitted(self.data.hash(&[&self.data.salt, &number.to_le_bytes()])?, 16);
            let whole = segment.get(..segment.len() / 16 * 16)?;
            out.extend(decrypt(&key, &iv, whole)?);
            // Enough to see that the password is wrong.
            if number == 0 && !out.starts_with(b"PK\x03\x04") {
                return None;
            }
        }
        out.truncate(size);
        Some(out)
    }
}
