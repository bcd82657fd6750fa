#!/usr/bin/env python3
"""Writes the tables of docs/reference/durability.md out of what the last run of the rigs has left.

    scripts/durability.py           puts the rows of .build-rigs/durability into the page
    scripts/durability.py --check   names rigs without a row, losses, and controls that lost nothing; exits 1

A row stands until the same fault was tried again in at least as many rounds, so that the short forms of
`make test` do not take the place of what `make soak` has found; `--all` takes every row.
"""

import json
import pathlib
import re
import sys

from reference_table import table

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/durability.md"
RESULTS = ROOT / ".build-rigs/durability"
STEPS = ROOT / "Sources/Attendance/CrashPoint.swift"
PART = re.compile(r"(<!-- from the last run: (.+?) -->\n)(.*?)(<!-- end -->)", re.S)
TITLES = ["fault", "where", "rounds", "acknowledged", "lost", "double", "works again, s", "control lost", "rig", "day"]
HERD = ["what", "how", "bridges", "takes, calls/s", "refused per success", "all served",
        "time-outs", "an admitted call, s", "peak of capacity"]


def number(value, digits=0):
    return "–" if value is None else f"{value:,.{digits}f}"


def cells(row):
    return [row["fault"], row["where"], number(row["rounds"]), number(row["acknowledged"]), number(row["lost"]),
            number(row["double"]), number(row["recovery_s"], 1), number(row.get("control_lost")),
            f"`{row['rig']}`", row["date"]]


def in_the_page(text):
    """The rows there are, as cells, by rig and fault."""
    rows = {}
    for line in text.splitlines():
        found = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(found) == len(TITLES) and found[0] not in ("fault", "---"):
            rows[(found[8], found[0])] = found
    return rows


def rounds(found):
    return int(found[2].replace(",", ""))


def left():
    """What the rigs have left: rows of the shape of `oracle.Case.write`."""
    rows = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    return [row for row in rows if isinstance(row, dict) and "fault" in row and "acknowledged" in row]


def merged(text, everything):
    rows = in_the_page(text)
    for row in map(cells, left()):
        key = (row[8], row[0])
        if everything or key not in rows or rounds(row) >= rounds(rows[key]):
            rows[key] = row
    return [rows[key] for key in sorted(rows)]


def herd(text):
    """What came of two thousand bridges at once; a row stands until the same was tried again."""
    rows = {}
    for line in PART.sub(lambda m: m[3] if m[2] == "herd" else "", text).splitlines():
        found = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(found) == len(HERD) and found[0] not in ("what", "---"):
            rows[tuple(found[:3])] = found
    for path in sorted(RESULTS.glob("herd*.json")):
        told = json.loads(path.read_text())
        for row in told if isinstance(told, list) else [told]:
            if "refused_per_success" in row:
                cells = [row["what"], row["how"], number(row["bridges"]), number(row["capacity_per_s"], 1),
                         number(row["refused_per_success"], 2), f"{row['recovery_s']:,.0f} s, {row['recovery_per_ideal']:.2f} × ideal",
                         number(row["timeouts"]), number(row["wait_s"], 1), number(row.get("peak_per_capacity"), 2)]
                rows[tuple(cells[:3])] = cells
    return [rows[key] for key in sorted(rows)]


def steps():
    """The named steps, under the comments that group them."""
    rows, group = [], ""
    for line in STEPS.read_text().splitlines():
        if match := re.match(r"    // (.+)\.$", line):
            group = match[1]
        elif match := re.match(r'    case \w+ = "(.+)"', line):
            if not rows or rows[-1][0] != group:
                rows.append([group, ""])
            rows[-1][1] += f"{', ' if rows[-1][1] else ''}`{match[1]}`"
    return rows


def write(everything):
    text = PAGE.read_text()
    parts = {"faults": lambda: table(TITLES, merged(text, everything)), "herd": lambda: table(HERD, herd(text)),
             "steps": lambda: table(["where", "steps at which the process was killed"], steps())}
    PAGE.write_text(PART.sub(lambda m: f"{m[1]}\n{parts[m[2]]()}\n{m[4]}", text))


def check():
    """Every row of the page, and of the last run, has lost nothing; every rig that leaves rows has one."""
    rows = list(in_the_page(PAGE.read_text()).values()) + [cells(row) for row in left()]
    wrong = [f"{row[0]}: lost {row[4]}, double {row[5]}" for row in rows if (row[4], row[5]) != ("0", "0")]
    wrong += [f"{row[0]}: its control lost nothing" for row in rows if row[7] == "0"]
    rigs = {path.stem for path in (ROOT / "Tests/Rigs").glob("*.py")
            if re.search(r"^from oracle import .*\bCase\b", path.read_text(), re.M)}
    wrong += [f"{rig}.py has no row" for rig in sorted(rigs - {row[8].strip("`") for row in rows})]
    known = {f"`{path.stem}`" for path in (ROOT / "Tests/Rigs").glob("*.py")}
    named = PART.sub(lambda m: f"{m[1]}\n{table(['where', 'steps at which the process was killed'], steps())}\n{m[4]}"
                     if m[2] == "steps" else m[0], PAGE.read_text())
    if named != PAGE.read_text():
        wrong.append("the named steps are others: run scripts/durability.py")
    wrong += [f"{row[8]} is no rig" for row in rows if row[8] not in known and not row[8].endswith("Tests`")]
    for line in wrong:
        print(f"docs/reference/durability.md: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(check() if "--check" in sys.argv else write("--all" in sys.argv))
