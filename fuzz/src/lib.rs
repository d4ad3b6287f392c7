//! What the targets share: small limits, the sample round's templates, and a way to change the inside of a zip.

use std::io::{Cursor, Read, Write};

use libfuzzer_sys::fuzzer_mutate;
use torimatome::read::{LegacyKind, Limits, Opened, Refusal};
use zip::write::SimpleFileOptions;

/// Small, so that a run is quick.
pub fn limits() -> Limits {
    Limits { file: 1 << 20, part: 4 << 20, total: 16 << 20, cells: 20_000, dense: 100_000, ..Limits::default() }
}

/// The older containers are left out where the program reads them in a process of its own.
pub fn no_legacy(_: &[u8], _: LegacyKind, _: &Limits) -> Result<Opened, Refusal> {
    Err(Refusal::Damaged { detail: "left out".into() })
}

/// A panic that is caught is still a mistake. The hook of the fuzzer ends the process at any panic, so there is nothing to
/// look for afterwards, but without it (a replay in an ordinary build) there is.
pub fn no_panic<T>(opened: &Result<T, Refusal>) {
    if let Err(Refusal::Damaged { detail }) = opened {
        assert_ne!(detail, "parser panic");
    }
}

/// Changes one part of a zip before it is packed again, without compression; anything else, and one in eight, byte by byte.
/// A changed byte of packed data only ever meets the checksum.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    if !seed.is_multiple_of(8)
        && let Some(packed) = mutate_part(&data[..size], max_size, seed / 8)
    {
        data[..packed.len()].copy_from_slice(&packed);
        return packed.len();
    }
    fuzzer_mutate(data, size, max_size)
}

fn mutate_part(bytes: &[u8], max_size: usize, seed: u32) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    let mut room = 4u64 << 20;
    for i in 0..archive.len().min(200) {
        let part = archive.by_index(i).ok()?;
        let name = part.name().ok()?.into_owned();
        let mut data = Vec::new();
        room -= part.take(room).read_to_end(&mut data).ok()? as u64;
        parts.push((name, data));
    }
    let count = u32::try_from(parts.len()).ok().filter(|n| *n > 0)?;
    // Pictures and printer settings are never read.
    let chosen = &mut parts[(seed % count) as usize];
    if [".png", ".emf", ".jpeg"].iter().any(|e| chosen.0.ends_with(e)) {
        return None;
    }
    let size = chosen.1.len();
    let room = max_size.saturating_sub(bytes.len()).min(4_096);
    chosen.1.resize(size + room, 0);
    let size = fuzzer_mutate(&mut chosen.1, size, size + room);
    chosen.1.truncate(size);
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, data) in parts {
        out.start_file(name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored)).ok()?;
        out.write_all(&data).ok()?;
    }
    let out = out.finish().ok()?.into_inner();
    (out.len() <= max_size).then_some(out)
}
