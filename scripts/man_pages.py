#!/usr/bin/env python3
"""Writes the manual pages from what the programs say of themselves, in English and Indonesian.

    scripts/man_pages.py BIN OUT

makes OUT/man1/titian.1, OUT/id/man1/titian.1, OUT/man8/titiand.8, …: every command, argument and
default comes from the program in BIN, so a page cannot disagree with it.
"""

import os
import pathlib
import re
import subprocess
import sys
import time

from program_help import described, shown

PAGES = {"titian": 1, "titian-sim": 1, "titiand": 8, "titian-server": 8}
WORDS = {
    "en": {"name": "NAME", "synopsis": "SYNOPSIS", "description": "DESCRIPTION", "options": "OPTIONS",
           "commands": "COMMANDS", "exit": "EXIT STATUS", "also": "SEE ALSO", "default": "Default"},
    "id": {"name": "NAMA", "synopsis": "RINGKASAN", "description": "KETERANGAN", "options": "PILIHAN",
           "commands": "PERINTAH", "exit": "KODE KELUAR", "also": "LIHAT JUGA", "default": "Bawaan"},
}
EXIT = {
    "en": ["0: good", "1: something needs attention", "2: a fault", "64: wrong use", "66: a file is missing or unreadable",
           "69: a service does not answer", "78: the configuration is wrong"],
    "id": ["0: baik", "1: perlu perhatian", "2: gangguan", "64: salah pakai", "66: berkas tidak ada atau tidak terbaca",
           "69: layanan tidak menjawab", "78: konfigurasi salah"],
}


def escaped(text):
    """Text as a line of roff: no line begins with a control character, backslashes are shown."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(("\\&" + line) if line[:1] in ".'" else line for line in text.split("\n"))


def arguments(command, words):
    lines = []
    for argument in command.get("arguments", []):
        if not argument.get("shouldDisplay", True) or argument.get("valueName") in ("help", "version"):
            continue
        lines += [".TP", f"\\fB{escaped(shown(argument))}\\fR", escaped(argument.get("abstract", "") or "\\&")]
        if argument.get("defaultValue"):
            lines.append(f"{words['default']}: {escaped(argument['defaultValue'])}.")
    return lines


def discussion(command):
    """Lines that show a command stay as they are; the others flow."""
    lines = []
    for line in command.get("discussion", "").split("\n"):
        if re.match(r"titian[a-z-]* ", line):
            lines += [".PP", ".nf", "    " + escaped(line), ".fi"]
        else:
            lines.append(escaped(line) if line else ".PP")
    return lines


def commands(command, words, trail):
    lines = []
    for sub in command.get("subcommands", []):
        if not sub.get("shouldDisplay", True) or sub["commandName"] == "help":
            continue
        name = f"{trail} {sub['commandName']}"
        if sub.get("subcommands"):
            lines += commands(sub, words, name)
            continue
        places = " ".join(shown(a) for a in sub.get("arguments", []) if a["kind"] == "positional")
        lines += [f".SS {escaped(f'{name} {places}'.strip())}", escaped(sub.get("abstract", ""))]
        lines += discussion(sub) + arguments(sub, words)
    return lines


def page(program, language, binaries):
    command, words, section = described(binaries, program, language), WORDS[language], PAGES[program]
    version = subprocess.run([binaries / program, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    day = time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))
    lines = [f'.TH {program.upper()} {section} "{day}" "Titian {version.split()[-1]}"',
             f".SH {words['name']}", f"{escaped(program)} \\- {escaped(command.get('abstract', '').rstrip('.'))}",
             f".SH {words['synopsis']}", f"\\fB{escaped(program)}\\fR [\\fI…\\fR]",
             f".SH {words['description']}", *discussion(command)]
    options = arguments(command, words)
    if options:
        lines += [f".SH {words['options']}", *options]
    if command.get("subcommands"):
        lines += [f".SH {words['commands']}", *commands(command, words, program)]
    lines += [f".SH {words['exit']}"]
    for line in EXIT[language]:
        lines += [".br", escaped(line)]
    others = [f"\\fB{escaped(other)}\\fR({number})" for other, number in PAGES.items() if other != program]
    return "\n".join(tidy(lines + [f".SH {words['also']}", ", ".join(others)])) + "\n"


def tidy(lines):
    """Without paragraphs that are empty, which mandoc warns of."""
    kept = []
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else ".SH"
        begins = not kept or kept[-1].startswith((".SH", ".SS", ".PP"))
        if line in (".PP", ".br") and (begins or after.startswith((".SH", ".SS", ".TP", ".PP"))):
            continue
        if line:
            kept.append(line)
    return kept


def main():
    binaries, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    for program, section in PAGES.items():
        if not (binaries / program).exists():
            continue
        for language in WORDS:
            folder = out / ("" if language == "en" else language) / f"man{section}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{program}.{section}").write_text(page(program, language, binaries))


if __name__ == "__main__":
    main()
