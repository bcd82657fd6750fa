"""The commands of the programs as parts of pages, from what the built programs say of themselves.

    commands PROGRAM     every command with what it does
    options PROGRAM      the options that most of its commands take
    command WORDS        what one command takes, its sub-commands included
    program PROGRAM      a whole program
"""

import os
import pathlib

from program_help import LOCALES, described, shown
from reference_table import plain, table

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ("titian", "titiand", "titian-server", "titian-sim")


class Command:
    """One command in both languages."""

    def __init__(self, said, name=""):
        self.said = said
        self.name = f"{name} {said['en']['commandName']}".strip()
        pairs = zip(*(said[language].get("subcommands", []) for language in LOCALES))
        self.subs = [Command(dict(zip(LOCALES, pair)), self.name) for pair in pairs
                     if pair[0].get("shouldDisplay", True) and pair[0]["commandName"] != "help"]

    def abstract(self, language):
        return self.said[language].get("abstract", "")

    def arguments(self):
        """Pairs of an argument in both languages, `--help` and `--version` left out."""
        for pair in zip(*(self.said[language].get("arguments", []) for language in LOCALES)):
            if pair[0].get("shouldDisplay", True) and pair[0].get("valueName") not in ("help", "version"):
                yield pair

    def leaves(self):
        return [leaf for sub in self.subs for leaf in sub.leaves()] if self.subs else [self]


def row(pair):
    usual = pair[0].get("defaultValue")
    usual = f"`{usual}`" if usual and pair[0]["kind"] != "flag" else ""
    return [f"`{shown(pair[0])}`", *said(*(argument.get("abstract", "") for argument in pair)), usual]


def said(english, indonesian):
    """A program that speaks one language only is not quoted twice."""
    return [plain(english), plain(indonesian) if indonesian != english else ""]


def rows(cells):
    return "\n" + table(["", "English", "Indonesia", "default"], cells)


def leaf(command, shared):
    """A line that says what it does, and the table of what it takes beside the shared options."""
    places = [shown(pair[0]) for pair in command.arguments() if pair[0]["kind"] == "positional"]
    english, indonesian = said(command.abstract("en"), command.abstract("id"))
    text = f"\n**`{' '.join([command.name, *places])}`** {english}" + (f" *{indonesian}*" if indonesian else "") + "\n"
    own = [cells for cells in map(row, command.arguments()) if cells not in shared]
    return text + (rows(own) if own else "")


class Commands:
    def __init__(self, wanted):
        binaries = pathlib.Path(os.environ.get("BIN", ROOT / ".build/debug"))
        self.programs = {
            program: Command({language: described(binaries, program, language) for language in LOCALES})
            for program in PROGRAMS}
        named = {" ".join(words) for kind, *words in wanted if kind in ("command", "program")}
        there = {program for program in PROGRAMS if program != "titian"}
        there |= {command.name for command in self.programs["titian"].subs}
        if named != there:
            raise SystemExit(f"the pages' parts for commands are not those of the programs: {sorted(named ^ there)}")

    def part(self, kind, words):
        program = self.programs[words[0]]
        shared = self.shared(program) if program.subs else []
        if kind == "commands":
            return "\n" + table(["command", "English", "Indonesia"], [
                [f"`{one.name}`", *said(one.abstract("en"), one.abstract("id"))] for one in program.leaves()]) + "\n"
        if kind == "options":
            return rows(shared) + "\n"
        found = [program] if kind == "program" else [sub for sub in program.subs if sub.name == " ".join(words)]
        return "".join(leaf(one, shared) for command in found for one in command.leaves()) + "\n"

    @staticmethod
    def shared(program):
        """The options that most of its commands take, in the same words."""
        leaves = [list(map(row, one.arguments())) for one in program.leaves()]
        everything = [cells for cellses in leaves for cells in cellses if cells[0].startswith("`-")]
        return [cells for number, cells in enumerate(everything)
                if 2 * everything.count(cells) > len(leaves) and everything.index(cells) == number]
