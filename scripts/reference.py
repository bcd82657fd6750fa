#!/usr/bin/env python3
"""Writes the parts of docs/reference that the program says itself.

    scripts/reference.py           rewrites them
    scripts/reference.py --check   names the pages that are not what the program says, and exits 1

They stand between `<!-- from the program: … -->` and `<!-- end -->`; everything around them is written by
hand. Commands come from the built programs ($BIN, else the debug build), problems and keys of configurations
from the sources, JSON from cli.schema.json. Of a key's row the last cell is written by hand and kept.
"""

import pathlib
import re
import sys

import reference_commands
import reference_json
import swift_text
from reference_table import plain, table

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs/reference"
PART = re.compile(r"(<!-- from the program: (.+?) -->\n)(.*?)(<!-- end -->)", re.S)
CONFIGURATIONS = {"bridge": "Sources/Bridge/Settings/Configuration+Keys.swift",
                  "server": "Sources/Console/ServerConfiguration.swift"}


class Problems:
    """`problems WORD …`: the codes with these prefixes; a code that is named stands there, whatever its prefix."""

    def __init__(self, wanted):
        self.found = swift_text.problems()
        tables = [tuple(words) for kind, *words in wanted if kind == "problems"]
        named = {word for words in tables for word in words}
        self.codes = {words: [] for words in tables}
        for code in sorted(self.found):
            word = code if code in named else code.split(".")[0] if "." in code else "answers"
            places = [words for words in tables if word in words]
            if len(places) != 1:
                raise SystemExit(f"problems.md: {code} belongs into one table; {len(places)} name '{word}'")
            self.codes[places[0]].append(code)

    def part(self, words):
        rows = [[f"`{code}`", *(plain(said[language]) for said in self.found[code] for language in swift_text.LANGUAGES)]
                for code in self.codes[tuple(words)]]
        return "\n" + table(["code", "Indonesia", "English", "yang dilakukan", "what to do"], rows) + "\n"


class Keys:
    """`keys CONFIGURATION [SECTION]`."""

    def __init__(self, wanted):
        self.found = {(of, section): keys for of, path in CONFIGURATIONS.items()
                      for section, keys in swift_text.keys(path).items()}
        there = {(words[0], " ".join(words[1:])) for kind, *words in wanted if kind == "keys"}
        if there != set(self.found):
            raise SystemExit(f"the pages' parts for keys are not those there are: {sorted(there ^ set(self.found))}")

    def part(self, words, old):
        said = {match[0]: match[1] for match in re.findall(r"^\| `(\w+)` \|.* \| (.+?) \|$", old, re.M)}
        rows = []
        for name, value, limits, otherwise in self.found[words[0], " ".join(words[1:])]:
            if said.get(name, "…") == "…":
                raise SystemExit(f"{words}: say what '{name}' is for, in a row `{name}` with its last cell")
            otherwise = f"`{otherwise}`" if otherwise[0] in '"[' else otherwise
            rows.append([f"`{name}`", takes(value, limits), otherwise, said[name]])
        return "\n" + table(["key", "type", "default", "what it says"], rows) + "\n"


def takes(value, limits):
    if value == "number":
        low, high = (int(end.replace("_", ""), 0) for end in limits.split("..."))
        return "number" if high == 0xFFFF_FFFF else f"{low} to {high}"
    return {"texts": "text or list of texts", "flag": "true, false"}.get(value, value)


class Parts:
    """What every part has to be."""

    def __init__(self, texts):
        wanted = [match.group(2).split() for text in texts for match in PART.finditer(text)]
        self.commands = reference_commands.Commands(wanted)
        self.problems, self.keys = Problems(wanted), Keys(wanted)
        missing = reference_json.names() ^ {words[1] for words in wanted if words[0] == "json"}
        if missing:
            raise SystemExit(f"the page's parts for JSON are not those of the schema: {sorted(missing)}")

    def written(self, match):
        kind, *words = match.group(2).split()
        if kind == "problems":
            body = self.problems.part(words)
        elif kind == "keys":
            body = self.keys.part(words, match.group(3))
        elif kind == "json":
            body = reference_json.part(words)
        else:
            body = self.commands.part(kind, words)
        return match.group(1) + body + match.group(4)


def main():
    texts = {page: page.read_text() for page in sorted(PAGES.glob("*.md"))}
    parts = Parts(texts.values())
    is_check, is_stale = "--check" in sys.argv[1:], False
    for page, text in texts.items():
        new = PART.sub(parts.written, text)
        if new == text:
            continue
        is_stale = True
        if is_check:
            print(f"{page.relative_to(ROOT)}: not what the program says; run 'make reference', then read the diff")
        else:
            page.write_text(new)
            print(f"written: {page.relative_to(ROOT)}")
    return 1 if is_stale and is_check else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except swift_text.Unreadable as problem:
        sys.exit(str(problem))
