#!/usr/bin/env python3
"""`titian decode` on every recording of real terminals: it says what the bytes mean, or what is wrong.

Where the page beside a SOYAL recording says what it means, that is compared value by value.

Reads the folder named by TITIAN_FIXTURES in place; says that it is skipped where there is none,
and fails where TITIAN_REQUIRE_FIXTURES=1 asks for it.
"""

import json
import os
import pathlib
import sys

from titian_rig import program, run

# Recordings of other makes that stand in the same folders.
OTHER_MAKES = ("sfm-",)


def files(root):
    for make, driver in (("zk", "zkteco"), ("anviz", "anviz")):
        for path in sorted((root / make).iterdir()):
            if path.suffix not in (".md", ".json") and not path.name.startswith(OTHER_MAKES):
                yield path, "soyal" if path.name.startswith("soyal-") else driver


def page(path):
    """The first JSON block of the page beside a recording."""
    return json.loads(path.with_suffix(".md").read_text().split("```json")[1].split("```")[0])


def disagreements(path, items):
    """What a SOYAL recording is said to mean and does not."""
    said = page(path)
    packets = [item["fields"] | {"packet": item["name"]} for item in items if item["type"] == "packet"]
    last = packets[-1]
    if "function_code" in said:
        found = {"function_code": last["function_code"], "source": last["source"],
                 "local": last["time"].replace("T", " "), "weekday": last["weekday"], "port": last["port"],
                 "addr": said["addr"] if said["function_code"] == 3 else last["address"],
                 "sub": last["sub_code"], "duty": last["duty"], "level": last["level"], "door": last["door"]}
        raw = next(item["raw"] for item in items if "oddity" in item)
        # The card number stands in the bytes alone.
        found["tag32"] = (raw[32:36] + raw[40:44]).upper()
    elif "local" in said:
        found = {"source": last["source"], "local": last["time"].replace("T", " "),
                 "firmware": f"0x{packet_byte(last['firmware']):02x} = {last['firmware']}",
                 "type": f"0x{last['type']:02X} {last['model']}"}
    elif "status_bytes" in said:
        found = {"node": packets[0]["node"], "status_bytes": bytes.fromhex(last["status"]).hex(" ").upper()}
    elif "reply" in said:
        found = {"source": last["source"], "type": f"0x{last['type']:02X}",
                 "firmware": f"0x{packet_byte(last['firmware']):02x}"}
    else:
        # People: named, and not read.
        names = [item["packet"] for item in packets]
        return [] if names == ["command-84h", "command-87h", "data", "command-85h"] else [names]
    return [(key, value, said[key]) for key, value in found.items() if said[key] != value]


def packet_byte(firmware):
    """4V6 is 46h."""
    high, low = firmware.split("V")
    return int(high) << 4 | int(low)


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
        if driver == "soyal" and fine:
            wrong = disagreements(path, items)
            fine = not wrong
            if wrong:
                print(f"  {path.name}: {wrong}")
        passed, failed = passed + fine, failed + (not fine)
        if not fine:
            print(f"  FAILED: {path.name} ({done.returncode}): {(done.stdout + done.stderr)[:300]}")
    print(f"decode: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
