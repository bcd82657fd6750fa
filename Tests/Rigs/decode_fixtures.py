#!/usr/bin/env python3
"""`titian decode` on every recording of real terminals: it says what the bytes mean, or what is wrong.

Reads the folder named by TITIAN_FIXTURES in place; says that it is skipped where there is none,
and fails where TITIAN_REQUIRE_FIXTURES=1 asks for it.
"""

import json
import os
import pathlib
import sys

from titian_rig import program, run

# Recordings of other makes that stand in the same folders.
OTHER_MAKES = ("sfm-", "soyal-")


def files(root):
    for make, driver in (("zk", "zkteco"), ("anviz", "anviz")):
        for path in sorted((root / make).iterdir()):
            if path.suffix not in (".md", ".json") and not path.name.startswith(OTHER_MAKES):
                yield path, driver


def main():
    root = pathlib.Path(os.environ.get("TITIAN_FIXTURES", "/nonexistent"))
    if not root.is_dir():
        required = os.environ.get("TITIAN_REQUIRE_FIXTURES") == "1"
        print(f"decode: {'TITIAN_FIXTURES names no folder' if required else 'skipped, no TITIAN_FIXTURES'}")
        return 1 if required else 0
    passed, failed = 0, 0
    for path, driver in files(root):
        done = run(program("titian"), "decode", path, "--driver", driver, "--json", check=False)
        items = [json.loads(line) for line in done.stdout.splitlines()]
        bad = "BAD" in path.name
        fine = bool(items) and (done.returncode == 1 if bad else done.returncode in (0, 1))
        passed, failed = passed + fine, failed + (not fine)
        if not fine:
            print(f"  FAILED: {path.name} ({done.returncode}): {(done.stdout + done.stderr)[:300]}")
    print(f"decode: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
