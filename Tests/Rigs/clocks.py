#!/usr/bin/env python3
"""A box that does not know what time it is delivers all the same, and changes no terminal's time.

`titiand` runs with `shiftclock.c` preloaded: its wall clock stands at 1970, two years back, five years ahead, or
jumps while it works. Each time the centre must count exactly what the terminals' logs hold, to the second; what
was written before the time was known is dated by the centre afterwards (`Sources/Central/Dating.swift`); what came by
courier is marked as uncertain until a call dates it; coverage never reaches into the future. A server with another TLS
key is still refused, and a certificate whose dates have passed is no obstacle on a pinned key. Terminals of each make whose
clocks jump, begin anew where their make begins, are an hour off or stamp punches of tomorrow leave entries and events, and
are never set; one that only pushes cannot be asked, and is accused of nothing.

The control enrols the box at the stranger: what he took is missing at the centre until the box is put right.
"""

import json
import os
import pathlib
import random
import socket
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

    def configured(self):
        return [{"name": "lobi", "driver": "zkteco", "link": self.sim.links[0], "poll_s": 1}]

    def section(self):
        return ""

    def prepare(self):
        self.bridge = Bridge(self.home, self.configured(), self.server.address, server="retry_base_s = 1\nheartbeat_s = 10\n")
        self.bridge.config.write_text(self.bridge.config.read_text() + self.section())
        self.bridge.environment = self.clock

    def start(self):
        self.sim.start()
        self.prepare()
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

    def collects(self, what, count=5):
        before = self.punches()
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
        blamed = jump_count(server, office.sim)
        assert not blamed, f"the box's clock was set, and the terminal's is said to have jumped {blamed} times"
        assert book(server, "SELECT 1 FROM event WHERE code = 'bridge-clock-set'"), "nothing tells that the box's clock was set"
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


class Makes(Office):
    """One terminal of each make, and one that only pushes: it tells no clock at all."""

    def __init__(self, place, library, server, serial):
        super().__init__(place, library, server, serial)
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        self.pushing = "BWXP20126063"
        options = ["--records", 40, "--users", 25, "--seed", 7]
        for make in ("anviz", "soyal", "push"):
            (self.home / make).mkdir()
        self.anviz = Simulator("anviz", self.home / "anviz", ["tcp:127.0.0.1:0"], *options, "--serial-number", "3005000012345678")
        self.soyal = Simulator("soyal", self.home / "soyal", ["tcp:127.0.0.1:0"], *options)
        self.push = Simulator("zkteco", self.home / "push", ["tcp:127.0.0.1:0"], *options, "--serial-number", self.pushing,
                              "--push", f"http://127.0.0.1:{self.port}")
        self.told = [self.sim, self.anviz, self.soyal]
        for sim in (self.anviz, self.soyal, self.push):
            sim.arguments = [str(a) for a in sim.arguments]

    def start(self):
        for sim in (self.anviz, self.soyal, self.push):
            sim.start()
        return super().start()

    def stop(self):
        super().stop()
        for sim in (self.anviz, self.soyal, self.push):
            sim.stop()

    def configured(self):
        return super().configured() + [
            {"name": "gudang", "driver": "anviz", "link": self.anviz.links[0], "poll_s": 1},
            {"name": "pintu", "driver": "soyal", "link": self.soyal.links[0], "poll_s": 1,
             "serial_number": self.soyal.ready["serial"], "confirm": "delete-oldest"}]

    def section(self):
        return (f'[push]\nlisten = "127.0.0.1:{self.port}"\n[[push.terminal]]\nname = "aula"\n'
                f'serial_number = "{self.pushing}"\n')

    def rows(self, sim):
        """A SOYAL controller knows places in its table, and no PINs."""
        if sim is not self.soyal:
            return terminal_rows(sim)
        return {(sim.ready["terminal"], f"#{row['slot']}", row["time"]) for row in sim.control("log")["log"]}

    def all_rows(self):
        return set().union(*map(self.rows, [*self.told, self.push]))

    def punch(self, sim, count=3):
        """People whom the terminal knows, at the moment that its clock shows."""
        now = sim.control("stats")["clock"]
        for pin in sorted({pin for pin, _ in sim.log_rows()[:40]})[:count]:
            sim.control("add", n=1, pin=pin, time=now)

    def offsets(self):
        return {t["name"]: t.get("offset_ms") for t in self.bridge.status()["terminals"]}


def terminals(place, library, server, case, others):
    """Terminals with clocks of their own: everything is written down as they say it, and nothing is set."""
    office = Makes(place, library, server, "BWXP20126062")
    with running(office):
        office.enroll()
        settled(office.bridge)
        right = ("right again", {"offset_s": 0})
        resets = ["2000-01-01T00:00:00", "2005-01-01T00:00:00", "2010-11-09T00:00:00"]  # as each make's clocks begin
        events = 0
        for sim, reset in zip(office.told, resets):
            for what, change in [("an hour off", {"offset_s": 3_600}), right, (f"reset to {reset}", {"set": reset}), right,
                                 ("stamps of tomorrow", {"offset_s": 86_400}), right,
                                 ("a jump of five minutes", {"offset_s": -300}), right]:
                events += 1
                strange(office, sim, f"{sim.ready['terminal']}: {what}", change)
        for change in ({"set": "2000-01-01T00:00:00"}, {"offset_s": 86_400}):
            unheard(office, change)
            events += 1
        for sim in [*office.told, office.push]:
            stats = sim.control("stats")
            assert stats["clock_set"] == 0, f"{sim.ready['terminal']} was set {stats['clock_set']} times"
        office.arrives(case, "terminals' clocks", events, others | office.all_rows())
        assert office.all_rows() <= set(counted_rows(server)), "punches of a terminal are not counted"
        for sim, reset in zip(office.told, resets):
            days = {when[:10] for _, _, when in office.rows(sim)}
            tomorrow = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86_400 + 8 * 3_600))
            assert {reset[:10], tomorrow} <= days, f"no punch was stamped then, or tomorrow: {sorted(days)[-3:]}"
        others |= office.all_rows()
    return others


def jump_count(server, sim=None):
    where = "terminal = ?" if sim else "code = 'clock-jump' OR ?"
    return len(book(server, f"SELECT 1 FROM event WHERE code = 'clock-jump' AND ({where})", sim.ready["terminal"] if sim else 0))


def strange(office, sim, what, change):
    """A terminal's clock does something, people punch, and the console tells of that terminal and of no other."""
    total, own, before = jump_count(office.server), jump_count(office.server, sim), office.punches()
    sim.control("clock", **change)
    office.punch(sim)
    until(lambda: office.punches() >= before + 3, f"{what}: punches are read", seconds=30, step=0.1)
    until(lambda: jump_count(office.server, sim) > own, f"{what}: the console says so", seconds=30, step=0.2)
    assert jump_count(office.server) - total == jump_count(office.server, sim) - own, f"{what}: another clock jumped too"
    offsets = office.offsets()
    shown = office.bridge.titian("status", "--json", check=False)
    off = max(abs(o) for o in offsets.values() if o is not None)
    assert (shown.returncode != 0) == (off > 60_000), f"{what}: {offsets}, and status ends with {shown.returncode}"


def unheard(office, change):
    """Nobody can ask a terminal that only pushes for its clock: its punches come as stamped, and nobody is accused."""
    jumps, before = jump_count(office.server), office.punches()
    office.push.control("clock", **change)
    office.punch(office.push)
    until(lambda: office.punches() >= before + 3, f"pushed with {change}", seconds=30, step=0.1)
    settled(office.bridge)
    name = office.push.ready["terminal"]
    assert jump_count(office.server) == jumps, f"pushed with {change}: a clock that nobody asked has jumped"
    assert office.offsets()["aula"] is None, office.offsets()
    assert office.bridge.titian("status", "--json", check=False).returncode == 0, f"pushed with {change}: status complains"
    told = book(office.server, "SELECT clock_at, clock_off_since, offset_ms FROM terminal WHERE name = ?", name)
    assert told == [(None, None, None)], f"{name}: the centre knows a clock that nobody has read: {told}"


def carried(place, library, server, case, others):
    """A box that has no line and a wrong clock hands in a stick: no moment is shown as right until a call tells it."""
    for number, (what, shift) in enumerate(SHIFTS):
        since = (time.time() - 60) * 1_000
        office = Office(place, library, server, f"BWXP2012607{number}", shift())
        office.sim.start()
        office.prepare()
        office.enroll()
        server.stop()
        office.sim.stop()
        with running(office):
            name = office.sim.ready["terminal"]
            until(lambda: office.punches() >= 120, f"{what}: read without a line", step=0.1)
            office.sim.control("clear")
            held = confirmed_rows(office.bridge)
            office.collects(what)
            held |= terminal_rows(office.sim)
            stick = office.home / "office.courier"
            office.bridge.titian("export", stick, environment=office.clock)
            server.command("accept", stick)
            told = lambda: book(server, "SELECT at, certainty FROM event WHERE terminal = ? AND code LIKE 'terminal-%'", name)
            clocks = lambda: [at for (at,) in book(
                server, "SELECT at FROM clock WHERE terminal = (SELECT id FROM terminal WHERE name = ?)", name)]
            now = time.time() * 1_000
            possible = what == "two years back"
            assert told() and {c for _, c in told()} == {1 if possible else 2}, f"{what}: shown as certain: {told()}"
            if not possible:
                assert all(since <= at <= now for at, _ in told()), f"{what}: no latest moment: {told()}"
                assert not clocks(), f"{what}: a reading of an unknown moment stands in the history"
            Process = type(server).__mro__[1]
            (server.data / "address").unlink(missing_ok=True)
            Process.start(server)
            until(lambda: (server.data / "address").exists(), "the server listens")
            office.arrives(case, f"by courier, {what}", True, others | held)
            now = time.time() * 1_000 + 1_000
            assert all(c == 0 and since <= at <= now for at, c in told()), f"{what}: not dated by the call: {told()}"
            assert clocks() and all(since <= at <= now for at in clocks()), f"{what}: readings at {clocks()}"
            others |= held | terminal_rows(office.sim)
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
            rows = carried(place, library, server, case, rows)
            rows = terminals(place, library, server, case, rows)
            rows = keys(place, library, server, case, rows)
            assert set(counted_rows(server)) == rows, differences(rows, counted_rows(server))
    case.write()
    print(f"clocks: {case.rounds} passed, 0 failed")


if __name__ == "__main__":
    sys.exit(main())
