#!/usr/bin/env python3
"""A restored image and a copied card are recognised at the first contact, and the count stays right.

The state folder of a box is copied. First the box goes on, loses its card, and the copy is put back: once
with nothing waiting in it, once with entries that had waited when the copy was made. Then two boxes run
with one identity. Each time every punch must count once, and the console must say which of the two it was.
The controls keep the old image, and one of the two boxes, from beginning a new journal: punches must be missing then.
"""

import json
import shutil
import sqlite3
import sys
import time

from oracle import Case, settled, terminal_rows
from titian_rig import Bridge, Server, Simulator, differences, folder, running, until


def counted(server):
    return [(p["terminal"], p["pin"], p["time"]) for p in server.punches()]


def events(server):
    """What the console has written down of the office."""
    with sqlite3.connect(f"file:{server.data}/centre.db?mode=ro", uri=True) as book:
        return {code for (code,) in book.execute("SELECT code FROM event")}


def forked_at(server):
    with sqlite3.connect(f"file:{server.data}/centre.db?mode=ro", uri=True) as book:
        return book.execute("SELECT forked_at FROM bridge_status").fetchone()[0]


IMAGE = Case("images", "old image of the state folder restored", "bridge")
CLONE = Case("images", "two boxes with one identity", "bridge")


def collected(bridge, sim):
    newest = sim.log_rows()[-1][1]

    def is_there():
        done = bridge.titian("punches", "--json", "-n", "5", check=False)
        return any(json.loads(line)["time"] == newest for line in done.stdout.splitlines())
    until(is_there, "the newest punch is journalled", step=0.2)


def same(server, truth, name):
    wrong = {what: found[:2] for what, found in differences(truth, counted(server)).items() if found}
    assert not wrong, f"{name}: {wrong}"


def unmendable(bridge):
    """Where the new journal would be made, something lies that cannot be swept away."""
    (bridge.state / "repair.new/in the way").mkdir(parents=True)


def restored(place, waiting, blocked=False):
    """The card dies after the copy; what was punched since stands at the centre and in the terminal."""
    name = "an old image with a queue" if waiting else "an old image"
    sim = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", "400", "--users", "30", "--seed", "3",
                    "--serial-number", "BWXP20126003")
    server = Server(place)
    with running(sim, server):
        server.add_office()
        bridge = Bridge(place, [{"name": "lobi", "driver": "zkteco", "link": sim.links[0], "poll_s": 1}],
                        server.address, server="retry_base_s = 1\n")
        bridge.enroll(server.enrolment_code())
        with running(bridge):
            settled(bridge)
            if waiting:
                server.stop()
                sim.control("add", n=30)
                collected(bridge, sim)
        kept = place / "image"
        shutil.copytree(bridge.state, kept)
        if waiting:
            server.start()
        with running(bridge):
            sim.control("add", n=50)
            collected(bridge, sim)
            settled(bridge)
        truth = terminal_rows(sim)
        same(server, truth, "before")
        # The terminal forgets, so only what the centre has and the box brings can be counted.
        sim.control("clear")
        shutil.rmtree(bridge.state)
        shutil.copytree(kept, bridge.state)
        if blocked:
            unmendable(bridge)
        start = time.monotonic()
        with running(bridge):
            sim.control("add", n=20)
            if blocked:
                time.sleep(10)
                lost = differences(truth | terminal_rows(sim), counted(server))["lost"]
                IMAGE.bites(len(lost))
                print(f"  control: without a repair {len(lost)} are missing", flush=True)
                return
            collected(bridge, sim)
            until(lambda: any(r["cause"] == "forked" for r in bridge.status().get("repairs") or []),
                  f"{name}: recognised", seconds=60, step=0.3)
            settled(bridge)
            truth |= terminal_rows(sim)
            same(server, truth, name)
            IMAGE.round(happened=forked_at(server), acknowledged=truth, issued=truth, server=server, bridge=bridge,
                        seconds=time.monotonic() - start)
            assert forked_at(server), f"{name}: the console does not say so"
        assert server.command("verify", check=False).returncode == 0, name
    print(f"  {name}: {len(truth)} punches, each once", flush=True)


def cloned(place, blocked=False):
    """Two boxes with one identity, each with a terminal of its own."""
    sims = [Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", "200", "--users", "30", "--seed", str(n),
                      "--serial-number", f"BWXP2012600{n}") for n in (4, 5)]
    server = Server(place)
    with running(*sims, server):
        server.add_office()
        boxes = []
        for number, sim in enumerate(sims):
            home = place / f"box{number}"
            home.mkdir()
            boxes.append(Bridge(home, [{"name": "lobi", "driver": "zkteco", "link": sim.links[0], "poll_s": 1}],
                                server.address, server="retry_base_s = 1\nheartbeat_s = 30\n"))
        boxes[0].enroll(server.enrolment_code())
        with running(boxes[0]):
            settled(boxes[0])
        shutil.rmtree(boxes[1].state)
        shutil.copytree(boxes[0].state, boxes[1].state)
        if blocked:
            return one_unmended(boxes, sims, server)
        with running(*boxes):
            for _ in range(5):
                for box, sim in zip(boxes, sims):
                    sim.control("add", n=3)
                    collected(box, sim)
                    settled(box)
            truth = terminal_rows(sims[0]) | terminal_rows(sims[1])
            same(server, truth, "two boxes")
            until(lambda: "bridge-clone" in events(server), "the console says that there are two", step=0.5)
            CLONE.round(happened="bridge-clone" in events(server), acknowledged=truth, issued=truth, server=server)
            for box in boxes:
                assert len(box.status().get("repairs") or []) <= 1, "a journal is begun again and again"
        assert server.command("verify", check=False).returncode == 0
    print("  two boxes with one identity: each punch once, and the console says so", flush=True)


def one_unmended(boxes, sims, server):
    """The control: of two boxes with one identity one brings what it has, and the other keeps what it has."""
    for box in boxes:
        unmendable(box)
    # Whoever hears of the other first reads no more: so both read before they can call.
    server.stop()
    with running(*boxes):
        for sim in sims:
            sim.control("add", n=15)
        for box, sim in zip(boxes, sims):
            collected(box, sim)
        server.start()
        until(lambda: forked_at(server), "the centre sees that there are two", step=0.3)
        time.sleep(3)
        missing = differences(terminal_rows(sims[0]) | terminal_rows(sims[1]), counted(server))["lost"]
        CLONE.bites(len(missing))
        print(f"  control: two boxes without a repair: {len(missing)} are missing", flush=True)


def main():
    cases = [lambda p: restored(p, False, blocked=True), lambda p: cloned(p, blocked=True), lambda p: restored(p, False),
             lambda p: restored(p, True), cloned]
    with folder() as place:
        for number, case in enumerate(cases):
            home = place / str(number)
            home.mkdir()
            case(home)
    IMAGE.write()
    CLONE.write()
    print(f"images: {len(cases)} passed, 0 failed")


if __name__ == "__main__":
    sys.exit(main())
