"""Reads out of the Swift sources what the reference says: problems, and keys of configurations.

A problem is a call with `code: "…"`, whose summary and remedy are `Text(id: "…", en: "…")`, there or under a
name in the same file. What is put into a sentence at run time stands as `…`. Whatever is written otherwise is
an error here, not a gap in the reference.
"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
LANGUAGES = ("id", "en")


class Unreadable(Exception):
    pass


def literal(text, start):
    """The string literal at `start`: its body, and where it ends."""
    if text.startswith('"""', start):
        end = text.index('"""', start + 3)
        lines = text[start + 3:end].split("\n")[1:]
        indent = len(lines[-1])
        return "\n".join(line[indent:] for line in lines[:-1]).replace("\\\n", ""), end + 3
    if not text.startswith('"', start):
        raise Unreadable(f"no literal: {text[start:start + 60]!r}")
    at = start + 1
    while text[at] != '"':
        at = closing(text, at + 1) if text.startswith("\\(", at) else at + (2 if text[at] == "\\" else 1)
    return text[start + 1:at], at + 1


def closing(text, start):
    """Where the bracket at `start` ends, past the string literals inside it."""
    depth, at = 0, start
    while True:
        if text[at] == '"':
            at = literal(text, at)[1]
            continue
        depth += (text[at] in "([{") - (text[at] in ")]}")
        at += 1
        if depth == 0:
            return at


def opening(text, inside):
    """The bracket that opens the call around `inside`: between them there are only whole brackets."""
    depth, at = 0, inside
    while depth <= 0:
        at -= 1
        depth += (text[at] in "([{") - (text[at] in ")]}")
    return at


def arguments(text, start):
    """The arguments of the call whose bracket opens at `start`, as they are written, by label."""
    found, at, end = {}, start + 1, closing(text, start) - 1
    while at < end:
        label = re.compile(r"\s*(?:(\w+):)?\s*").match(text, at)
        at = label.end()
        while at < end and text[at] != ",":
            at = literal(text, at)[1] if text[at] == '"' else closing(text, at) if text[at] in "([{" else at + 1
        found[label.group(1) or ""] = text[label.end():at].strip()
        at += 1
    return found


class Source:
    """One file."""

    def __init__(self, path):
        self.path, self.text = path, path.read_text()
        self.constants = dict(re.findall(r'static let (\w+) = "([^"\\]*)"', self.text))

    def value(self, body):
        """A literal's value: constants of the file as they are, all else that is put in as `…`."""
        value, at = "", 0
        while at < len(body):
            if body.startswith("\\(", at):
                end = closing(body, at + 1)
                value += self.constants.get(body[at + 2:end - 1].removeprefix("Self."), "…")
                at = end
            elif body[at] == "\\":
                value, at = value + {"n": "\n", "t": "\t"}.get(body[at + 1], body[at + 1]), at + 2
            else:
                value, at = value + body[at], at + 1
        # What may follow a whole sentence is no part of it.
        return re.sub(r"\.…$", ".", re.sub("…+", "…", value))

    def said(self, written):
        """`Text(id: …, en: …)`, or the names of such texts in this file, as a sentence in each language."""
        if written.startswith("Text("):
            parts = arguments(written, 4)
            return {language: self.sentence(parts[language]) for language in LANGUAGES}
        named = []
        for name in re.findall(r"Self\.(\w+)", written):
            match = re.search(rf"static (?:let {name} =|func {name}\([^)]*\) -> Text {{)\s*(Text\()", self.text)
            if match:
                named.append(self.said(self.text[match.start(1):closing(self.text, match.end(1) - 1)]))
        if not named:
            raise Unreadable(f"no text: {written!r}")
        return {language: " / ".join(text[language] for text in named) for language in LANGUAGES}

    def sentence(self, written):
        """A literal, or several with `+` between them."""
        body, end = literal(written, 0)
        rest = written[end:].strip()
        if not rest:
            return self.value(body)
        if not rest.startswith("+"):
            raise Unreadable(f"more than literals: {rest[:60]!r}")
        return self.value(body) + self.sentence(rest[1:].strip())

    def problems(self):
        for match in re.finditer(r'code: "([a-z0-9.-]+)"', self.text):
            try:
                parts = arguments(self.text, opening(self.text, match.start()))
                yield match.group(1), self.said(parts["summary"]), self.said(parts["remedy"])
            except (Unreadable, KeyError) as problem:
                line = self.text.count("\n", 0, match.start()) + 1
                raise Unreadable(f"{self.path.relative_to(ROOT)}:{line}: {match.group(1)}: {problem}") from problem

    def by_case(self, declaration):
        """The texts of a switch over cases: the text of each case, and of `default`."""
        start = self.text.index("{", self.text.index(declaration))
        body, found = self.text[start:closing(self.text, start)], {}
        for match in re.finditer(r"(?:case ((?:\.\w+,?\s*)+)|default):\s*(Text\()", body):
            text = self.said(body[match.start(2):closing(body, match.end(2) - 1)])
            found.update({name: text for name in re.findall(r"\.(\w+)", match.group(1) or ".default")})
        return found


def sources():
    return [Source(path) for path in sorted((ROOT / "Sources").rglob("*.swift"))]


def problems():
    """Every problem: its code, and summary and remedy in each language."""
    found = {}
    for source in sources():
        for code, summary, remedy in source.problems():
            if found.setdefault(code, (summary, remedy)) != (summary, remedy):
                raise Unreadable(f"{source.path.relative_to(ROOT)}: {code} is said otherwise elsewhere")
    return {**found, **answers()}


def answers():
    """What the centre answers, and what a bridge says about that."""
    answer = Source(ROOT / "Sources/Exchange/ProblemDocument.swift")
    titles = answer.by_case("var title: Text")
    remedies = Source(ROOT / "Sources/Bridge/Sending/SyncError.swift").by_case("func remedy(of code")
    codes = re.findall(r'case (\w+) = "([a-z-]+)"', answer.text)
    return {code: (titles[name], remedies.get(name, remedies["default"])) for name, code in codes}


def keys(path):
    """The keys that a configuration may have: section to (name, what it takes, what holds without it)."""
    found, section, text = {}, None, (ROOT / path).read_text()
    key = r'SettingKey\(\s*"(\w+)",\s*\.(\w+)(?:\(([^)]*)\))?,\s*(?P<raw>#?)"(.*?)"(?P=raw)\s*\)'
    for match in re.finditer(rf'"([a-z.]*)": \[|{key}', text):
        if match.group(1) is not None:
            section = match.group(1)
        else:
            name, value, limits, _, otherwise = match.groups()[1:]
            found.setdefault(section, []).append((name, value, limits, otherwise))
    if sum(map(len, found.values())) != text.count("SettingKey("):
        raise Unreadable(f"{path}: a key that is written otherwise than the others")
    return found
