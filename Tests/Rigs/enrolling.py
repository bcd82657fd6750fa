#!/usr/bin/env python3
"""Keys and codes: a code enrols one box, whoever else tries at the same moment; a box is replaced and the old one shut out.

A hundred boxes with different keys hold one code and send it at the same instant over real TLS: one is enrolled,
the others hear `code-used`, and the one that won may ask again. A code whose time is over enrols nobody, and a code
of another office is not even sent. Then a box is replaced as docs/how-to/replace-the-box.md says, with real daemons:
the old one hears `key-revoked`, keeps what it has and says so, its stick is refused by name; a new code brings it
back, and what it alone had (the terminal was cleared meanwhile) is counted. The control: a centre whose books
forget that a code was used has more than one winner.

FULL=1 races for a hundred codes instead of five.
"""

import json
import os
import sqlite3
import threading
import time

from oracle import Broken, Case, identity, terminal_rows
from paper_bridge import Line, PaperBridge
from titian_rig import OFFICE, Bridge, Server, Simulator, folder, running, until

CODES = 100 if os.environ.get("FULL") else 5
RACERS = 100
OTHER = "sdn-contoh-dua"
TERMINAL = "zkteco:BWXP20126001"


def race(server, code, racers=RACERS):
    """All send the same code at one instant, each over its own line; who heard what."""
    boxes = [PaperBridge(OFFICE) for _ in range(racers)]
    bodies = [box.enrolment(code) for box in boxes]
    heard = [None] * racers
    start = threading.Barrier(racers)

    def one(n):
        line = Line(server.address)
        line.connection.connect()
        start.wait(60)
        heard[n] = line.enrol(bodies[n])
        line.close()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return boxes, heard


def winner(boxes, heard):
    """The one box that was enrolled; raises `Broken` if there is none, or more."""
    won = [box for box, (status, _) in zip(boxes, heard) if status == 200]
    others = {(status, answer["code"]) for status, answer in heard if status != 200}
    if len(won) != 1 or others - {(403, "code-used")}:
        raise Broken(f"{len(won)} were enrolled by one code; the others heard {others}")
    return won[0]


def bridges(server, office=OFFICE):
    lines = server.command("bridge", "list", "--office", office, "--json").stdout.splitlines()
    return {bridge["bridge"]: bridge for bridge in map(json.loads, lines)}


def racing(server):
    case = Case("enrolling", f"{RACERS} boxes race for one code", "centre")
    line = Line(server.address)
    rows = set()
    for n in range(CODES):
        code = server.enrolment_code()["code"]
        before = set(bridges(server))
        boxes, heard = race(server, code)
        box = winner(boxes, heard)
        assert set(bridges(server)) - before == {box.key.id}, "the books know another one"
        # Its answer may have been lost on the way: it hears the same again, and nobody else does.
        assert line.enrol(box.enrolment(code))[0] == 200
        assert line.enrol(PaperBridge(OFFICE).enrolment(code))[1]["code"] == "code-used"
        row = (TERMINAL, str(1_000 + n), "2026-11-21T08:00:00")
        box.punch(*row)
        assert line.sync(box.call())[0] == 200, "the one that won cannot send"
        rows.add(row)
        loser = next(b for b in boxes if b is not box)
        loser.punch(TERMINAL, "666", "2026-11-21T08:00:00")
        assert line.sync(loser.call())[1]["code"] == "key-unknown", "one that lost can send"
        case.round(happened=len(heard) == RACERS, acknowledged=rows, issued=rows, server=server)
    case.bites(forgetful(server))
    case.write()


def forgetful(server):
    """The control: how many more than one win where the books forget that a code was used."""
    code = server.enrolment_code()["code"]
    server.stop()
    with sqlite3.connect(server.data / "centre.db") as books:
        books.execute("CREATE TRIGGER forget AFTER UPDATE ON code BEGIN"
                      " UPDATE code SET used_by = NULL, used_at = NULL WHERE secret = new.secret; END")
    books.close()
    server.start()
    boxes, heard = race(server, code)
    try:
        winner(boxes, heard)
        more = 0
    except Broken:
        more = sum(status == 200 for status, _ in heard) - 1
    server.stop()
    with sqlite3.connect(server.data / "centre.db") as books:
        books.execute("DROP TRIGGER forget")
    books.close()
    server.start()
    return more


def bound(server, place):
    """Expired codes, unknown codes, and codes of another office."""
    line = Line(server.address)
    late = json.loads(server.command("enroll-code", "--office", OFFICE, "--days", "0", "--json").stdout)["code"]
    assert line.enrol(PaperBridge(OFFICE).enrolment(late))[1]["code"] == "code-expired"
    code = server.enrolment_code(OTHER)
    box = Bridge(made(place, "other"), [], code["url"])
    refused = box.titian("enroll", code["url"], "-", stdin=code["code"], check=False)
    assert refused.returncode == 2 and f"untuk kantor '{OTHER}'" in refused.stderr, refused
    assert not (box.state / "centre.json").exists() and not bridges(server, OTHER), "the code was sent"
    # A box cannot say for which office it asks: the centre takes that from the code alone.
    forged = PaperBridge(OFFICE)
    status, answer = line.enrol(forged.enrolment(code["code"]))
    assert status == 200 and answer["office"] == OTHER and forged.key.id in bridges(server, OTHER), answer
    assert forged.key.id not in bridges(server), "enrolled for an office the code is not for"
    forged.punch(TERMINAL, "9", "2026-11-21T09:00:00")
    before = server.punches()
    assert line.sync(forged.call())[0] == 200
    assert server.punches() == before, "a box of one office has counted a punch of another's terminal"
    print("  a code whose time is over enrols nobody; a code counts for its own office alone", flush=True)


def made(place, name):
    path = place / name
    path.mkdir()
    return path


def replacing(server, place):
    """The old box is shut out while it lives; the new one reads what the terminal holds."""
    case = Case("enrolling", "a box is replaced and the old one shut out", "bridge")
    sim = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", 300, "--seed", 5, "--serial-number", "REPL0000001")
    with running(sim):
        terminals = [{"name": "lobi", "driver": "zkteco", "link": sim.links[0], "poll_s": 1}]
        old = Bridge(made(place, "old"), terminals, server.address, server="retry_base_s = 1\n")
        old.enroll(server.enrolment_code())
        name = json.loads((old.state / "centre.json").read_text())["bridge"]
        with running(old):
            until(lambda: counted(server) >= terminal_rows(sim), "the old box brings the log")
            courier = place / "old-before.courier"
            old.titian("export", courier)
            server.command("bridge", "revoke", name, "--reason", "kotak diganti")
            sim.control("add", n=40)
            issued = terminal_rows(sim)
            status = until(lambda: shut_out(old), "the old box hears that it is shut out")
            assert status["journal"]["queue"] > 0, status["journal"]
            begun = time.monotonic()
            kept_back = issued - counted(server)
            assert len(kept_back) == 40, "the centre has taken from a box that is shut out"
            for stick in [courier, exported(old, place / "old-after.courier")]:
                done = server.command("accept", stick, "--json", check=False)
                assert done.returncode == 2 and json.loads(done.stdout)["refused"] == "key-revoked", done
            sim.control("clear")
            late = ("77", "2026-11-25T07:00:00")
            sim.control("add", pin=late[0], time=late[1])
            issued |= {identity(sim.ready["terminal"], *late)}
            time.sleep(3)  # the old box reads the new one too
        replacement(server, place, old, terminals, issued, kept_back, case, begun, sim)
    case.write()


def replacement(server, place, old, terminals, issued, kept_back, case, begun, sim):
    new = Bridge(made(place, "new"), terminals, server.address, server="retry_base_s = 1\n")
    new.enroll(server.enrolment_code())
    alive = identity(sim.ready["terminal"], "77", "2026-11-25T07:00:00")
    with running(new):
        until(lambda: alive in counted(server), "the new box brings what the terminal holds")
        assert not kept_back & counted(server), "the terminal was cleared: these are on the old box alone"
        case.bites(len(kept_back))
        shown = bridges(server)
        (gone,) = [b for b in shown.values() if b.get("reason") == "kotak diganti"]
        assert gone["revoked_at"] and gone["hostname"], gone
        # The disk of the old box was kept: a new code brings it back, and it brings what it alone has.
        used = old.enroll(server.enrolment_code(), check=False)
        assert used.returncode == 0, used
        with running(old):
            until(lambda: counted(server) >= issued, "the old box brings what it alone has")
            until(lambda: old.status()["journal"]["queue"] == 0, "everything on it is receipted")
            case.round(happened=True, acknowledged=issued, issued=issued | racers_rows(server), server=server,
                       seconds=time.monotonic() - begun, alive=alive, bridge=old)


def racers_rows(server):
    """What the first part of this rig has made."""
    return {row for row in counted(server) if row[0] == TERMINAL}


def exported(bridge, file):
    bridge.titian("export", file)
    return file


def shut_out(bridge):
    status = bridge.status()
    problem = status["sync"].get("last_problem") or {}
    return status if status["sync"]["state"] == "refused" and problem.get("code") == "key-revoked" else None


def counted(server):
    return {(p["terminal"], p["pin"], p["time"]) for p in server.punches()}


def main():
    with folder() as place:
        server = Server(place)
        with running(server):
            server.add_office()
            racing(server)
            bound(server, place)
            replacing(server, place)
    print("enrolling: passed")


if __name__ == "__main__":
    main()
