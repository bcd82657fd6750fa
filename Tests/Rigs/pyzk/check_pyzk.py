#!/usr/bin/env python3
"""pyzk, a client by others, reads the simulated terminal and agrees record by record.

Three lists must be one: what the simulator's control port says it holds, what pyzk reads, and what
`titian read` prints. Over TCP and UDP, with and without a communication key, small logs (one DATA
packet), none at all, and logs of several pieces. Ends with `pyzk: N passed, M failed`.

Left out, because pyzk 0.9 reads them wrong: records of 8 bytes (its layout is another, the years
come out as 2087), of 22 bytes (it does not know them) and of 49 (it takes them for 40).
"""

import datetime
import json
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from titian_rig import Simulator, folder, program, run, running, until  # noqa: E402
from zk import ZK  # noqa: E402
from zk.exception import ZKErrorResponse, ZKNetworkError  # noqa: E402

KEY = 4711
# How records of each size come out of pyzk: in 16 bytes it has the two names the other way round.
SIZES = {40: ("status", "punch"), 16: ("punch", "status")}


class Cases:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, condition, what, seen=""):
        self.passed += bool(condition)
        self.failed += not condition
        if not condition:
            print(f"  FAILED: {what}\n    {str(seen)[:600]}")


def client(link, key=0):
    scheme, place = link.split("://")
    host, port = place.rsplit(":", 1)
    return ZK(host, port=int(port), timeout=20, password=key, force_udp=scheme == "udp",
              ommit_ping=True)


def held(sim):
    """What the terminal holds, as (pin, time, verify, state)."""
    return [(r["pin"], r["time"], r["verify"], r["state"]) for r in sim.control("log")["log"]]


def by_pyzk(connection, size):
    verify, state = SIZES[size]
    return [(a.user_id, a.timestamp.isoformat(), getattr(a, verify), getattr(a, state))
            for a in connection.get_attendance()]


def by_titian(link, place, key):
    more = []
    if key:
        path = place / "pyzk.key"
        path.write_text(f"{key}\n")
        path.chmod(0o600)
        more = ["--comm-key-file", path]
    out = run(program("titian"), "read", link, "--driver", "zkteco", "--json", *more).stdout
    records = [json.loads(line) for line in out.splitlines()]
    return [(r["pin"], r["time"], r["verify_no"], r["state_no"]) for r in records]


def difference(expected, seen):
    """The first place where two lists part, in words; None if they are one."""
    for number, (want, got) in enumerate(zip(expected, seen)):
        if want != got:
            return f"record {number}: {want} is {got}"
    return None if len(expected) == len(seen) else f"{len(expected)} records, {len(seen)} seen"


def controls(cases):
    """The comparison must be able to fail, or it has proved nothing."""
    rows = [("17", "2026-11-20T07:00:00", 1, 0), ("18", "2026-11-20T07:00:01", 1, 0)]
    cases.check(difference(rows, list(rows)) is None, "equal lists agree")
    for what, other in [
        ("a lost record", rows[:1]), ("a doubled one", rows + rows[:1]),
        ("swapped ones", rows[::-1]), ("another second", [rows[0], (*rows[1][:1], "2026-11-20T07:00:02", 1, 0)]),
        ("another state", [(*rows[0][:3], 1), rows[1]]),
    ]:
        cases.check(difference(rows, other), f"{what} is seen")


def identity(cases, name, connection, sim):
    stats = sim.control("stats")
    cases.check(connection.get_serialnumber() == sim.ready["serial"], f"{name}: the serial number")
    ahead = connection.get_time() - datetime.datetime.fromisoformat(stats["clock"])
    cases.check(abs(ahead.total_seconds()) <= 2, f"{name}: the clock", ahead)
    connection.read_sizes()
    cases.check((connection.users, connection.records) == (stats["users"], stats["records"]),
                f"{name}: the counters", (connection.users, connection.records, stats))


def information(cases, name, connection):
    """All that pyzk can ask about a terminal; what this one has not, it must refuse unharmed."""
    said = {
        "model": connection.get_device_name(), "platform": connection.get_platform(),
        "mac": connection.get_mac(), "pin": connection.get_pin_width(),
        "fingers": str(connection.get_fp_version()), "firmware": connection.get_firmware_version(),
    }
    cases.check(said == {"model": "X100-C", "platform": "ZEM560_TFT", "mac": "00:17:61:8a:2b:3c", "pin": 9,
                         "fingers": "10", "firmware": "Ver 6.60 Nov 20 2026"}, f"{name}: what it is", said)
    for ask in (connection.get_face_version, connection.get_face_fun_on, connection.get_extend_fmt,
                connection.get_user_extend_fmt, connection.get_compat_old_firmware, connection.get_network_params):
        ask()
    cases.check(connection.get_time() is not None, f"{name}: the talk goes on after options it does not have")


def people(cases, name, connection, sim):
    users = connection.get_users()
    pins = {row["slot"]: row["pin"] for row in sim.control("log")["log"]}
    cases.check(len(users) == sim.control("stats")["users"], f"{name}: all users", len(users))
    cases.check(all(pins.get(user.uid, user.user_id) == user.user_id for user in users),
                f"{name}: each user's slot has the PIN of the log")
    cases.check(len({user.user_id for user in users}) == len(users) and all(user.name for user in users),
                f"{name}: every user has a PIN and a name")


def live(cases, name, connection, sim):
    """Punches made while pyzk listens; one at a time, because it makes a ghost of two in one read."""
    seen, before, asked = [], held(sim), requests(sim)

    def listen():
        for punch in connection.live_capture(new_timeout=10):
            if punch is None or seen.append((punch.user_id, punch.timestamp.isoformat())) or len(seen) == 3:
                connection.end_live_capture = True

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    until(lambda: requests(sim) > asked, "pyzk asks for events", 20)
    for number in range(3):
        sim.control("add", n=1)
        until(lambda: len(seen) > number or not listener.is_alive(), "an event arrives", 20)
    listener.join(20)
    made = [row[:2] for row in held(sim)[len(before):]]
    cases.check(difference(made, seen) is None, f"{name}: live punches", (made, seen))


def requests(sim):
    """How often events were asked for."""
    return sim.control("stats")["commands"].get("event", 0)


def agreement(cases, place, records, size, key):
    options = ["--records", records, "--users", 40, "--seed", records + size, "--record-size", size,
               "--comm-key", key]
    sim = Simulator("zkteco", place, ["tcp:127.0.0.1:0", "udp:127.0.0.1:0"], *options)
    with running(sim):
        for link in sim.links:
            name = f"{link[:3]}, {records} records of {size} bytes{', key' if key else ''}"
            connection = client(link, key).connect()
            identity(cases, name, connection, sim)
            information(cases, name, connection)
            people(cases, name, connection, sim)
            truth = held(sim)
            wrong = difference(truth, by_pyzk(connection, size))
            cases.check(wrong is None, f"{name}: pyzk reads what is held", wrong)
            live(cases, name, connection, sim)
            connection.disconnect()
            wrong = difference(held(sim), by_titian(link, place, key))
            cases.check(wrong is None, f"{name}: titian reads what is held", wrong)
        untouched(cases, sim)


def rough(cases, place):
    """Streams that are cut and glued as pyzk still bears them."""
    for name, numbers in (("split", {"bytes": 700}), ("single-data", {}), ("pause", {"ms": 5})):
        sim = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", 2_000, "--users", 40)
        with running(sim):
            sim.control("fault", name=name, **numbers)
            connection = client(sim.links[0]).connect()
            wrong = difference(held(sim), by_pyzk(connection, 40))
            cases.check(wrong is None, f"pyzk reads a stream with the fault {name}", wrong)
            connection.disconnect()


def untouched(cases, sim):
    stats = sim.control("stats")
    touched = {k: stats[k] for k in ("disabled", "cleared", "clock_set", "template_requests")}
    cases.check(not any(touched.values()), "nobody touched the terminal", touched)


def counted(cases, place):
    """What a reader must never do is seen in the counts: here pyzk does it."""
    sim = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", 12)
    with running(sim):
        connection = client(sim.links[0]).connect()
        connection.disable_device()
        connection.enable_device()
        connection.set_time(datetime.datetime(2026, 1, 2, 3, 4, 5))
        clock = connection.get_time()
        connection.clear_attendance()
        connection.disconnect()
        stats = sim.control("stats")
        cases.check((stats["disabled"], stats["clock_set"], stats["cleared"]) == (1, 1, 1),
                    "disabling, setting and clearing are counted", stats)
        cases.check(clock.isoformat()[:16] == "2026-01-02T03:04" and stats["records"] == 0,
                    "and have their effect", (clock, stats["records"]))


def refused(cases, place):
    """A wrong key gets no log; the right one afterwards does."""
    sim = Simulator("zkteco", place, ["tcp:127.0.0.1:0", "udp:127.0.0.1:0"], "--records", 30,
                    "--comm-key", KEY)
    with running(sim):
        for link in sim.links:
            try:
                client(link, KEY + 1).connect()
                cases.check(False, f"{link[:3]}: a wrong key is refused")
            except (ZKErrorResponse, ZKNetworkError) as error:
                cases.check("nauth" in str(error), f"{link[:3]}: a wrong key is refused", error)
            connection = client(link, KEY).connect()
            cases.check(len(by_pyzk(connection, 40)) == 30, f"{link[:3]}: the right key reads")
            connection.disconnect()


def main():
    cases = Cases()
    controls(cases)
    with folder() as place:
        for records, size, key in [(0, 40, 0), (5, 40, 0), (500, 40, KEY), (5_000, 40, 0),
                                   (40, 16, KEY), (3_000, 16, 0)]:
            agreement(cases, place, records, size, key)
        rough(cases, place)
        counted(cases, place)
        refused(cases, place)
    print("  left out: records of 8, 22 and 49 bytes, which pyzk 0.9 reads wrong")
    print(f"pyzk: {cases.passed} passed, {cases.failed} failed")
    return 1 if cases.failed else 0


if __name__ == "__main__":
    sys.exit(main())
