//! A mail as it was sent (.eml): its attachments, one after the other.
//!
//! The parser was made for mail, not for attacks: it goes down a level for each mail in a mail and looks for the end of each
//! part to the end of the file. What makes it do so is counted in the bytes before it sees them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, NaiveDateTime};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::guard::{Limits, Refusal};
use super::inside::{Inner, Names, Room, Told};
use super::sniff;

/// Bytes from the start in which the headers are looked for.
const HEAD: usize = 16 << 10;
/// Lines that may begin a part.
const MAX_BORDERS: u64 = 20_000;
/// Lines that may be headers.
const MAX_HEADERS: u64 = 200_000;
/// Words that may begin a mail in a mail, or a part with parts.
const MAX_NESTING: u64 = 200;
/// Up to so many bytes a picture in the text is a signature's or a letterhead's; a photograph of a form is larger.
const MAX_ORNAMENT: usize = 128 << 10;

/// Whether the bytes begin with the headers of a mail: whatever comes first, at least two of those that mails have.
#[must_use]
pub fn is_mail(bytes: &[u8]) -> bool {
    const KNOWN: [&str; 11] = [
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "received",
        "delivered-to",
        "return-path",
        "content-type",
        "reply-to",
    ];
    const SENT: [&str; 6] = ["to", "received", "delivered-to", "return-path", "message-id", "reply-to"];
    let bytes = body_of(bytes);
    let head = bytes.get(..HEAD.min(bytes.len())).unwrap_or_default();
    // A saved web page (MHTML) has such headers too, but nobody it was sent to.
    let (mut known, mut first, mut sent) = (0, true, memchr::memmem::find(head, b"multipart/related").is_none());
    for line in head.split(|b| *b == b'\n').map(|l| l.strip_suffix(b"\r").unwrap_or(l)) {
        if line.is_empty() {
            break;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        let name = line.split(|b| *b == b':').next().filter(|n| n.len() < line.len()).unwrap_or_default();
        let sound = !name.is_empty() && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
        if !sound && first {
            return false;
        }
        first = false;
        known += u32::from(KNOWN.iter().any(|k| name.eq_ignore_ascii_case(k.as_bytes())));
        sent |= SENT.iter().any(|k| name.eq_ignore_ascii_case(k.as_bytes()));
        if known >= 2 && sent {
            return true;
        }
    }
    false
}

/// The mail without what programs put before it: a byte order mark; of Apple's the number of its bytes in a line of its own.
fn body_of(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let digits = bytes.iter().take(12).take_while(|b| b.is_ascii_digit() || **b == b' ').count();
    match bytes.get(digits) {
        Some(b'\n') if digits > 0 => bytes.get(digits + 1..).unwrap_or_default(),
        _ => bytes,
    }
}

/// Hands over every attachment.
///
/// # Errors
/// A [`Refusal`] when the mail is built as no program builds it, or holds more than allowed.
pub fn each(bytes: &[u8], room: &Room<'_>, take: &mut dyn FnMut(Inner)) -> Result<Told, Refusal> {
    let bytes = body_of(bytes);
    bounded(bytes)?;
    let parsed = catch_unwind(AssertUnwindSafe(|| MessageParser::default().parse(bytes)));
    let damaged = || Refusal::Damaged { detail: "mail".into() };
    let message = parsed.ok().flatten().ok_or_else(damaged)?;
    let mut told = Told { sent: sent(&message), ..Told::default() };
    let mut names = Names::default();
    let texts: Vec<u32> = message.html_body.iter().chain(&message.text_body).copied().collect();
    let html = message.html_body.iter().filter_map(|i| message.part(*i)).find_map(MessagePart::text_contents);
    for (number, part) in (0u32..).zip(&message.parts) {
        let is_text = matches!(part.body, PartType::Text(_) | PartType::Html(_)) && texts.contains(&number);
        if matches!(part.body, PartType::Multipart(_)) || is_text && part.attachment_name().is_none() {
            continue;
        }
        let Some(content) = content(part, bytes) else { continue };
        if is_ornament(part, &content, html) {
            told.passed_over += 1;
            continue;
        }
        room.files(1)?;
        let content = if is_sealed(part) {
            Err(Refusal::Closed { looks_like: "暗号化されたメールの中身（smime.p7m）" })
        } else {
            room.bytes(content.len() as u64).map(|()| content)
        };
        take(Inner { name: names.add(&name(part, bytes)), bytes: content, modified: None });
    }
    Ok(told)
}

/// Counts what would make the parser go deep or far.
fn bounded(bytes: &[u8]) -> Result<(), Refusal> {
    let (mut borders, mut headers, mut nesting) = (0, 0, 0);
    for line in bytes.split(|b| *b == b'\n') {
        borders += u64::from(line.starts_with(b"--"));
        let name = line.iter().take(80).take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
        headers += u64::from(line.get(name) == Some(&b':'));
        // Words that begin parts stand in short lines; what is encoded stands in lines of its own and seldom spells one.
        if line.len() < 2_000 {
            nesting += count(line, b"multipart") + count(line, b"rfc822") + count(line, b"global");
        }
    }
    Limits::check("parts", MAX_BORDERS, borders)?;
    Limits::check("parts", MAX_HEADERS, headers)?;
    Limits::check("parts", MAX_NESTING, nesting)
}

/// How often a word stands in a line, in upper or lower case.
fn count(line: &[u8], word: &[u8]) -> u64 {
    let initial = [word.first().copied().unwrap_or_default(), word.first().map_or(0, u8::to_ascii_uppercase)];
    let here = |at: usize| line.get(at..at + word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word));
    memchr::memchr2_iter(initial[0], initial[1], line).filter(|at| here(*at)).count() as u64
}

/// When the mail says it was sent, in +09:00.
fn sent(message: &Message<'_>) -> Option<NaiveDateTime> {
    let at = DateTime::from_timestamp(message.date()?.to_timestamp(), 0)?;
    Some(at.naive_utc() + chrono::Duration::hours(9))
}

/// What a part holds, as it was before it was packed for the way.
fn content(part: &MessagePart<'_>, mail: &[u8]) -> Option<Vec<u8>> {
    let raw = || mail.get(part.offset_body as usize..part.offset_end as usize);
    match &part.body {
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Some(bytes.to_vec()),
        // Text comes decoded as its sender declares it, often wrongly: what stands there is wanted.
        PartType::Text(_) | PartType::Html(_) => {
            let raw = raw()?;
            let packed = part.content_transfer_encoding().unwrap_or_default().to_ascii_lowercase();
            match packed.as_str() {
                "base64" => base64_decode(raw).or_else(|| Some(raw.to_vec())),
                "quoted-printable" => quoted_printable_decode(raw).or_else(|| Some(raw.to_vec())),
                _ => Some(raw.to_vec()),
            }
        }
        PartType::Message(_) if part.encoding == Encoding::None => Some(raw()?.to_vec()),
        PartType::Message(inner) => Some(inner.raw_message.to_vec()),
        PartType::Multipart(_) => None,
    }
}

/// What an attachment is called: its own name, the subject of a mail, else nothing.
fn name(part: &MessagePart<'_>, mail: &[u8]) -> String {
    let own = part.attachment_name().unwrap_or_default();
    // Cut between the bytes of a letter, or written in the bytes of Windows without a word for it.
    let again = own.contains('\u{fffd}').then(|| raw_name(part, mail)).flatten();
    let own = again.as_deref().unwrap_or(own).replace(['/', '\\'], "／");
    match &part.body {
        PartType::Message(inner) => {
            let subject = inner.subject().unwrap_or_default().replace(['/', '\\'], "／");
            let name = [own.trim(), subject.trim(), "添付のメール"].into_iter().find(|n| !n.is_empty());
            let name = name.unwrap_or_default();
            if name.to_lowercase().ends_with(".eml") { name.into() } else { format!("{name}.eml") }
        }
        _ => own,
    }
}

/// The name as it stands in the headers: the pieces of a long one together before they are decoded.
fn raw_name(part: &MessagePart<'_>, mail: &[u8]) -> Option<String> {
    let wanted = |h: &&mail_parser::Header<'_>| {
        matches!(h.name, mail_parser::HeaderName::ContentDisposition | mail_parser::HeaderName::ContentType)
    };
    part.headers.iter().filter(wanted).find_map(|header| {
        let raw = mail.get(header.offset_start as usize..header.offset_end as usize)?;
        let (mut pieces, mut plain) = (Vec::new(), None);
        for parameter in raw.split(|b| *b == b';') {
            let at = parameter.iter().position(|b| *b == b'=').unwrap_or(parameter.len());
            let (key, value) = parameter.split_at(at);
            let key = String::from_utf8_lossy(key).trim().to_ascii_lowercase();
            let value = value.get(1..).unwrap_or_default().trim_ascii();
            let value = value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(value);
            match key.strip_prefix("filename").or_else(|| key.strip_prefix("name")) {
                Some("") => plain = Some(value.to_vec()),
                Some(piece) => pieces.push((piece.trim_matches('*').parse::<u32>().unwrap_or(0), unescaped(value))),
                None => {}
            }
        }
        pieces.sort_by_key(|(n, _)| *n);
        let whole: Vec<u8> = pieces.into_iter().flat_map(|(_, bytes)| bytes).collect();
        let mut parts = whole.splitn(3, |b| *b == b'\'');
        let (label, value) = (parts.next().unwrap_or_default(), parts.nth(1));
        match (encoding_rs::Encoding::for_label(label), value) {
            (Some(encoding), Some(value)) => Some(encoding.decode_without_bom_handling(value).0.into_owned()),
            _ => plain.map(|p| encoding_rs::SHIFT_JIS.decode_without_bom_handling(&p).0.into_owned()),
        }
    })
}

/// Bytes in which some are written as `%E3`.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|d| std::str::from_utf8(d).ok());
        let byte = digits.filter(|_| *first == b'%').and_then(|d| u8::from_str_radix(d, 16).ok());
        out.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    out
}

/// A picture that belongs to the text (of a signature, a letterhead), or the seal of a signed mail.
fn is_ornament(part: &MessagePart<'_>, content: &[u8], html: Option<&str>) -> bool {
    let kind = part.content_type().map(|c| format!("{}/{}", c.ctype(), c.subtype().unwrap_or_default()));
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    if matches!(
        kind.as_str(),
        "application/pkcs7-signature" | "application/x-pkcs7-signature" | "application/pgp-signature"
    ) {
        return true;
    }
    // A large picture may be the reply itself, photographed, whatever its name.
    if part.attachment_name().is_some_and(is_made_by_the_server)
        && (is_small_picture(content) || !sniff::is_picture(content))
    {
        return true;
    }
    let inline = part.content_disposition().is_some_and(mail_parser::ContentType::is_inline);
    let shown = part.content_id().is_some_and(|id| html.is_some_and(|h| h.contains(&format!("cid:{id}"))));
    is_small_picture(content) && (inline || shown || part.attachment_name().is_none())
}

/// ATT00001.txt, image001.png: what mail servers make of a text's own parts.
fn is_made_by_the_server(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let numbered = |start: &str, ends: &[&str]| {
        let stem = ends.iter().find_map(|end| lower.strip_suffix(end)).and_then(|s| s.strip_prefix(start));
        stem.is_some_and(|n| n.len() >= 3 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    numbered("att", &[".txt", ".htm", ".html"]) || numbered("image", &[".png", ".jpg", ".gif", ".jpeg", ".bmp"])
}

/// A picture no larger than the ornaments of a mail are.
pub(super) fn is_small_picture(content: &[u8]) -> bool {
    content.len() <= MAX_ORNAMENT && sniff::is_picture(content)
}

/// A mail that was encrypted, or signed together with its text, as a whole.
fn is_sealed(part: &MessagePart<'_>) -> bool {
    part.content_type().is_some_and(|c| {
        c.subtype().is_some_and(|s| s.eq_ignore_ascii_case("pkcs7-mime") || s.eq_ignore_ascii_case("x-pkcs7-mime"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_are_told_by_their_headers() {
        for mail in [
            "From: a@example.jp\r\nTo: b@example.jp\r\n\r\nx",
            "X-Odd: 1\r\n\tmore\r\nDate: x\r\nSubject: y\r\n\r\n",
            "1234     \nReceived: x\nDate: y\n\n",
        ] {
            assert!(is_mail(mail.as_bytes()), "{mail}");
        }
        for other in [
            "品名:数\n書庫:1\n",
            "From: 甲課\n\nTo: 乙課\n",
            "a,b\nFrom: x\nTo: y\n",
            "12\n13\n",
            "",
            "MIME-Version: 1.0\nContent-Type: multipart/related\n",
        ] {
            assert!(!is_mail(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn names_of_attachments_in_every_way() {
        let named = |parameters: &[u8]| {
            let head = b"From: a\r\nTo: b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment";
            let mail =
                [&head[..], parameters, b"\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--b--\r\n"].concat();
            let (limits, mut names) = (Limits::default(), Vec::new());
            each(&mail, &Room::new(&limits), &mut |inner| names.push(inner.name)).expect("a mail");
            names.concat()
        };
        for name in [
            &b"; filename=\"=?ISO-2022-JP?B?GyRCOUNOYBsoQi54bHN4?=\""[..],
            b";\r\n filename*0*=utf-8''%E7%94%B2%E9;\r\n filename*1*=%A1%9E.xlsx",
            b"; filename*=Shift_JIS''%8D%62%97%DE.xlsx",
            b"; filename=\"\x8d\x62\x97\xde.xlsx\"",
            "; filename=\"甲類.xlsx\"".as_bytes(),
        ] {
            assert_eq!(named(name), "甲類.xlsx", "{}", String::from_utf8_lossy(name));
        }
    }

    #[test]
    fn what_makes_the_parser_go_deep_is_refused_before() {
        let limits = Limits::default();
        let room = Room::new(&limits);
        let refused = |mail: &str| each(mail.as_bytes(), &room, &mut |_| {});
        let deep = "Content-Type: message/rfc822\r\n\r\n".repeat(300_000);
        let wide = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\nx\r\n".repeat(30_000));
        let long = format!("From: a\r\nTo: b\r\n{}\r\n", "X: y\r\n".repeat(300_000));
        let lost = "Content-Type: multipart/mixed; boundary=nowhere\r\n\r\n".repeat(50_000);
        for mail in [deep, wide, long, lost] {
            assert!(matches!(refused(&mail), Err(Refusal::TooLarge { .. })), "{}", &mail[..40]);
        }
    }
}
