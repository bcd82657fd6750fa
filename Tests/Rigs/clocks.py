#!/usr/bin/env python3
"""A box that does not know what time it is delivers all the same, and changes no terminal's time.

`titiand` runs with `shiftclock.c` preloaded: its wall clock stands at 1970, two years back, five years ahead, or
jumps while it works. Each time the centre must count exactly what the terminals' logs hold, to the second; what
was written before the time was known is dated by the centre afterwards (`Sources/Central/Dating.swift`); coverage
never reaches into the future. A server with another TLS key is still refused, and a certificate whose dates have
passed is no obstacle on a pinned key. Terminals whose clocks jump, are reset to 2000, are an hour off or stamp
punches of tomorrow leave entries and events, and are never set.

The control enrols the box at the stranger: what he took is missing at the centre until the box is put right.
"""

import json
import os
import pathlib
import random
import sqlite3
import sys
import time

from oracle import Case, confirmed_rows, counted_rows, settled, terminal_rows
from titian_rig import Bridge, Server, Simulator, differences, folder, run, running, until

FULL = bool(os.environ.get("FULL"))
SOURCE = pathlib.Path(__file__).with_name("shiftclock.c")
YEAR = 365 * 86_400
SHIFTS = [("1970", lambda: 86_400 - int(time.time())), ("two years back", lambda: -2 * YEAR),
          ("five years ahead", lambda: 5 * YEAR)]


class Office:
    """A box whose clock can be set, a terminal, and a centre."""

    def __init__(self, place, library, server, serial, shift=0):
        self.home = place / serial
        self.home.mkdir()
        self.server = server
        self.offset = self.home / "offset"
        self.set(shift)
        self.sim = Simulator("zkteco", self.home, ["tcp:127.0.0.1:0"], "--records", 120, "--users", 25, "--seed", serial[-2:],
                             "--serial-number", serial)
        self.clock = {"LD_PRELOAD": str(library), "SHIFTCLOCK": str(self.offset)}

    def start(self):
        self.sim.start()
        self.bridge = Bridge(self.home, [{"name": "lobi", "driver": "zkteco", "link": self.sim.links[0], "poll_s": 1}],
                             self.server.address, server="retry_base_s = 1\nheartbeat_s = 10\n")
        self.bridge.environment = self.clock
        self.bridge.start()
        until(lambda: self.punches() >= 0, "the daemon answers", step=0.1)
        return self

    def stop(self):
        self.bridge.stop()
        self.sim.stop()

    def set(self, seconds):
        draft = self.offset.with_suffix(".new")
        draft.write_text(f"{seconds}\n")
        draft.rename(self.offset)

    def enroll(self):
        self.bridge.enroll(self.server.enrolment_code(), environment=self.clock)

    def punches(self):
        return self.bridge.status().get("journal", {}).get("punches", -1)

    def collects(self, what, count=5, by_its_clock=False):
        before = self.punches()
        if by_its_clock:
            now = self.sim.control("stats")["clock"]
            for pin in range(count):
                self.sim.control("add", n=1, pin=str(900 + pin), time=now)
        else:
            self.sim.control("add", n=count)
        until(lambda: self.punches() >= before + count, f"{what}: punches are read", seconds=15, step=0.1)

    def arrives(self, case, what, happened, issued):
        """What the terminal's log holds is what the centre counts, to the second."""
        acknowledged = confirmed_rows(self.bridge)
        start = time.monotonic()
        self.sim.control("add", n=1)
        held = terminal_rows(self.sim)
        new = self.sim.ready["terminal"], *max_row(self.sim)
        until(lambda: self.punches() >= len(held), f"{what}: a punch made now is read", step=0.1)
        settled(self.bridge, f"{what}: everything is receipted")
        case.round(happened=happened, acknowledged=acknowledged | {new}, issued=issued | held, server=self.server,
                   seconds=time.monotonic() - start, alive=new, bridge=self.bridge)
        assert held <= set(counted_rows(self.server)), f"{what}: punches of the terminal are not counted"


def max_row(sim):
    pin, when = sim.log_rows()[-1]
    return (pin.lstrip("0") or "0") if pin.isdigit() else pin, when


def book(server, query, *values):
    """What the centre's pages are made of; read beside the server, changing nothing."""
    with sqlite3.connect(f"file:{server.data}/centre.db?mode=ro", uri=True, timeout=30) as store:
        return store.execute(query, values).fetchall()


def dated(server, since, what):
    """Everything the centre shows has a moment at which it can have happened."""
    now = time.time() * 1_000 + 1_000
    for table, column in (("event", "at"), ("clock", "at"), ("coverage", "through_at")):
        wrong = [at for (at,) in book(server, f"SELECT {column} FROM {table}") if not since <= at <= now]
        assert not wrong, f"{what}: {table}.{column} at {[time.ctime(at / 1000) for at in wrong[:3]]}"


def shown_at(bridge, what):
    """When the box believes that it wrote its newest entry."""
    text = bridge.titian("journal", "export").stdout.splitlines()
    return time.mktime(time.strptime(json.loads(text[-1])["at"][:19], "%Y-%m-%dT%H:%M:%S"))


def wrong_from_the_start(place, library, server, case, others):
    """The box is started with a wrong clock, is journalling before it is enrolled, and is put right later."""
    for number, (what, shift) in enumerate(SHIFTS):
        since = (time.time() - 60) * 1_000
        office = Office(place, library, server, f"BWXP2012605{number}", shift())
        with running(office):
            until(lambda: office.punches() >= 120, f"{what}: read before there is a centre", step=0.1)
            office.sim.control("clear")
            held = {row for row in confirmed_rows(office.bridge)}
            office.collects(what)
            away = shown_at(office.bridge, what) - time.time()
            assert abs(away - shift()) < 60, f"{what}: the clock is {away:.0f} s off, so nothing is tested"
            office.enroll()
            office.arrives(case, what, True, others | held)
            dated(server, since, what)
            offset = office.bridge.status()["sync"]["host_offset_ms"]
            assert abs(offset / 1_000 - shift()) < 60, f"{what}: the box thinks it is {offset} ms off"
            doctor = office.bridge.titian("doctor", "--json", check=False, environment=office.clock).stdout
            assert "box.clock" in doctor or "centre.clock-differs" in doctor, f"{what}: the doctor says nothing: {doctor}"
            # NTP comes at last.
            office.set(0)
            office.collects(f"{what}, put right")
            office.arrives(case, f"{what}, put right", True, others | held)
            dated(server, since, what)
            others |= held | terminal_rows(office.sim)
    return others


def jumps(place, library, server, case, others):
    """The clock is set to and fro while terminals are read and batches go."""
    since = (time.time() - 60) * 1_000
    office = Office(place, library, server, "BWXP20126060")
    with running(office):
        office.enroll()
        settled(office.bridge)
        dice = random.Random(5)
        steps = [-3_600, 86_400, -2 * YEAR, 5 * YEAR, 86_400 - int(time.time()), 0]
        for step in steps + ([dice.randint(-3, 5) * YEAR + dice.randint(-10**6, 10**6) for _ in range(40)] if FULL else []):
            # A long log, so that the step falls into the middle of reading and sending it.
            office.sim.control("add", n=300)
            time.sleep(dice.random())
            office.set(step)
            office.collects(f"the clock jumps to {step}")
        office.set(0)
        office.arrives(case, "a clock that jumps", len(steps), others)
        dated(server, since, "jumps")
        seen = {at[:4] for at in (json.loads(line)["at"] for line in server.lines()) }
        assert {"1970"} <= seen and len(seen) >= 4, f"the steps are not in the journal: {seen}"
        others |= terminal_rows(office.sim)
    return others


def keys(place, library, server, case, others):
    """With a wrong clock: another key on the centre's port is refused, and dates of a certificate are nothing."""
    office = Office(place, library, server, "BWXP20126061", -2 * YEAR)
    with running(office):
        office.enroll()
        settled(office.bridge)
        server.stop()
        stranger_home = place / "stranger"
        stranger_home.mkdir()
        port = server.address.rsplit(":", 1)[1].strip("/")
        stranger = Server(stranger_home, port)
        with running(stranger):
            stranger.add_office()
            office.collects("another key")
            until(lambda: (office.bridge.status()["sync"].get("last_problem") or {}).get("code") == "sync.other-key",
                  "another key is refused", step=0.2)
            assert not stranger.punches() and not stranger.lines(), "the stranger was told something"
            control(office, stranger, server, case)
        old = certificate_of_long_ago(place, server)
        server.config.write_text(server.config.read_text() +
                                 f'[tls]\ncertificate = "{old}"\nkey = "{server.data}/tls-key.pem"\n')
        kept = server.config.read_text()
        Process = type(server).__mro__[1]
        (server.data / "address").unlink(missing_ok=True)
        Process.start(server)
        until(lambda: (server.data / "address").exists(), "the server listens")
        host = server.address.split("//")[1].strip("/")
        shown = run("openssl", "s_client", "-connect", host, stdin="", check=False).stdout
        dates = run("openssl", "x509", "-noout", "-enddate", stdin=shown).stdout
        assert "2021" in dates, f"the certificate that is served ends {dates}"
        assert server.config.read_text() == kept
        office.arrives(case, "an expired certificate on the pinned key", True, others)
        others |= terminal_rows(office.sim)
    return others


def certificate_of_long_ago(place, server):
    """A certificate for the centre's own key, which ended in 2021."""
    home = place / "ca"
    home.mkdir()
    for name, text in (("index", ""), ("serial", "01\n"), ("ca.conf", f"""
            [ca]
            default_ca = x
            [x]
            database = {home}/index
            serial = {home}/serial
            new_certs_dir = {home}
            policy = p
            default_md = sha256
            [p]
            commonName = supplied
            """)):
        (home / name).write_text(text.replace("            ", ""))
    key, old = server.data / "tls-key.pem", home / "old.pem"
    run("openssl", "req", "-new", "-key", key, "-subj", "/CN=titian-server", "-out", home / "request")
    run("openssl", "ca", "-batch", "-notext", "-config", home / "ca.conf", "-selfsign", "-keyfile", key, "-in", home / "request",
        "-startdate", "20200101000000Z", "-enddate", "20210101000000Z", "-out", old)
    return old


def terminals(place, library, server, case, others):
    """Terminals with clocks of their own: everything is written down as they say it, and nothing is set."""
    office = Office(place, library, server, "BWXP20126062")
    with running(office):
        office.enroll()
        settled(office.bridge)
        events = [("an hour off", {"offset_s": 3_600}), ("right again", {"offset_s": 0}),
                  ("reset to 2000", {"set": "2000-01-01T00:00:00"}), ("right again", {"offset_s": 0}),
                  ("stamps of tomorrow", {"offset_s": 86_400}), ("right again", {"offset_s": 0}),
                  ("a jump of five minutes", {"offset_s": -300})]
        name = office.sim.ready["terminal"]
        def count():
            return len(book(server, "SELECT 1 FROM event WHERE code = 'clock-jump' AND terminal = ?", name))
        for what, change in events:
            before = count()
            office.sim.control("clock", **change)
            office.collects(what, 3, by_its_clock=True)
            until(lambda: count() > before, f"{what}: the console says so", seconds=20, step=0.2)
            off = abs(office.bridge.status()["terminals"][0]["offset_ms"])
            shown = office.bridge.titian("status", "--json", check=False)
            assert (shown.returncode != 0) == (off > 60_000), f"{what}: {off} ms off, and status ends with {shown.returncode}"
        stats = office.sim.control("stats")
        assert stats["clock_set"] == 0, f"a terminal was set {stats['clock_set']} times"
        office.arrives(case, "terminals' clocks", len(events), others)
        days = {when[:10] for _, _, when in terminal_rows(office.sim)}
        tomorrow = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86_400 + 8 * 3_600))
        assert {"2000-01-01", tomorrow} <= days, f"no punch was stamped in 2000, or tomorrow: {sorted(days)[-3:]}"
        others |= terminal_rows(office.sim)
    return others


def control(office, stranger, server, case):
    """A box that is told the stranger's keys tells him everything, and says that all is delivered."""
    file = office.bridge.state / "centre.json"
    true = file.read_text()
    office.bridge.enroll(stranger.enrolment_code(), environment=office.clock)
    settled(office.bridge, "the stranger takes everything")
    case.bites(len(differences(confirmed_rows(office.bridge), counted_rows(server))["lost"]))
    office.bridge.stop()
    file.write_text(true)
    office.bridge.start()
    until(lambda: office.punches() >= 0, "the daemon answers", step=0.1)


def main():
    with folder() as place:
        library = place / "shiftclock.so"
        run("gcc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl")
        case = Case("clocks", "host clock at 1970, -2 and +5 years, jumping; other keys; terminals' clocks", "bridge")
        server = Server(place)
        with running(server):
            server.add_office()
            rows = wrong_from_the_start(place, library, server, case, set())
            rows = jumps(place, library, server, case, rows)
            rows = terminals(place, library, server, case, rows)
            rows = keys(place, library, server, case, rows)
            assert set(counted_rows(server)) == rows, differences(rows, counted_rows(server))
    case.write()
    print(f"clocks: {case.rounds} passed, 0 failed")


if __name__ == "__main__":
    sys.exit(main())
