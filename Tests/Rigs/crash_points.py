#!/usr/bin/env python3
"""The process dies at every named step between a punch's first byte and its receipt on disk.

`CrashPoint` (Sources/Attendance/CrashPoint.swift) names the steps; `TITIAN_CRASH_AT` ends a debug build with
SIGKILL when it comes by one. For each point the program concerned dies there, is started again without a
word from anybody, and the five properties of `oracle.py` must hold. No point may stay unreached.
ROUNDS repeats it all with new offices and other numbers of passes before the blow; FULL=1 makes that 20. SEED repeats
a run.

Each section has a control in which what it is about is left out: a box that forgets its journal when it dies, one
that forgets what it has sent, one that keeps no key before it asks for one, a repair that begins with nothing,
a centre that begins anew after half a restore. All must be seen as loss.
"""

import contextlib
import json
import os
import random
import re
import shutil
import signal
import sys
import time

from controls import Careless, forgetful, lost
from oracle import Case, confirmed_rows, counted_rows, settled, terminal_rows
from titian_rig import ROOT, Bridge, Server, Simulator, folder, running, until

ROUNDS = int(os.environ.get("ROUNDS", 20 if os.environ.get("FULL") else 1))
SEED = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
SOURCE = ROOT / "Sources/Attendance/CrashPoint.swift"

BRIDGE = ["page.received", "live.received", "journal.begun", "journal.identity-kept", "journal.entry-appended",
          "journal.position-kept", "journal.committing", "journal.committed", "page.kept", "terminal.confirming",
          "terminal.confirmed", "batch.read", "batch.sealed", "batch.answered", "receipt.verified",
          "receipt.writing", "receipt.kept"]
CENTRE = ["call.received", "call.opened", "call.checked", "store.begun", "store.status-kept", "store.line-kept",
          "store.punch-counted", "store.head-moved", "store.committing", "store.committed", "receipt.signed"]
REPAIR = ["repair.begun", "repair.carried", "repair.ready", "repair.aside", "repair.installed"]
BACKUP = ["backup.copied", "backup.sealed", "backup.named", "backup.remembered"]
RESTORE = ["restore.copied", "restore.unpacked", "restore.moving", "restore.moved"]
ENROLMENT = ["code.used", "bridge.enrolled", "enrolment.granted"]
ROTATION = ["receipt-key.stated", "receipt-key.promoted"]
KEYS = ["bridge-key.promoted", "file.drafted", "file.kept", "enrolment.answered", "centre-file.drafted", "centre-file.kept",
        "receipt-key.drafted", "pins.kept"]
# Passed once for every row of a transaction.
MANY = {"journal.identity-kept", "journal.entry-appended", "store.line-kept", "store.punch-counted"}


def arm(point, passes=1):
    return {"TITIAN_CRASH_AT": f"{point}:{passes}"}


def said(process, point):
    return process.log.read_text(errors="replace").count(f"crash point {point}\n")


def struck(process, point, before, seconds=60):
    """Waits until the program has died at the point."""
    until(lambda: not process.is_running, f"{process.log.name} dies at {point}", seconds=seconds, step=0.02)
    assert process.process.returncode == -signal.SIGKILL, f"{point}: {process.process.returncode}"
    assert said(process, point) == before + 1, f"{point}: died of something else"
    return True


class Office:
    """A centre and a box with two terminals, one of which is told what was confirmed."""

    def __init__(self, place):
        self.zk = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", 200, "--users", 30, "--seed", SEED,
                            "--serial-number", "BWXP20126001")
        self.anviz = Simulator("anviz", place, ["tcp:127.0.0.1:0"], "--records", 100, "--users", 20,
                               "--seed", SEED + 1, "--serial-number", "3005000012345678")
        self.server = Server(place)
        self.place = place
        self.confirmed = set()

    def box(self):
        home = self.place / "box"
        home.mkdir(exist_ok=True)
        return Bridge(home, [
            {"name": "lobi", "driver": "zkteco", "link": self.zk.links[0], "poll_s": 1},
            {"name": "gudang", "driver": "anviz", "link": self.anviz.links[0], "poll_s": 1, "confirm": "flags"},
        ], self.server.address, server="retry_base_s = 1\n")

    def add(self, count=6):
        for sim in (self.zk, self.anviz):
            sim.control("add", n=count)

    def confirm(self, bridge):
        """All that the box ever confirmed: a journal that was repaired holds no lines the centre has."""
        self.confirmed |= confirmed_rows(bridge)
        return self.confirmed

    def issued(self):
        return terminal_rows(self.zk) | terminal_rows(self.anviz)

    def alive(self, bridge, what):
        """A punch that is made now arrives; returns it and how long all took to come to rest."""
        start = time.monotonic()
        self.zk.control("add", n=1)
        new = max(terminal_rows(self.zk), key=lambda row: row[2])
        issued = self.issued()
        until(lambda: len(counted_rows(self.server)) >= len(issued), f"{what}: all punches arrive", step=0.1)
        settled(bridge, f"{what}: everything is receipted")
        return new, time.monotonic() - start


def judge(office, bridge, case, point, acknowledged):
    new, seconds = office.alive(bridge, point)
    issued = office.issued()
    case.round(happened=True, acknowledged=acknowledged | {new}, issued=issued, server=office.server,
               seconds=seconds, alive=new, bridge=bridge)
    lost = issued - set(counted_rows(office.server))
    assert not lost, f"{point}: {len(lost)} punches that the terminals hold are not counted"


def at_the_bridge(office, bridge, case, dice):
    for point in BRIDGE:
        passes = dice.randint(1, 8) if point in MANY else 1
        bridge.stop()
        before = said(bridge, point)
        bridge.environment = arm(point, passes)
        office.add()
        bridge.start()
        if point == "live.received":
            time.sleep(1.5)
            office.add(1)
        struck(bridge, point, before)
        bridge.environment = {}
        acknowledged = office.confirm(bridge)
        bridge.start()
        judge(office, bridge, case, point, acknowledged)


def at_the_centre(office, bridge, case, dice):
    for point in CENTRE:
        server = office.server
        server.kill()
        before = said(server, point)
        server.environment = arm(point, dice.randint(1, 8) if point in MANY else 1)
        office.add()
        with contextlib.suppress(RuntimeError):  # dead before its start was seen
            server.start()
        bridge.titian("sync", "now", check=False)
        struck(server, point, before)
        server.environment = {}
        acknowledged = office.confirm(bridge)
        server.start()
        judge(office, bridge, case, point, acknowledged)


def damage(bridge):
    """The journal's first page is gone."""
    journal = bridge.state / "journal.db"
    journal.write_bytes(bytes(4096) + journal.read_bytes()[4096:])


def in_a_repair(office, bridge, case):
    """The journal is damaged; its repair is cut at every step, and goes on by itself."""
    for point in REPAIR:
        office.server.kill()
        office.add()
        newest = lambda: bridge.status().get("journal", {}).get("queue", 0)
        until(lambda: newest() >= 12, "punches wait", step=0.1)
        acknowledged = office.confirm(bridge)
        bridge.stop()
        damage(bridge)
        before = said(bridge, point)
        bridge.environment = arm(point)
        bridge.start()
        struck(bridge, point, before)
        bridge.environment = {}
        office.server.start()
        bridge.start()
        judge(office, bridge, case, point, acknowledged)


def in_a_backup(office, bridge, case, place):
    """A backup that was cut is none, and a restore that was cut is seen and begun again."""
    backups = place / "backups"
    backups.mkdir()
    server = office.server
    for point in BACKUP:
        office.add()
        acknowledged = office.confirm(bridge)
        done = server.command("backup", backups, check=False, environment=arm(point))
        assert done.returncode == -signal.SIGKILL and f"crash point {point}" in done.stderr, (point, done)
        for file in backups.glob("[!.]*"):
            assert file.stat().st_size % 512 == 0
        judge(office, bridge, case, point, acknowledged)
    made = json.loads(server.command("backup", backups, "--json").stdout)["file"]
    left = [p.name for p in backups.glob(".titian-backup.*")]
    assert not left, f"drafts of backups that were cut are left: {left}"
    for point in RESTORE:
        office.add()
        acknowledged = office.confirm(bridge)
        server.stop()
        shutil.rmtree(server.data)
        done = server.command("restore", made, check=False, environment=arm(point))
        assert done.returncode == -signal.SIGKILL and f"crash point {point}" in done.stderr, (point, done)
        served = server.command("verify", check=False)
        assert "[backup.restore-unfinished]" in served.stderr, f"{point}: a folder that is half restored is used: {served}"
        server.command("restore", made)
        server.start()
        judge(office, bridge, case, point, acknowledged)


def first_starts(point, start, most=20):
    """Lets a first start die at its first, second, … pass until it passes them all; returns how many there were."""
    for passes in range(1, most):
        if not start(arm(point, passes)):
            return passes - 1
    raise AssertionError(f"{point}: no end of passes")


def keys_of_a_box(office, case, place):
    """A box that is enrolled while the power fails again and again ends as one box with one key."""
    for point in ["file.drafted", "file.kept", "enrolment.answered"] + ENROLMENT:
        home = place / f"box-{point}"
        home.mkdir()
        bridge = Bridge(home, [{"name": "lobi", "driver": "zkteco", "link": office.zk.links[0], "poll_s": 1}],
                        office.server.address, server="retry_base_s = 1\n")
        code = office.server.enrolment_code()
        if point in ENROLMENT:
            before = said(office.server, point)
            office.server.stop()
            office.server.environment = arm(point)
            office.server.start()
            bridge.enroll(code, check=False)
            struck(office.server, point, before)
            office.server.environment = {}
            office.server.start()
            deaths = 1
        else:
            def dies(environment):
                return bridge.enroll(code, check=False, environment=environment).returncode == -signal.SIGKILL
            deaths = first_starts(point, dies)
        assert deaths, f"{point} was never reached"
        key = (bridge.state / "bridge.key").read_text()
        bridge.enroll(code, check=False)
        assert (bridge.state / "bridge.key").read_text() == key, f"{point}: another key"
        other = place / f"other-{point}"
        other.mkdir()
        thief = Bridge(other, [], office.server.address)
        done = thief.enroll(code, check=False)
        assert done.returncode != 0 and "sudah dipakai" in done.stderr, f"{point}: {done}"
        with running(bridge):
            judge(office, bridge, case, point, set())
        office.server.command("bridge", "revoke", bridge_id(bridge), "--reason", "uji")


def bridge_id(bridge):
    return json.loads((bridge.state / "centre.json").read_text())["bridge"]


def keys_of_a_centre(office, bridge, case, place):
    """A centre whose first start, or whose change of keys, is cut has usable keys at the next start."""
    server = office.server
    for point in ("centre-file.drafted", "centre-file.kept", "receipt-key.drafted"):
        home = place / f"centre-{point}"
        home.mkdir()

        def dies(environment):
            shutil.rmtree(home / "centre", ignore_errors=True)
            fresh = Server(home)
            done = fresh.command("enroll-code", "--office", "tidak-ada", check=False, environment=environment)
            died = done.returncode == -signal.SIGKILL
            with running(fresh):
                fresh.add_office()
                box = Bridge(home, [], fresh.address)
                shutil.rmtree(box.state)
                box.state.mkdir()
                box.enroll(fresh.enrolment_code())
            return died
        assert first_starts(point, dies), f"{point} was never reached"
    for point in ("centre-file.drafted", "centre-file.kept"):
        def cut(environment):
            settled(bridge)
            server.stop()
            (server.data / "tls-key.pem").unlink()
            done = server.command("enroll-code", "--office", "tidak-ada", check=False, environment=environment)
            server.start()
            judge(office, bridge, case, point, office.confirm(bridge))
            # The bridge has learnt the new spare before the current key is lost again.
            until(lambda: pins(bridge) == server.enrolment_code()["pin"].split(";"), "the spare is known", step=0.2)
            return done.returncode == -signal.SIGKILL
        assert first_starts(point, cut), f"{point} was never reached"
    before = said(bridge, "pins.kept")
    bridge.stop()
    bridge.environment = arm("pins.kept")
    server.stop()
    (server.data / "tls-key.pem").unlink()
    server.start()
    bridge.start()
    struck(bridge, "pins.kept", before)
    bridge.environment = {}
    acknowledged = office.confirm(bridge)
    bridge.start()
    judge(office, bridge, case, "pins.kept", acknowledged)


def rotation(office, bridge, case):
    """The keys are changed, and the change is cut; bridges follow, one that was away for two changes too."""
    server = office.server
    settled(bridge)
    bridge.stop()
    for point in ROTATION + [None]:
        done = server.command("keys", "rotate", "receipt", check=False, environment=arm(point) if point else None)
        assert done.returncode == (-signal.SIGKILL if point else 0), (point, done)
        server.stop()
        server.start()
    said_key = json.loads(server.command("keys", "show", "--json").stdout)["receipt_key"]
    acknowledged = office.confirm(bridge)
    bridge.start()
    judge(office, bridge, case, "receipt key", acknowledged)
    centre = json.loads((bridge.state / "centre.json").read_text())
    assert centre["centre_key"] == said_key and len(centre["former_centre_keys"]) == 3, centre
    until(lambda: pins(bridge) == server.enrolment_code()["pin"].split(";"), "the spare is known", step=0.2)
    settled(bridge)
    bridge.stop()
    for why in (None, "keys-not-served", "bridges-unaware"):
        if why == "bridges-unaware":
            server.kill()
            server.start()
        done = server.command("keys", "rotate", "tls", check=False)
        assert f"[server.{why}]" in done.stderr if why else done.returncode == 0, (why, done)
    bridge.start()
    judge(office, bridge, case, "TLS key", acknowledged)


def another_key_for_a_box(office, bridge, case):
    """A box gets another key, cut wherever a file is written; what waits goes on, the old number is shut out."""
    office.server.kill()
    office.add()
    until(lambda: bridge.status().get("journal", {}).get("queue", 0) >= 12, "punches wait", step=0.1)
    acknowledged = office.confirm(bridge)
    old, key = bridge_id(bridge), (bridge.state / "bridge.key").read_text()
    office.server.start()
    code = office.server.enrolment_code()

    def renew(environment=None):
        return bridge.titian("enroll", code["url"], "-", "--new-key", stdin=code["code"], check=False,
                             environment=environment)
    assert "titiand berjalan" in renew().stderr, "a key is changed under a daemon that runs"
    bridge.stop()
    for point, passes in (("file.drafted", 1), ("file.kept", 1), ("enrolment.answered", 1), ("bridge-key.promoted", 1)):
        done = renew(arm(point, passes))
        assert done.returncode == -signal.SIGKILL, (point, done)
    bridge.start()  # the key is the new one already, the centre knows it, and the journal goes over to it
    until(lambda: bridge.status().get("sync", {}).get("state") == "idle", "the box calls with its new key", step=0.2)
    bridge.enroll(code)  # a code answers the key again that has used it
    assert (bridge.state / "bridge.key").read_text() != key and bridge_id(bridge) != old
    office.server.command("bridge", "revoke", old, "--reason", "kunci diganti")
    judge(office, bridge, case, "another key for a box", acknowledged)


def pins(bridge):
    return json.loads((bridge.state / "centre.json").read_text())["pins"]


def controls(office, bridge, cases, place):
    """What each section is about, left out on purpose; what is lost then is put right again where the next needs it."""
    cases["bridge"].bites(forgetful(bridge, office.anviz, office.server))
    bridge.stop()
    cases["centre"].bites(unanswered(office.server))
    cases["keys"].bites(keyless(office, place))
    cases["backup"].bites(half_restored(office, bridge, place))
    cases["repair"].bites(half_repaired(office, bridge))


def unanswered(server):
    """A box that forgets what it has sent, at a centre that dies before it has taken it in."""
    careless = Careless(server)
    point = "store.committing"
    before = said(server, point)
    server.stop()
    server.environment = arm(point)
    server.start()
    careless.send(6)
    struck(server, point, before)
    server.environment = {}
    server.start()
    return careless.lost()


def keyless(office, place):
    """A box that dies before it has kept anything of what it has asked for: its code is used, and it is nobody."""
    home = place / "keyless"
    home.mkdir()
    sim = Simulator("zkteco", home, ["tcp:127.0.0.1:0"], "--records", 20, "--seed", SEED, "--serial-number", "BWXP20126009")
    with running(sim):
        bridge = Bridge(home, [{"name": "lobi", "driver": "zkteco", "link": sim.links[0], "poll_s": 1}],
                        office.server.address, server="retry_base_s = 1\n")
        code = office.server.enrolment_code()
        died = bridge.enroll(code, check=False, environment=arm("enrolment.answered"))
        assert died.returncode == -signal.SIGKILL, died
        for path in bridge.state.iterdir():
            path.unlink()
        bridge.enroll(code, check=False)
        with running(bridge):
            def rests():
                status = bridge.status()
                return status.get("journal", {}).get("punches") == 20 and (
                    status["sync"]["state"] == "not-enrolled" or status["journal"]["queue"] == 0)
            until(rests, "all is journalled, and sent if it can be", step=0.1)
            return lost(confirmed_rows(bridge), office.server)


def half_restored(office, bridge, place):
    """The mark of a restore that was cut is swept away, and the centre begins anew with what is there."""
    server = office.server
    backups = place / "whole"
    backups.mkdir()
    server.command("backup", backups)
    (made,) = backups.glob("[!.]*")
    server.stop()
    shutil.rmtree(server.data)
    server.command("restore", made, check=False, environment=arm("restore.moving"))
    for draft in server.data.iterdir():
        shutil.rmtree(draft)
    server.start()
    server.add_office()
    missing = lost(office.confirm(bridge), server)
    server.stop()
    shutil.rmtree(server.data)
    server.command("restore", made)
    server.start()
    return missing


def half_repaired(office, bridge):
    """A repair is cut when the damaged journal has been set aside, and the box begins with nothing."""
    office.server.stop()
    bridge.start()
    known = terminal_rows(office.anviz)
    office.anviz.control("add", n=5)
    wanted = terminal_rows(office.anviz) - known
    until(lambda: bridge.status().get("journal", {}).get("queue", 0) >= len(wanted), "punches wait", step=0.1)
    until(lambda: wanted <= confirmed_rows(bridge), "all is confirmed", step=0.3)
    bridge.stop()
    office.anviz.control("clear")
    damage(bridge)
    point = "repair.aside"
    before = said(bridge, point)
    bridge.environment = arm(point)
    bridge.start()
    struck(bridge, point, before)
    bridge.environment = {}
    shutil.rmtree(bridge.state / "repair.ready")
    office.server.start()
    bridge.start()
    settled(bridge)
    return lost(wanted, office.server)


def every_point_is_tried():
    named = set(re.findall(r'case \w+ = "([a-z.-]+)"', SOURCE.read_text()))
    tried = set(BRIDGE + CENTRE + REPAIR + BACKUP + RESTORE + ENROLMENT + ROTATION + KEYS)
    assert named == tried, f"not tried: {named - tried}; not named: {tried - named}"
    return len(named)


def all_points(place, cases, dice):
    office = Office(place)
    with running(office.zk, office.anviz, office.server):
        office.server.add_office()
        bridge = office.box()
        bridge.enroll(office.server.enrolment_code())
        with running(bridge):
            settled(bridge)
            at_the_bridge(office, bridge, cases["bridge"], dice)
            at_the_centre(office, bridge, cases["centre"], dice)
            in_a_repair(office, bridge, cases["repair"])
            in_a_backup(office, bridge, cases["backup"], place)
            keys_of_a_centre(office, bridge, cases["keys"], place)
            rotation(office, bridge, cases["keys"])
            another_key_for_a_box(office, bridge, cases["keys"])
            keys_of_a_box(office, cases["keys"], place)
            controls(office, bridge, cases, place)


def main():
    dice = random.Random(SEED)
    count = every_point_is_tried()
    print(f"crash points: {count} points, ROUNDS={ROUNDS} SEED={SEED}", flush=True)
    cases = {where: Case("crash_points", f"process killed at a named step: {words}", where) for where, words in (
        ("bridge", "reading, journal, sending"), ("centre", "taking in"), ("repair", "repair of the journal"),
        ("backup", "backup and restore"), ("keys", "keys and enrolment"))}
    for number in range(ROUNDS):
        with folder() as place:
            all_points(place, cases, dice)
        print(f"  round {number + 1} passed", flush=True)
    for case in cases.values():
        case.write()
    print(f"crash points: {count} passed, 0 failed")


if __name__ == "__main__":
    sys.exit(main())
