#!/usr/bin/env python3
"""A client of its own, written from the published facts alone, reads the simulated SOYAL controller.

It builds and reads its frames by itself and shares no code with the driver. Over TCP and over a pty, as
short and as large frames: what it drains must be what the control port says the controller held. Then
`titian read` and `titian probe` are put beside it. Ends with `soyal: N passed, M failed`.
"""

import contextlib
import json
import os
import pathlib
import select
import socket
import struct
import sys
import termios
import tty

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from titian_rig import Simulator, folder, program, run, running  # noqa: E402

FINGER, CARD = 39, 11


class Cases:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, condition, what, seen=""):
        self.passed += bool(condition)
        self.failed += not condition
        if not condition:
            print(f"  FAILED: {what}\n    {str(seen)[:600]}")


def frame(node, command, data=b"", large=False):
    body = bytes([node, command]) + data
    xor = 0xFF
    for byte in body:
        xor ^= byte
    body += bytes([xor, (sum(body) + xor) & 0xFF])
    return (b"\xff\x00\x5a\xa5" + struct.pack(">H", len(body)) if large else bytes([0x7E, len(body)])) + body


def parse(raw):
    """(node, command, data) of one whole frame; raises on anything else."""
    if raw[:1] == b"\x7e":
        length, body = raw[1], raw[2:]
    else:
        assert raw[:4] == b"\xff\x00\x5a\xa5", raw.hex()
        length, body = struct.unpack(">H", raw[4:6])[0] & 0x0FFF, raw[6:]
    assert length == len(body), raw.hex()
    xor = 0xFF
    for byte in body[:-2]:
        xor ^= byte
    assert body[-2] == xor and body[-1] == (sum(body[:-2]) + xor) & 0xFF, raw.hex()
    return body[0], body[1], body[2:-2]


class Line:
    """A TCP connection or a pty: send one frame, get one answer, or None after a silence."""

    def __init__(self, link, large=False):
        self.large = large
        address = link.split("?")[0]
        if address.startswith("tcp://"):
            host, port = address[6:].rsplit(":", 1)
            self.socket = socket.create_connection((host, int(port)), timeout=10)
            self.file = self.socket.fileno()
        else:
            self.socket = None
            self.file = os.open(address.removeprefix("serial://"), os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self.file, termios.TCSANOW)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close() if self.socket else os.close(self.file)

    def say(self, raw, wait=3.0):
        os.write(self.file, raw)
        got = b""
        while select.select([self.file], [], [], wait)[0]:
            try:
                piece = os.read(self.file, 4096)
            except ConnectionResetError:
                return None
            if not piece:
                return None
            got += piece
            whole = 2 + got[1] if got[:1] == b"\x7e" and len(got) > 1 else None
            if got[:1] == b"\xff" and len(got) > 5:
                whole = 6 + (struct.unpack(">H", got[4:6])[0] & 0x0FFF)
            if whole and len(got) >= whole:
                assert len(got) == whole, got.hex()
                return parse(got)
        return None

    def ask(self, node, command, data=b"", wait=3.0):
        return self.say(frame(node, command, data, self.large), wait)


def event(code, data):
    """(slot, time, code, key pressed)"""
    second, minute, hour, _, day, month, year = data[1:8]
    time = f"20{year:02}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    return (data[9] << 8 | data[10], time, code, data[11] >> 5)


def drain(line, node):
    events = []
    while True:
        answer = line.ask(node, 0x25)
        assert answer and answer[0] == 0, answer
        if len(answer[2]) != 29:
            assert answer[1] == 4 and len(answer[2]) in (0, 11), answer
            return events
        assert line.ask(node, 0x25) == answer  # not consumed by reading
        events.append(event(answer[1], answer[2]))
        done = line.ask(node, 0x37, b"DEL")
        assert done and done[1] == 4, done


def held(sim):
    """What happened at the controller, as (slot, time, code, key pressed)."""
    return [(r["slot"], r["time"], r.get("code") or (CARD if r["verify"] == 2 else FINGER), r["state"])
            for r in sim.control("log")["log"]]


@contextlib.contextmanager
def simulator(place, listen, *more, node=3):
    with running(Simulator("soyal", place, [listen], "--device-number", str(node), *more)) as (sim,):
        yield sim


def drained(cases, listen, large):
    name = f"{listen.split(':')[0]}, {'large' if large else 'short'} frames"
    with folder() as place:
        where = f"pty:{place}/line" if listen == "pty" else listen
        with simulator(place, where, "--records", "40") as sim:
            sim.control("add", n=2, time="2026-11-20T18:00:00")
            sim.control("add", n=1, code=24, time="2026-11-20T18:00:05")
            truth = held(sim)
            with Line(sim.links[0], large) as line:
                cases.check(line.ask(4, 0x24, wait=0.5) is None, f"{name}: another number is silent")
                bad = bytearray(frame(3, 0x24, large=large))
                bad[-1] ^= 1
                cases.check(line.say(bytes(bad), wait=0.5) is None, f"{name}: a wrong checksum is silent")
                cases.check(line.ask(3, 0x87, b"\0\1\1", wait=0.5) is None, f"{name}: users as first command")
                clock = line.ask(3, 0x24)
                cases.check(clock and clock[1] == 3 and clock[2][0] == 3 and len(clock[2]) == 32,
                            f"{name}: the clock", clock)
                cases.check(clock and clock[2][8] == 0x46 and clock[2][12] == 0xC3, f"{name}: model", clock)
                status = line.ask(3, 0x18)
                cases.check(status and status[1] == 9 and len(status[2]) == 6, f"{name}: a poll", status)
                events = drain(line, 3)
                cases.check(events == truth, f"{name}: every event in order", (events[:3], truth[:3]))
                cases.check(line.ask(3, 0x25)[1] == 4, f"{name}: then empty")
            counts = sim.control("stats")
            cases.check(counts["commands"].get("remove-oldest") == len(truth), f"{name}: removals", counts)
            cases.check(counts["new_records"] == 0, f"{name}: nothing left", counts)


def faults(cases):
    with folder() as place, simulator(place, "tcp:127.0.0.1:0", "--records", "3") as sim:
        truth = held(sim)
        with Line(sim.links[0]) as line:
            first = line.ask(3, 0x25)
            sim.control("fault", name="lost-answer", count=1)
            cases.check(line.ask(3, 0x37, b"DEL", wait=0.5) is None, "the answer to a removal is lost")
            second = line.ask(3, 0x25)
            cases.check(event(*first[1:]) == truth[0] and event(*second[1:]) == truth[1],
                        "the event is gone all the same", (first, second))
            with Line(sim.links[0]) as other:
                cases.check(other.ask(3, 0x24) is None, "one master at a time")
        sim.control("fault", name="unset-clock")
        sim.control("fault", name="no-events")
        with Line(sim.links[0]) as line:
            clock = line.ask(3, 0x24)
            cases.check(clock and clock[2][5:8] == bytes([9, 11, 10]), "a clock never set", clock)
            sim.control("add", n=5)
            cases.check(len(held(sim)) == len(truth), "fingers that make no event")


def beside_titian(cases):
    with folder() as place, simulator(place, "tcp:127.0.0.1:0", "--records", "25") as sim:
        truth = held(sim)
        probe = run(program("titian"), "probe", sim.links[0], "--driver", "soyal", "--serial-number", "821EF0001",
                    "--json")
        told = json.loads(probe.stdout)
        cases.check(told["terminal"] == "soyal:821EF0001" and told["model"] == "AR-821EFv5"
                    and told["firmware"] == "4V6", "titian probe", told)
        done = run(program("titian"), "read", sim.links[0], "--driver", "soyal", "--json", check=False)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        cases.check(done.returncode == 1 and "terminal.only-oldest" in done.stderr, "titian read says why",
                    (done.returncode, done.stderr))
        seen = [(int(r["pin"][1:]), r["time"], r["verify_no"], r["state_no"]) for r in rows]
        cases.check(seen == truth[:1], "titian read gives the oldest event", (seen, truth[:1]))
        counts = sim.control("stats")
        cases.check(set(counts["commands"]) == {"clock", "oldest"}, "titian asked nothing else", counts)
        cases.check(counts["new_records"] == 25, "titian removed nothing", counts)
        with Line(sim.links[0]) as line:
            cases.check(drain(line, 3) == truth, "every event is still there")


def main():
    cases = Cases()
    for listen in ("tcp:127.0.0.1:0", "pty"):
        for large in (False, True):
            drained(cases, listen, large)
    faults(cases)
    beside_titian(cases)
    print(f"soyal: {cases.passed} passed, {cases.failed} failed")
    return 1 if cases.failed or not cases.passed else 0


if __name__ == "__main__":
    sys.exit(main())
