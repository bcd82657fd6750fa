#!/usr/bin/env python3
"""Checks that the pages for the office and the technician come in two halves, Indonesian and English.

Other pages may: whatever names another half is looked at.

Each links to its other half near its top, and both show the same commands and configurations, in the same
order: what is typed in blocks of code, and the commands named in the text. Prints one line a finding and
exits 1 if there is any.
"""

import pathlib
import re
import sys

DOCS = pathlib.Path(__file__).resolve().parent.parent / "docs"
READERS = ("the office", "teknisi", "the technician")
OTHER_HALF = re.compile(r"\*\((?:(In English)|(?:Dalam b|B)ahasa Indonesia):\s+\[[^]]*\]\(([^)]*)\)\.\)\*")
# Words inside commands that are each language's own.
NAMES = {"anda": "you", "STIK": "STICK", "kantor.courier": "office.courier", "kantor.evidence": "office.evidence",
         "pusat.evidence": "centre.evidence", "kotak-lama": "old-box",
         "NOMOR-SERI": "SERIAL", "BERKAS": "FILE"}
COMMAND = re.compile(r"(?:sudo )?(?:titian|titiand|titian-sim|titian-server|systemctl|swift|ufw|hostname) .*|scripts/.*")


def pages():
    """Those that docs/README.md gives to people in offices and to technicians."""
    for line in (DOCS / "README.md").read_text().splitlines():
        if line.startswith(tuple(f"| {reader} |" for reader in READERS)):
            yield from (DOCS / link for link in re.findall(r"\(((?:how-to|tutorials)/[^)]*)\)", line))


def plain(command):
    for own, word in NAMES.items():
        command = re.sub(rf"\b{re.escape(own)}\b", word, command)
    return re.sub(r" --lang (en|id)\b", "", command).strip()


def blocks(text):
    """What a reader types or writes: whole blocks of a language, else the lines behind `$`; no comments."""
    for language, body in re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text, re.M | re.S):
        if language in ("text", "console"):
            continue
        for line in body.splitlines():
            if language or line.strip().startswith("$ "):
                line = plain(re.sub(r"\s+#.*", "", line).strip().removeprefix("$ "))
                if line:
                    yield line


def named(text):
    """Commands in the running text, each once."""
    text = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.M | re.S)
    codes = (re.sub(r"\s+", " ", code) for code in re.findall(r"`([^`]+)`", text))
    return {plain(code) for code in codes if COMMAND.fullmatch(code)}


def findings():
    listed = set(pages())
    halves = {page for folder in ("how-to", "tutorials") for page in (DOCS / folder).glob("*.md")
              if OTHER_HALF.search(page.read_text())}
    for page in sorted(listed | halves):
        name = page.relative_to(DOCS)
        text = page.read_text()
        match = OTHER_HALF.search(text[:600])
        if not match:
            yield f"docs/{name}: names no other half near its top"
            continue
        other = page.parent / match.group(2)
        back = other.exists() and OTHER_HALF.search(other.read_text()[:600])
        if not back or back.group(2) != page.name or back.group(1) == match.group(1):
            yield f"docs/{name}: {match.group(2)} does not name it as its other half"
        elif page in listed and other not in listed:
            yield f"docs/README.md: gives docs/{name} to its readers and not its other half"
        elif not match.group(1):
            yield from differences(name, text, other.read_text())


def differences(name, english, indonesian):
    one, two = list(blocks(english)), list(blocks(indonesian))
    for number in range(max(len(one), len(two))):
        here, there = (lines[number] if number < len(lines) else "nothing" for lines in (one, two))
        if here != there:
            yield f"docs/{name}: shows {here!r} where its other half shows {there!r}"
            break
    for command in sorted(named(english) ^ named(indonesian)):
        yield f"docs/{name}: only one half names {command!r}"


def main():
    found = list(findings())
    for line in found:
        print(line)
    if found:
        sys.exit(1)


if __name__ == "__main__":
    main()
