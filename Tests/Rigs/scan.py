#!/usr/bin/env python3
"""An office nobody has documented: terminals of every make in one loopback network and on a serial line.

`titian scan` has to find them within twenty seconds, connect to each port of an address once at most,
and print sections that the smallest configuration takes as they are; a daemon that reads one of them
must not be disturbed. A recorded talk must hold no key and no name. Ends with `scan: N passed, M failed`.
"""

import contextlib
import json
import random
import re
import sys
import time

from bad_input import Cases
from titian_rig import Simulator, folder, program, run, running

SMALLEST = """office   = "upt-contoh-utara"
timezone = "Asia/Makassar"
[server]
url = "https://bkd.example.go.id"
"""
KEY = 48151623


def network():
    """Loopback has 16 million addresses: here nobody else listens."""
    return f"127.{random.randint(20, 250)}.{random.randint(1, 250)}"


def office(place, base):
    for name in ("tcp", "udp", "key", "anviz", "soyal", "line"):
        (place / name).mkdir()
    return [
        Simulator("zkteco", place / "tcp", [f"tcp:{base}.9:4370"], "--serial-number", "BWXP20126001"),
        Simulator("zkteco", place / "udp", [f"udp:{base}.77:4370"], "--serial-number", "BWXP20126002"),
        Simulator("zkteco", place / "key", [f"tcp:{base}.99:4370"], "--serial-number", "BWXP20126003",
                  "--comm-key", KEY),
        Simulator("anviz", place / "anviz", [f"tcp:{base}.20:5010"], "--serial-number", "3005000012345678"),
        Simulator("soyal", place / "soyal", [f"tcp:{base}.30:1621"]),
        Simulator("anviz", place / "line", [f"pty:{place}/tty"], "--serial-number", "3005000012345679"),
    ]


def found(cases, place, base):
    start = time.monotonic()
    done = run(program("titian"), "scan", "--lan", "--subnet", f"{base}.0/24", "--json",
               "--control", place / "nobody.sock", check=False)
    took = time.monotonic() - start
    cases.check(took < 20, "a /24 within 20 s", f"{took:.1f} s")
    print(f"  a /24 with five terminals: {took:.1f} s")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    terminals = {line["link"]: line for line in told if line["type"] == "terminal"}
    for link, serial in ((f"tcp://{base}.9:4370", "BWXP20126001"), (f"udp://{base}.77:4370", "BWXP20126002"),
                         (f"tcp://{base}.20:5010", "3005000012345678")):
        cases.check(terminals.get(link, {}).get("serial") == serial, f"{link} is {serial}", told)
    locked = terminals.get(f"tcp://{base}.99:4370", {})
    cases.check(locked.get("code") == "terminal.wrong-key", "one wants its key", told)
    soyal = [t for t in terminals.values() if t["driver"] == "soyal"]
    cases.check(len(soyal) == 1, "the SOYAL controller is found", told)
    cases.check(len(terminals) == 5, "nobody else is", told)
    cases.check(done.returncode == 1, "the missing key wants a look", done.returncode)


def fits(cases, place, base):
    done = run(program("titian"), "scan", "--subnet", f"{base}.0/24", "--port", place / "tty", "--toml",
               "--control", place / "nobody.sock", check=False)
    config = place / "bridge.toml"
    config.write_text(SMALLEST + done.stdout)
    checked = run(program("titian"), "config", "check", "--config", config, check=False)
    cases.check(checked.returncode == 0, "the sections are taken as they are", checked.stdout + checked.stderr)
    cases.check(done.stdout.count("[[terminal]]") == 6, "six sections", done.stdout)
    copied = re.sub(r"^# (?=\[\[terminal|name|driver|link|station|serial)", "", done.stdout, flags=re.M)
    config.write_text(SMALLEST + copied.replace('""', '"821EF0001"'))
    checked = run(program("titian"), "config", "check", "--config", config, check=False)
    cases.check(checked.returncode == 0, "with the label's number the SOYAL too", checked.stdout + checked.stderr)
    again = run(program("titian"), "scan", "--subnet", f"{base}.0/24", "--port", place / "tty", "--toml",
                "--control", place / "nobody.sock", "--config", config, check=False)
    cases.check(again.stdout == "", "nothing is offered a second time", again.stdout)


def traced(cases, place, base):
    (place / "key.txt").write_text(f"{KEY}\n")
    talk = place / "key.talk"
    run(program("titian"), "trace", "record", f"tcp://{base}.99:4370", "--driver", "zkteco", "--comm-key-file",
        place / "key.txt", "--read", "--anonymous", "--hide-serial", "-o", talk)
    text = talk.read_text()
    real = run(program("titian"), "read", f"tcp://{base}.99:4370", "--driver", "zkteco", "--comm-key-file",
               place / "key.txt", "--json").stdout.splitlines()
    pins = {json.loads(line)["pin"] for line in real}
    replay = run(program("titian"), "trace", "replay", talk, "--json").stdout.splitlines()
    other = {json.loads(line)["pin"] for line in replay if '"type":"punch"' in line}
    cases.check(len(replay) == len(real) + 2, "every record is replayed", len(replay))
    cases.check(not pins & other, "no real number is left", pins & other)
    octets = bytes.fromhex("".join(line[2:] for line in text.splitlines() if line[:2] in ("> ", "< ")))
    for secret in ("BWXP20126003", str(KEY), "Pegawai"):
        cases.check(secret not in text and secret.encode() not in octets, f"no {secret}", "")


def main():
    cases = Cases()
    base = network()
    with folder() as place, contextlib.ExitStack() as stack:
        for simulator in office(place, base):
            stack.enter_context(running(simulator))
        found(cases, place, base)
        fits(cases, place, base)
        traced(cases, place, base)
    print(f"scan: {cases.passed} passed, {cases.failed} failed")
    return 1 if cases.failed else 0


if __name__ == "__main__":
    sys.exit(main())
