#!/usr/bin/env python3
"""Every command of `titian` as it is met: exit codes by table, JSON by schema, text by window.

The table below has every command at least once. Each row is run against a real office; its JSON has
to fit docs/reference/cli.schema.json with no key that the schema does not know, its text has to fit
a window of 60 columns in both languages, and colour has to stay away where it is not wanted. What it
says is held by files in Tests/Fixtures/golden/commands, without times, numbers and names of this run;
RECORD_GOLDEN=1 writes them anew.
"""

import copy
import difflib
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading

import jsonschema

from bad_input import Cases
from titian_rig import OFFICE, ROOT, Bridge, Server, Simulator, folder, program, run, running, until

SCHEMA = json.loads((ROOT / "docs/reference/cli.schema.json").read_text())
PAGE = (ROOT / "docs/reference/cli-json.md").read_text()
GOLDEN = ROOT / "Tests/Fixtures/golden/commands"
NARROW = 60


class Row:
    """One run: its words, its exit code, and the schema of each line it prints with --json."""

    def __init__(self, words, code, schema=None, stdin=None, is_endless=False, text=True, may_be_empty=False,
                 golden=True):
        self.words, self.code, self.schema = words, code, schema
        # `text`: it says something to people, which has to fit their window.
        self.stdin, self.is_endless, self.text, self.may_be_empty = stdin, is_endless, text, may_be_empty
        # Unless what it says depends on this machine, or on who is faster.
        self.golden = golden
        self.prefix = ""
        self.runs = 0

    @property
    def name(self):
        return " ".join(map(str, self.words))

    def typed(self):
        """Its words for one more run; `{n}` is another number each time, for what is written only once."""
        self.runs += 1
        return [str(word).replace("{n}", str(self.runs)) for word in self.words]


def rows_of_a_running_office(place, office):
    """What a technician asks while titiand runs. One terminal is read, one is dead."""
    stick, stranger, talk, code = (office[what] for what in ("stick", "stranger", "talk", "code"))
    return [
        Row(["status"], 1, "status"), Row(["terminals"], 1, "terminal"), Row(["doctor"], 2, "doctor", golden=False),
        Row(["support-bundle"], 0, "support-bundle"),
        Row(["punches", "--number", 3], 0, "entry"), Row(["tail", "--number", 3], -signal.SIGINT, "entry", is_endless=True),
        Row(["sync", "status"], 0, "sync-status"), Row(["sync", "now"], 0, "sync-status", golden=False),
        Row(["journal", "status"], 0, "journal-status"), Row(["journal", "check"], 0, "journal-check"),
        Row(["journal", "verify"], 0, "journal-check"), Row(["journal", "repair"], 0, "journal-check"),
        Row(["journal", "export"], 0, "entry", text=False),
        Row(["journal", "evidence"], 0, text=False),  # tools/verify.py reads it, see tamper.py
        Row(["probe", "lobi"], 0, "probe"), Row(["read", "lobi"], 0, "record"), Row(["probe", "mati"], 2, "error"),
        Row(["scan", "--lan", "--subnet", "127.0.0.1/32"], 0, "found"),
        Row(["scan", "--usb"], 1, "found", may_be_empty=True, golden=False),
        Row(["import", stick, "--terminal", "lobi", "--dry-run"], 0, "import"),
        Row(["import", stranger], 1, "import"), Row(["import", "--held"], 1, "held-file"),
        Row(["import", stick, "--terminal", "lobi"], 0, "import"),
        Row(["decode", stick], 0, "decoded"), Row(["decode", talk, "--driver", "zkteco"], 0, "decoded"),
        Row(["trace", "record", "lobi"], 0, text=False), Row(["trace", "record", "lobi", "--output", talk], 73, "error"),
        Row(["trace", "decode", talk], 0, "decoded"), Row(["trace", "replay", talk], 0, "replayed"),
        Row(["config", "check"], 0, "config"), Row(["config", "show"], 0, "config"),
        Row(["enroll", office["url"], "-"], 65, "error", stdin="no code"),
        Row(["enroll", office["url"], "-"], 0, "enrolment", stdin=code),
        Row(["export", place / "first.courier"], 73, "error"), Row(["export", place / "more-{n}.courier"], 0, "export"),
        Row(["import", office["receipt"]], 0, "receipts"),
        Row(["setup", "--yes", "--start", "none", "--courier", place], 0, "setup"),
        Row(["missing"], 1, "missing", golden=False), Row(["clock", "show"], 1, "clocks"),
        Row(["clock", "witness", "2026-11-25T08:03"], 0, "witness"),
        Row(["clock", "set", "lobi", "--anyway"], 1, "clock-set"),
        Row(["clock", "set", "lobi", "--anyway", "--yes"], 0, "clock-set"),
    ]


def rows_without_anything(place):
    """What goes wrong by hand: every exit code of sysexits that the reference page names."""
    (place / "bad.toml").write_text('ofice = "upt-contoh-utara"\n')
    (place / "noise.dat").write_text("this is no log\n")
    return [
        Row(["stauts"], 64, "error"), Row(["read", "tcp://127.0.0.1:4370"], 64, "error"),
        Row(["probe", "tcp://127.0.0.1:9", "--driver", "zkteco"], 2, "error"),
        Row(["decode", place / "none.dat", "--driver", "zkteco"], 66, "error"),
        Row(["decode", place / "noise.dat", "--driver", "zkteco"], 65, "error"),
        Row(["config", "check", "--config", place / "bad.toml"], 78, "error"),
        Row(["config", "check", "--config", place / "none.toml"], 78, "error"),
        Row(["status"], 2), Row(["doctor"], 2, "doctor", golden=False), Row(["tail"], 2, "error"), Row(["terminals"], 2, "error"),
        Row(["scan", "--lan", "--subnet", "127.0.0.1/32"], 1, "found"),
    ]


# Running.

def places(row, where):
    """The options of place, where the command takes them and the row has none of its own."""
    placeless = row.words[0] in ("decode", "stauts") or row.words[:2] in (
        ["trace", "decode"], ["trace", "replay"])
    if placeless:
        return []
    words = [str(word) for word in where]
    if "--config" in row.words:
        index = words.index("--config")
        del words[index:index + 2]
    return words


def plain(row, where, *more):
    """Runs it with its output in pipes, as a script does."""
    command = [program("titian"), *row.typed(), *places(row, where), *more]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, errors="replace")
    if row.is_endless:
        threading.Timer(3, process.send_signal, [signal.SIGINT]).start()
    out, err = process.communicate(row.stdin or "", timeout=120)
    return process.returncode, out, err


def shown(row, where, columns, language, **environment):
    """Runs it in a window of so many columns; returns everything that appears there."""
    leader, window = pty.openpty()
    fcntl.ioctl(window, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    command = [program("titian"), *row.typed(), *places(row, where), "--lang", language]
    around = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=window, stderr=window,
                               env=around | {"TERM": "xterm"} | environment)
    os.close(window)
    if row.is_endless:
        threading.Timer(3, process.send_signal, [signal.SIGINT]).start()
    process.stdin.write((row.stdin or "").encode())
    process.stdin.close()
    seen = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(leader)
    process.wait(120)
    # What a progress line has wiped out again was never wider than it should be, but is no text.
    return re.sub(r"\r\x1b\[K[^\r\n]*(?=\r)", "", seen.decode(errors="replace")).replace("\r\n", "\n")


# Judging.

def constant(text, place):
    """What stays the same from run to run: the words and their layout, each kind of line once."""
    text = text.replace(str(place), "PLACE")
    for pattern, word in [
        (r", (NOT in step|in step|TIDAK tersinkron|tersinkron)\b.*", ", SYNCED"),
        (r"jam (tidak )?tersinkron|clock (not )?in step", "SYNCED"), (r'"synced":(true|false)', '"synced":B'),
        # The dead one is given up by one run, and still tried by another.
        (r'("name":"mati","state":)"starting"', r'\1"lost"'),
        # Told as soon as it was measured five times, which one run reaches and another does not.
        (r'"commit_ms":\d+,', ""),
        (r"sha256//[A-Za-z0-9+/=]+", "PIN"), (r"\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b", "N"), (r'"hostname":"[^"]*"', '"hostname":"BOX"'),
        (r"^((?:Kotak|Box) +)\S+,", r"\1BOX,"), (r"\d+ (Jan|Feb|Mar|Apr|Mei|May|Jun|Jul|Agu|Aug|Sep|Okt|Oct|Nov|Des|Dec) ", ""),
        (r"[-+±]?\d+(?:[.,:/T-]+\d+)*Z?", "N"), (r"  +", "  "),
    ]:
        text = re.sub(pattern, word, text, flags=re.M)
    return text


def check_golden(cases, row, kind, text, place):
    if not row.golden:
        return
    text = constant(text, place)
    if kind == "jsonl":
        text = "".join(sorted(set(text.splitlines(keepends=True))))
    words = [str(word).replace(str(place), "").strip("/-").replace(":", "") for word in row.words if "127.0.0.1" not in str(word)]
    path = GOLDEN / f"{row.prefix}{'-'.join(words)}{f'-{row.code}' if row.code > 1 else ''}.{kind}"
    if os.environ.get("RECORD_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    known = path.read_text() if path.exists() else ""
    difference = "\n".join(difflib.unified_diff(known.splitlines(), text.splitlines(), "golden", "said", lineterm=""))
    cases.check(known == text, f"titian {row.name} says what {path.name} says", difference)


def strict(schema):
    """The same schema with every unknown key refused: what is printed has to be written down."""
    schema = copy.deepcopy(schema)

    def close(node):
        if isinstance(node, dict):
            if "properties" in node:
                node["additionalProperties"] = False
            for child in node.values():
                close(child)
        elif isinstance(node, list):
            for child in node:
                close(child)

    close(schema)
    # A line of the journal has keys of its own kind; journal.md is their reference.
    schema["$defs"]["entry"].pop("additionalProperties")
    return schema


STRICT = strict(SCHEMA)


def misfit(name, text):
    """Why this line does not fit the schema; None if it does."""
    wanted = {"$ref": f"#/$defs/{name}", "$defs": STRICT["$defs"]}
    errors = list(jsonschema.Draft202012Validator(wanted).iter_errors(json.loads(text)))
    return f"{errors[0].json_path}: {errors[0].message[:300]}" if errors else None


def check_json(cases, row, where, place):
    code, out, err = plain(row, where, "--json")
    cases.check(code == row.code, f"titian {row.name} --json ends with {row.code}", f"{code}\n{out}{err}")
    if row.schema is None:
        return
    said = err if row.schema == "error" else out
    check_golden(cases, row, "jsonl", said, place)
    lines = said.splitlines()
    cases.check(lines or row.may_be_empty, f"titian {row.name} --json prints something", err)
    for line in lines[:200]:
        try:
            reason = misfit(row.schema, line)
        except ValueError as error:
            reason = f"no JSON ({error}): {line[:100]}"
        cases.check(reason is None, f"titian {row.name} --json fits '{row.schema}'", reason)


def bare(text):
    return re.sub(r"\x1b\[[0-9;]*[mK]", "", text)


def too_wide(text, columns):
    """Lines wider than the window that could have been broken."""
    wide = [line for line in bare(text).split("\n") if len(line.rstrip("\r")) > columns]
    return [line for line in wide if len(line.split()) > 1 and " = " not in line]


def check_text(cases, row, where, place):
    for language in ("id", "en"):
        code, out, err = plain(row, where, "--lang", language)
        cases.check(code == row.code, f"titian {row.name} ({language}) ends with {row.code}", f"{code}\n{out}{err}")
        cases.check("\x1b" not in out + err, f"titian {row.name}: no colour in a pipe", out)
        if not row.text:
            continue
        check_golden(cases, row, f"{language}.txt", out + err, place)
        wide = too_wide(shown(row, where, NARROW, language), NARROW)
        cases.check(not wide, f"titian {row.name} ({language}) fits {NARROW} columns", "\n".join(wide))


def check_colours(cases, where):
    """Colour only in a window that wants it, and never alone."""
    row = Row(["status"], 1)
    cases.check("\x1b[" in shown(row, where, 100, "en"), "a window gets colours")
    for name, value in [("NO_COLOR", "1"), ("TERM", "dumb")]:
        text = shown(row, where, 100, "en", **{name: value})
        cases.check("\x1b" not in text, f"{name}={value}: no colour", text)
    coloured = bare(shown(row, where, 200, "en"))
    cases.check(any(mark in coloured for mark in "●▲■"), "marks stand beside the colours", coloured)


def check_size(cases):
    """The office's programs do without Foundation and its tables of languages."""
    for name in ("titian", "titiand"):
        linked = run("ldd", program(name)).stdout
        heavy = [line for line in linked.splitlines() if re.search(r"libFoundation\.so|Internationalization|ICU", line)]
        cases.check(not heavy, f"{name} stays small", "\n".join(heavy))


def commands():
    """Every command that does something, from the program itself."""
    def leaves(command, path):
        children = [c for c in command.get("subcommands", []) if c["commandName"] != "help"]
        if not children:
            yield path
        for child in children:
            yield from leaves(child, [*path, child["commandName"]])

    return list(leaves(json.loads(run(program("titian"), "--experimental-dump-help").stdout)["command"], []))


def check_completeness(cases, rows):
    words = [[str(word) for word in row.words] for row in rows]
    for command in commands():
        cases.check(any(w[:len(command)] == command for w in words), f"titian {' '.join(command)} is in the table")
    used = {row.schema for row in rows}
    named = json.dumps(SCHEMA)
    for name, schema in SCHEMA["$defs"].items():
        cases.check(name in used or f'"#/$defs/{name}"' in named, f"the schema '{name}' is met")
        for shape in [schema, *schema.get("oneOf", [])]:
            for key in shape.get("properties", {}):
                cases.check(re.search(rf"`([a-z_]+\.)?{key}`|\"{key}\"", PAGE), f"'{key}' of '{name}' is on the page")


def control(cases):
    """The schema has to be able to refuse."""
    good = '{"state":"idle"}'
    cases.check(misfit("sync-status", good) is None, "the control fits")
    for bad in ['{"state":"idel"}', '{"state":"idle","news":1}', "{}"]:
        cases.check(misfit("sync-status", bad) is not None, f"{bad} is refused")
    cases.check(too_wide("word " * 20, NARROW), "a line that is too wide is seen")


def stick_of(place, zk):
    path = place / "1_attlog.dat"
    rows = [f"{pin:>9}\t{when.replace('T', ' ')}\t1\t0\t1\t0" for pin, when in zk.log_rows()[:20]]
    path.write_text("".join(f"{row}\r\n" for row in rows))
    return path


def stick_of_a_stranger(place):
    path = place / "7_attlog.dat"
    path.write_text("".join(f"      999\t2025-03-{day:02} 07:00:01\t7\t0\t1\t0\r\n" for day in range(1, 9)))
    return path


def check_full_disk(cases, where, config):
    """Half an output is no success: whoever writes to a full disk is told."""
    for words in ([program("titian"), "journal", "export", *where], [program("titian"), "journal", "evidence", *where],
                  [program("titian-server"), "evidence", "--config", config],
                  [program("titian-server"), "punches", "--office", OFFICE, "--format", "csv", "--config", config]):
        for path, wanted in (("/dev/full", 73), ("/dev/null", 0)):
            with open(path, "w") as full:
                done = subprocess.run(list(map(str, words)), stdout=full, stderr=subprocess.PIPE, text=True)
            cases.check(done.returncode == wanted, f"{words[1:3]} to {path}: exit code {wanted}", done)


def main():
    cases = Cases()
    control(cases)
    check_size(cases)
    with folder() as place:
        os.chdir(place)  # where files land that nobody has named
        zk = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", 60, "--users", 6, "--seed", 5,
                       "--serial-number", "BWXP20126001")
        zk.arguments = [str(argument) for argument in zk.arguments]
        server = Server(place)
        with running(zk, server):
            server.add_office()
            bridge = Bridge(place, [
                {"name": "lobi", "driver": "zkteco", "link": zk.links[0], "poll_s": 1},
                {"name": "mati", "driver": "anviz", "link": "tcp://127.0.0.1:9"},
            ], server.address, server="retry_base_s = 1\n")
            code = server.enrolment_code()
            nothing = ["--config", place / "none.toml", "--state", place / "none", "--control", place / "none.sock"]
            first = Row(["enroll", code["url"], "-"], 0, "enrolment", stdin=code["code"])
            check_json(cases, first, bridge.where, place)
            rows = [first]
            with running(bridge):
                until(lambda: bridge.status()["sync"]["state"] == "idle"
                      and bridge.status()["journal"]["receipted_punches"] >= 60, "everything is receipted")
                talk = place / "lobi.talk"
                bridge.titian("trace", "record", "lobi", "--output", talk)
                export = Row(["export", place / "first.courier"], 0, "export", golden=False)
                check_json(cases, export, bridge.where, place)
                rows.append(export)
                server.command("accept", place / "first.courier")
                office = {"receipt": place / "first.courier.receipt", "stick": stick_of(place, zk), "stranger": stick_of_a_stranger(place),
                          "talk": talk, "url": code["url"], "code": code["code"]}
                running_rows = rows_of_a_running_office(place, office)
                for row in running_rows:
                    check_json(cases, row, bridge.where, place)
                    check_text(cases, row, bridge.where, place)
                check_colours(cases, bridge.where)
                rows += running_rows
            check_full_disk(cases, bridge.where, server.config)
            for row in rows_without_anything(place):
                row.prefix = "none-"
                check_json(cases, row, nothing, place)
                check_text(cases, row, nothing, place)
                rows.append(row)
    check_completeness(cases, rows)
    print(f"commands: {cases.passed} passed, {cases.failed} failed")
    return 1 if cases.failed else 0


if __name__ == "__main__":
    sys.exit(main())
