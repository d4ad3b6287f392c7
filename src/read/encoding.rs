//! The text of a file that says nothing about its encoding: UTF-8, UTF-16 with or without a mark, and the encodings of
//! Japan (CP932, EUC-JP, ISO-2022-JP). What cannot be decoded becomes U+FFFD, which the reader of cells reports.

use encoding_rs::{EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS};

use super::package;

/// Decodes a text; the flag says whether every byte of it meant something. `None` when the bytes are no text.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<(String, bool)> {
    if bytes.windows(3).any(|w| matches!(w, b"\x1b$B" | b"\x1b$@")) && bytes.is_ascii() {
        return Some(with(ISO_2022_JP, bytes));
    }
    if let Some(text) = package::decode(bytes.to_vec()).filter(|t| !t.contains('\0')) {
        return Some((text, true));
    }
    if bytes.contains(&0) {
        return utf16_without_a_mark(bytes).map(|text| (text, true));
    }
    let (text, sound) = with(SHIFT_JIS, bytes);
    let (other, other_sound) = with(EUC_JP, bytes);
    // Japanese in EUC reads as half-width kana in CP932.
    let kana = |t: &str| t.chars().filter(|c| ('\u{ff61}'..='\u{ff9f}').contains(c)).count();
    let euc = other_sound && (!sound || kana(&text) > 2 * kana(&other) + 4);
    Some(if euc { (other, true) } else { (text, sound) })
}

fn with(encoding: &'static Encoding, bytes: &[u8]) -> (String, bool) {
    let (text, broken) = encoding.decode_without_bom_handling(bytes);
    (text.into_owned(), !broken)
}

/// UTF-16 whose lines and separators are where one byte order has them.
fn utf16_without_a_mark(bytes: &[u8]) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let read = |pair: fn([u8; 2]) -> u16| -> Option<String> {
        let text: String = char::decode_utf16(pairs.iter().map(|p| pair(*p))).collect::<Result<_, _>>().ok()?;
        let sound = !text.contains('\0') && text.contains(['\t', ',']) && text.contains(['\n', '\r']);
        sound.then_some(text)
    };
    read(u16::from_le_bytes).or_else(|| read(u16::from_be_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_is_told_by_its_bytes() {
        let text = "業務,状況\r\n甲業務,①済み～髙\r\n";
        let cp932 = SHIFT_JIS.encode(text).0.into_owned();
        assert_eq!(decode(&cp932), Some((text.to_string(), true)));
        let plain = "業務,状況\n甲業務,完了しました\n";
        assert_eq!(decode(&EUC_JP.encode(plain).0), Some((plain.to_string(), true)));
        assert_eq!(decode(&ISO_2022_JP.encode(plain).0), Some((plain.to_string(), true)));
        assert_eq!(decode(plain.as_bytes()), Some((plain.to_string(), true)));
        let little: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = plain.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!((decode(&little), decode(&big)), (Some((plain.to_string(), true)), Some((plain.to_string(), true))));
        assert_eq!(decode(b"\0\x01\x02\x03"), None);
    }

    #[test]
    fn what_means_nothing_is_told() {
        let (text, sound) = decode(b"\x8d\x62\x89\xdb,\x81\x20\xff\n").unwrap();
        assert!(!sound && text.starts_with("甲課,") && text.contains('\u{fffd}'), "{text}");
    }
}
