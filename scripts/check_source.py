#!/usr/bin/env python3
"""Checks what the compiler does not: the import table, traps on outside input, and what must not exist.

Prints one line a finding and exits 1 if there is any.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FREE = {"Swift", "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization", "Observation"}
IMPORT = re.compile(
    r"^\s*(?:@\w+\s+)*(?:public |package |internal |private |fileprivate )?import "
    r"(?:struct |class |enum |func |protocol )?([A-Za-z_]\w*)"
)
TRAPS = re.compile(r"\btry!|\bas! |\bfatalError\(|\)!\.|\]!\.|\bpreconditionFailure\(")
LEFT_OVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
# The numbers of commands that read or write fingerprint templates, by the names sources use.
BIOMETRIC = re.compile(r"\b(usertemp|readtemplate|writetemplate|gettemplate|settemplate|capturefinger)\w*\s*[=(]", re.I)


def import_table():
    allowed, forbidden = {}, {}
    for line in (ROOT / "scripts/imports.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, _, modules = line.partition(":")
        if name.startswith("not "):
            forbidden[name[4:]] = set(modules.split())
        else:
            allowed[name] = set(modules.split())
    return allowed, forbidden


def findings():
    allowed, forbidden = import_table()
    for path in sorted((ROOT / "Sources").rglob("*.swift")):
        target = path.relative_to(ROOT / "Sources").parts[0]
        place = path.relative_to(ROOT)
        if target not in allowed:
            yield f"{place}: the target {target} is not in scripts/imports.txt"
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = IMPORT.match(line)
            if match:
                module = match.group(1)
                if module not in FREE and module not in allowed[target]:
                    yield f"{place}:{number}: {target} may not import {module}"
                if target in forbidden.get(module, ()):
                    yield f"{place}:{number}: {target} may not import {module}: it must stay small"
                continue
            code = line.split("//")[0]
            if TRAPS.search(code):
                yield f"{place}:{number}: a trap or a forced unwrap: {line.strip()}"
            if target in ("Bridge", "titiand") and "ClockSettingSession" in code:
                yield f"{place}:{number}: the bridge sets no clock: {line.strip()}"
            if LEFT_OVER.search(line):
                yield f"{place}:{number}: a left-over marker: {line.strip()}"
            if target in ("ZKTeco", "Anviz", "Soyal") and BIOMETRIC.search(code):
                yield f"{place}:{number}: a command about fingerprints must not exist: {line.strip()}"


def main():
    found = list(findings())
    for line in found:
        print(line)
    if found:
        sys.exit(1)


if __name__ == "__main__":
    main()
