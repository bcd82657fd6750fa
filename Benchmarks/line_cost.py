"""Lines to terminals: what a few new records cost, and what a bad line costs the good ones."""

import json
import socket
import statistics
import subprocess
import sys
import time

from relays import DeadTerminal, DrippingRelay, Relay
from titian_rig import Bridge, Simulator, running, until

FULL, NEW = 100_000, 50
GOOD_LINES, PUNCHES = 6, 240
NOWHERE = "https://127.0.0.1:1"

PYZK_BYTES = """
import sys
from zk import ZK
host, port = sys.argv[1].rsplit(":", 1)
c = ZK(host, port=int(port), timeout=600, ommit_ping=True).connect()
c.get_attendance()
c.disconnect()
"""


def place_of(link):
    host, port = link.removeprefix("tcp://").rsplit(":", 1)
    return host, int(port)


class Control:
    """The daemon's control socket, asked without starting a program each time."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.stream = self.socket.makefile("rwb", buffering=0)

    def ask(self, op):
        self.stream.write(json.dumps({"op": op}).encode() + b"\n")
        return json.loads(self.stream.readline())

    def punches(self):
        return self.ask("journal-status")["punches"]


def new_records(place):
    """Bytes on the line for 50 new records beside 100,000 old ones, and for everything."""
    inside = place / "new"
    inside.mkdir()
    sim = Simulator("zkteco", inside, ["tcp:127.0.0.1:0"], "--records", FULL, "--users", 200, "--seed", 11)
    with running(sim):
        relay = Relay(place_of(sim.links[0]))
        bridge = Bridge(inside, [{"name": "lobi", "driver": "zkteco", "link": f"tcp://{relay.place}",
                                  "poll_s": 5, "live": False}], NOWHERE)
        with running(bridge):
            until(lambda: records(bridge) == FULL, "everything read", 120, 0.02)
            whole = relay.up + relay.down
            before = until(bridge.socket.exists, "control") and Control(bridge.socket).punches()
            relay.reset()
            sim.control("add", n=NEW)
            until(lambda: Control(bridge.socket).punches() == before + NEW, "the new ones", 60, 0.05)
            few = relay.up + relay.down
        peer = Relay(place_of(sim.links[0]))
        subprocess.run([sys.executable, "-c", PYZK_BYTES, peer.place], check=True, stdout=subprocess.DEVNULL)
        figures = {"whole": whole, "few": few, "peer": peer.up + peer.down, "limit": NEW * 40}
    print(f"  {NEW} new beside {FULL}: {figures}", flush=True)
    return figures


def records(bridge):
    terminals = bridge.status().get("terminals", [])
    return terminals[0].get("records") if terminals and terminals[0].get("last_read") else None


def bad_lines(place):
    """Live punch to disk on good lines: alone, and beside a dead line and one that drips."""
    figures = {}
    for name, with_bad in (("six good lines", False), ("the same beside a dead and a dripping one", True)):
        inside = place / ("eight" if with_bad else "six")
        inside.mkdir()
        sims = []
        for number in range(GOOD_LINES + 1):
            own = inside / str(number)
            own.mkdir()
            sims.append(Simulator("zkteco", own, ["tcp:127.0.0.1:0"], "--records", 500, "--users", 60,
                                  "--seed", 20 + number, "--serial-number", f"BWXP2012601{number}"))
        with running(*sims):
            lines = [sim.links[0] for sim in sims[:GOOD_LINES]]
            if with_bad:
                lines += [f"tcp://{DeadTerminal().place}",
                          f"tcp://{DrippingRelay(place_of(sims[GOOD_LINES].links[0])).place}"]
            bridge = Bridge(inside, [{"name": f"mesin-{n}", "driver": "zkteco", "link": link, "poll_s": 600}
                                     for n, link in enumerate(lines, 1)], NOWHERE)
            with running(bridge):
                until(lambda: sum(t.get("last_read") is not None for t in bridge.status().get("terminals", []))
                      >= GOOD_LINES, "the good lines", 60, 0.2)
                time.sleep(1)  # until each listens for live punches
                figures[name] = delays(bridge, sims[:GOOD_LINES])
    print(f"  lines {figures}", flush=True)
    return figures


def delays(bridge, sims):
    """Milliseconds from a finger to the journal's commit: median and the slowest of a hundred."""
    control = Control(bridge.socket)
    known, waits = control.punches(), []
    for number in range(PUNCHES):
        start = time.monotonic()
        sims[number % len(sims)].control("add", n=1, pin=str(9_000 + number))
        known += 1
        while control.punches() < known:
            if time.monotonic() - start > 30:
                raise TimeoutError("a live punch is not on disk within 30 s")
        waits.append((time.monotonic() - start) * 1_000)
    waits.sort()
    return statistics.median(waits), waits[int(len(waits) * 0.99)]


def section(new, lines):
    """The part of docs/benchmarks.md that says so."""
    text = [
        f"## {NEW} new records on a terminal that holds {FULL:,}", "",
        "Bytes on the line in both directions. The limit is the new records alone; pyzk always reads everything.", "",
        "| what | bytes | of a full read | target |", "| --- | ---: | ---: | ---: |",
        f"| titian, everything | {new['whole']:,} | 100 % | |",
        f"| titian, {NEW} new | {new['few']:,} | {new['few'] / new['whole'] * 100:.2f} % | ≤ 2 % |",
        f"| pyzk, {NEW} new | {new['peer']:,} | {new['peer'] / new['whole'] * 100:.0f} % | |",
        f"| limit | {new['limit']:,} | {new['limit'] / new['whole'] * 100:.2f} % | |", "",
        "## Eight lines, one dead and one that drips a byte a second", "",
        f"A live punch, from the finger to the journal's commit, {PUNCHES} of them in turn on the good lines.", "",
        "| | median ms | 99 of 100 within ms |", "| --- | ---: | ---: |",
    ]
    text += [f"| {name} | {middle:.1f} | {slow:.1f} |" for name, (middle, slow) in lines.items()]
    return text + [""]
