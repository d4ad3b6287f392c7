"""Packs the Windows program into a zip, the same bytes for the same contents.

usage: pack.py EXE OUT TARGET, from the root of the checkout
"""

import hashlib
import json
import re
import struct
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

EXE, OUT, TARGET = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
SAMPLE = Path("samples/ishinomaki-r4-10")
# What Windows 10 itself has; anything else would have to be handed out too.
SYSTEM = re.compile(r"^(kernel32|ntdll|advapi32|user32|ws2_32|userenv|bcrypt|bcryptprimitives|msvcrt|shell32|ole32|oleaut32|synchronization|combase|api-ms-win-.*)\.dll$", re.I)


def imported(exe: bytes) -> list[str]:
    """The libraries that a program for Windows (64 bits) asks for."""
    pe = struct.unpack_from("<I", exe, 0x3C)[0]
    count, optional = struct.unpack_from("<H", exe, pe + 6)[0], struct.unpack_from("<H", exe, pe + 20)[0]
    table = pe + 24 + optional
    sections = [struct.unpack_from("<IIII", exe, table + 40 * n + 8) for n in range(count)]

    def at(address: int) -> int:
        for size, start, raw_size, raw in sections:
            if start <= address < start + max(size, raw_size):
                return address - start + raw
        raise ValueError(address)

    entry, names = at(struct.unpack_from("<I", exe, pe + 24 + 112 + 8)[0]), []
    while name := struct.unpack_from("<I", exe, entry + 12)[0]:
        begin = at(name)
        names.append(exe[begin : exe.index(b"\0", begin)].decode())
        entry += 20
    return names


def dependencies() -> list[dict]:
    """Every crate that is part of the program, by name and version."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    nodes = {n["id"]: n for n in found["resolve"]["nodes"]}
    seen, todo = set(), [found["resolve"]["root"]]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += [d["pkg"] for d in nodes[node]["deps"] if any(k["kind"] is None for k in d["dep_kinds"])]
    seen.remove(found["resolve"]["root"])
    return sorted((p for p in found["packages"] if p["id"] in seen), key=lambda p: (p["name"], p["version"]))


def licences(crates: list[dict]) -> str:
    """Who made each crate, under what, and every different text once."""
    lines = ["このプログラムに入っている部品と、その利用条件です。", ""]
    texts: dict[str, list[str]] = {}
    for crate in crates:
        lines.append(f"{crate['name']} {crate['version']}　{crate['license'] or '（本文を参照）'}　{crate['repository'] or ''}".rstrip())
        for path in sorted(Path(crate["manifest_path"]).parent.iterdir()):
            if path.is_file() and re.match(r"(?i)^(licen[cs]e|copying|notice|unlicense)", path.name):
                text = "\n".join(line.rstrip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
                texts.setdefault(text.strip(), []).append(f"{crate['name']} {crate['version']} ({path.name})")
    for text, of in texts.items():
        lines += ["", "=" * 80, "、".join(of), "-" * 80, text]
    return "\r\n".join("\n".join(lines).splitlines()) + "\r\n"


def bill(crates: list[dict], version: str) -> str:
    """The bill of materials (CycloneDX 1.5)."""
    lock = tomllib.loads(Path("Cargo.lock").read_text(encoding="utf-8"))["package"]
    sums = {(p["name"], p["version"]): p.get("checksum") for p in lock}
    parts = []
    for crate in crates:
        name, of = crate["name"], crate["version"]
        part = {"type": "library", "name": name, "version": of, "purl": f"pkg:cargo/{name}@{of}"}
        if crate["license"]:
            part["licenses"] = [{"expression": crate["license"].replace("/", " OR ")}]
        if sums.get((name, of)):
            part["hashes"] = [{"alg": "SHA-256", "content": sums[name, of]}]
        parts.append(part)
    whole = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "torimatome", "version": version}},
        "components": parts,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    version = tomllib.loads(Path("Cargo.toml").read_text(encoding="utf-8"))["package"]["version"]
    exe = EXE.read_bytes()
    strange = [name for name in imported(exe) if not SYSTEM.match(name)]
    if strange:
        sys.exit(f"the program needs libraries that Windows does not bring: {strange}")
    if b"longPathAware" not in exe:
        sys.exit("the program has no manifest: was there a compiler of resources?")
    crates = dependencies()
    files: dict[str, bytes] = {"torimatome.exe": exe}
    files["利用手引.md"] = Path("README.ja.md").read_text(encoding="utf-8").replace("\n", "\r\n").encode("utf-8-sig")
    for path in sorted(Path("docs/images").glob("*.png")):
        files[f"docs/images/{path.name}"] = path.read_bytes()
    tracked = subprocess.run(["git", "ls-files", "-z", str(SAMPLE)], check=True, capture_output=True).stdout
    for name in sorted(tracked.decode().split("\0")):
        inner = Path(name).relative_to(SAMPLE) if name else Path("expected")
        if inner.parts[0] != "expected":
            files[f"見本/{inner.as_posix()}"] = Path(name).read_bytes()
    files["利用条件.txt"] = licences(crates).encode("utf-8-sig")
    for name in ["LICENSE-MIT", "LICENSE-APACHE"]:
        files[f"{name}.txt"] = Path(name).read_bytes()
    files["sbom.cdx.json"] = bill(crates, version).encode()
    sums = [f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in sorted(files.items())]
    files["SHA256SUMS.txt"] = ("\n".join(sums) + "\n").encode()
    folder = f"torimatome-{version}"
    target = OUT / f"{folder}-windows.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{folder}/{name}", (2022, 10, 31, 0, 0, 0))
            entry.create_system, entry.external_attr = 0, 0
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, data)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    target.with_suffix(".zip.sha256").write_text(f"{digest}  {target.name}\n", encoding="utf-8")
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB, {len(files)} files, the program {len(exe) / 1e6:.1f} MB, {len(crates)} crates")


main()
