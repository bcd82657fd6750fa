#!/usr/bin/env python3
"""Keeps docs/terminals.md and the evidence behind it together.

Every recording in Tests/Fixtures/talks, and every published fixture where the folder named by
TITIAN_FIXTURES is there, stands on the page with its hash; every recording there belongs to a row; the
stars of a row are what its best evidence gives. `--write` fills in the hashes.
"""

import hashlib
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/terminals.md"
TALKS = ROOT / "Tests/Fixtures/talks"
# What a kind of evidence is worth. 4 and 5 need a terminal in our own hands.
STARS = {"text": 1, "simulated": 1, "independent": 2, "published": 3, "ours": 4, "office": 5}
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]*) \| (★+) \| ([^|]+) \|$", re.M)
EVIDENCE = re.compile(r"^\| `([^`]+)` \| ([a-z]+) \| ([^|]+) \| `([0-9a-f]{64}|)` \|$", re.M)
# Beside the data of a fixture lie pages that explain it.
DATA = {".hex", ".dat", ".json", ".KQ", ".TXT"}


def fixtures():
    """Published recordings by name; nothing if the folder is not here."""
    folder = os.environ.get("TITIAN_FIXTURES")
    if not folder or not pathlib.Path(folder).is_dir():
        return {}
    return {f"{path.parent.name}/{path.name}": path
            for path in sorted(pathlib.Path(folder).glob("*/*")) if path.suffix in DATA}


def talks():
    return {f"talks/{path.name}": path for path in sorted(TALKS.glob("*.talk"))}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def findings(page, here, hold_fixtures):
    evidence = {name: (kind, source, sha) for name, kind, source, sha in EVIDENCE.findall(page)}
    used = set()
    rows = [row for row in ROW.findall(page) if row[0] != "make"]
    if not rows:
        yield "there is no row"
    for make, model, _, stars, named in rows:
        names = re.findall(r"`([^`]+)`", named)
        best = 0
        for name in names:
            if name not in evidence:
                yield f"{make} {model}: {name} is no evidence on this page"
                continue
            used.add(name)
            best = max(best, STARS.get(evidence[name][0], 0))
        if not names:
            yield f"{make} {model}: no evidence, no row"
        elif len(stars) != best:
            yield f"{make} {model}: {len(stars)} stars, the evidence gives {best}"
        if len(stars) > 3:
            yield f"{make} {model}: no terminal has been in our own hands"
    for name, (kind, source, sha) in evidence.items():
        if kind not in STARS:
            yield f"{name}: {kind} is no kind of evidence"
        if name not in used:
            yield f"{name}: no row names it"
        if name in here:
            if digest(here[name]) != sha:
                yield f"{name}: its hash is not the one on the page"
        elif name.startswith("talks/") or hold_fixtures:
            yield f"{name}: there is no such recording"
    for name in here:
        if name not in evidence:
            yield f"{name}: is not on the page"


def write(page, here):
    def filled(match):
        name = match.group(1)
        sha = digest(here[name]) if name in here else match.group(4)
        return f"| `{name}` | {match.group(2)} | {match.group(3)} | `{sha}` |"

    PAGE.write_text(EVIDENCE.sub(filled, page))


def main():
    here = talks() | fixtures()
    if "--write" in sys.argv:
        write(PAGE.read_text(), here)
    if os.environ.get("TITIAN_REQUIRE_FIXTURES") == "1" and not fixtures():
        print("docs/terminals.md: TITIAN_FIXTURES names no folder of recordings")
        sys.exit(1)
    found = list(findings(PAGE.read_text(), here, bool(fixtures())))
    for line in found:
        print(f"docs/terminals.md: {line}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
