#!/usr/bin/env python3
"""Bad lines never give a short or a wrong list.

`titian read` reads a simulated ZKTeco terminal over UDP while datagrams are lost, doubled and
swapped, and over TCP while frames are cut, glued and broken off; and a simulated Anviz terminal
whose checksums are wrong. Each read either gives exactly the terminal's list or ends with an
error: never a short list that looks whole.
"""

import json
import sys

from titian_rig import Simulator, folder, program, run, running

RECORDS = 3_000
# Faults after which the list must still come whole, and those that may end the read with an error.
REPAIRED = {
    "udp": [("lose-datagram", {"every": 17}), ("duplicate-datagram", {"every": 5}),
            ("swap-datagrams", {"every": 7})],
    "tcp": [("chain", {}), ("split", {"bytes": 7}), ("glue", {}), ("refuse-1503", {}),
            ("stale-reply", {"every": 3})],
}
HONEST = {"udp": [("silence", {})], "tcp": [("drop-in-read", {"after": 20_000}), ("half-packet", {"after": 20_000})]}


class Cases:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, condition, what, seen=""):
        self.passed += bool(condition)
        self.failed += not condition
        if not condition:
            print(f"  FAILED: {what}\n    {str(seen)[:400]}")


def read(link, driver):
    done = run(program("titian"), "read", link, "--driver", driver, "--json", check=False, timeout=300)
    return done, [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def rows(records):
    return [(r["pin"], r["time"]) for r in records if "pin" in r]


def zkteco(cases, place):
    sim = Simulator("zkteco", place, ["tcp:127.0.0.1:0", "udp:127.0.0.1:0"], "--records", RECORDS,
                    "--users", 40, "--seed", 21)
    with running(sim):
        truth = sim.log_rows()
        links = {link.split(":")[0]: link for link in sim.links}
        for scheme, link in links.items():
            done, records = read(link, "zkteco")
            cases.check(rows(records) == truth, f"{scheme}: the whole list", done.stderr)
            for name, arguments in REPAIRED[scheme]:
                sim.control("fault", name=name, **arguments)
                done, records = read(link, "zkteco")
                cases.check(done.returncode == 0 and rows(records) == truth,
                            f"{scheme} with {name}: the whole list", (len(records), done.stderr))
                sim.control("fault", name="none")
            for name, arguments in HONEST[scheme]:
                sim.control("fault", name=name, **arguments)
                done, records = read(link, "zkteco")
                cases.check(done.returncode != 0 or rows(records) == truth,
                            f"{scheme} with {name}: an error, or the whole list", (len(records), done.stderr))
                cases.check(set(rows(records)) <= set(truth), f"{scheme} with {name}: nothing is invented")
                sim.control("fault", name="none")
        stats = sim.control("stats")
        touched = {k: stats[k] for k in ("disabled", "cleared", "clock_set", "template_requests")}
        cases.check(not any(touched.values()), "no terminal was touched", touched)


def anviz(cases, place):
    sim = Simulator("anviz", place, [f"pty:{place}/ttyANVIZ"], "--records", 600, "--users", 20, "--seed", 22)
    with running(sim):
        truth = sim.log_rows()
        for name, arguments in [("none", {}), ("wrong-checksum", {"every": 6}), ("pause", {"ms": 20})]:
            sim.control("fault", name=name, **arguments)
            done, records = read(sim.links[0], "anviz")
            cases.check(done.returncode == 0 and rows(records) == truth, f"anviz with {name}: the whole list",
                        (len(records), done.stderr))


def controls(cases):
    """The comparison must be able to fail."""
    truth = [("1", "2026-01-01T00:00:00"), ("2", "2026-01-01T00:00:01")]
    cases.check(rows([{"pin": "1", "time": "2026-01-01T00:00:00"}]) != truth, "a short list is seen")
    swapped = [{"pin": p, "time": t} for p, t in reversed(truth)]
    cases.check(rows(swapped) != truth, "a swapped list is seen")


def main():
    cases = Cases()
    controls(cases)
    with folder() as place:
        zkteco(cases, place)
        anviz(cases, place)
    print(f"bad lines: {cases.passed} passed, {cases.failed} failed")
    return 1 if cases.failed else 0


if __name__ == "__main__":
    sys.exit(main())
