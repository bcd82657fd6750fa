#!/usr/bin/env python3
"""A full disk, one without room for files, and one that takes no writes: all goes on by itself.

The state folder lies on a small file system in memory, so this needs root; without it nothing is tested.
While the disk is full the entries that wait go to the centre, no punch is confirmed, and `titian status`
says what is wrong. Within 30 s of space coming back (10 s of writes being taken) a new punch is
journalled, and in the end the centre counts each once.

The control is a titiand that does not hear what the disk answers (unheard.c): it confirms what is not there.
"""

import os
import subprocess
import sys
import time

import flaky_mount
from controls import deaf
from oracle import Case, confirmed_rows, terminal_rows
from titian_rig import Bridge, Server, Simulator, folder, running, until

CASE = Case("full_disk", "disk full, no room for files, disk read-only at the start", "bridge")


def fill(state):
    with open(state / "ballast", "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass


def fill_files(state):
    try:
        for number in range(100_000):
            (state / f"ballast.{number}").touch()
    except OSError:
        pass


def empty(state):
    for path in state.glob("ballast*"):
        path.unlink()


def remount(state, mode):
    subprocess.run(["mount", "-o", f"remount,{mode}", str(state)], check=True)


FAULTS = {
    "full": (fill, empty, 30),
    "no room for files": (fill_files, empty, 30),
}


def one(name, server, bridge, sim):
    begin, end, limit = FAULTS[name]
    punches = bridge.status()["journal"]["punches"]
    server.stop()
    sim.control("add", n=40)
    until(lambda: bridge.status()["journal"]["punches"] == punches + 40, "40 punches wait", step=0.2)
    acknowledged = confirmed_rows(bridge)
    begin(bridge.state)
    sim.control("add", n=900)
    if name != "no room for files":  # that needs no file, and goes on
        until(lambda: (bridge.status()["terminals"][0].get("problem") or {}).get("code", "").startswith("store."),
              f"{name}: the operator sees it", step=0.2)
        kept = bridge.status()["journal"]["punches"]
        assert kept < punches + 940, f"{name}: nothing was refused, this rig does not bite"
    server.start()
    until(lambda: bridge.status()["journal"]["queue"] == 0, f"{name}: what waits is sent", step=0.2)
    end(bridge.state)
    start = time.monotonic()
    until(lambda: bridge.status()["journal"]["punches"] == punches + 940, f"{name}: reads again", step=0.2)
    seconds = time.monotonic() - start
    assert seconds < limit, f"{name}: {seconds:.1f} s"
    until(lambda: bridge.status()["journal"]["queue"] == 0, f"{name}: all is sent", step=0.2)
    issued = terminal_rows(sim)
    CASE.round(happened=name, acknowledged=acknowledged, issued=issued, server=server, bridge=bridge, seconds=seconds,
               alive=max(issued, key=lambda row: row[2]))
    print(f"  {name}: reads again after {seconds:.1f} s", flush=True)


def read_only(server, bridge, sim):
    """A disk that takes no writes when the daemon starts: it waits, and is there once it does."""
    punches = bridge.status()["journal"]["punches"]
    bridge.stop()
    remount(bridge.state, "ro")
    bridge.start()
    sim.control("add", n=40)
    time.sleep(5)
    assert bridge.is_running, f"titiand gave up: {bridge.log.read_text()[-300:]}"
    remount(bridge.state, "rw")
    start = time.monotonic()
    until(lambda: bridge.status().get("journal", {}).get("punches") == punches + 40, "read-only: reads again", step=0.2)
    seconds = time.monotonic() - start
    assert seconds < 10, f"read-only: {seconds:.1f} s"
    until(lambda: bridge.status()["journal"]["queue"] == 0, "read-only: all is sent", step=0.2)
    CASE.round(happened=True, acknowledged=terminal_rows(sim), issued=terminal_rows(sim), server=server, bridge=bridge,
               seconds=seconds)
    print(f"  read-only: reads again after {seconds:.1f} s", flush=True)


def control(server, bridge, sim, place):
    """On a full disk, heard by nobody; then the daemon dies. The terminal has still got what is lost."""
    before = bridge.status()["journal"]["punches"]
    server.stop()
    bridge.stop()
    bridge.environment = deaf(place, to="errors")
    bridge.start()
    fill(bridge.state)
    sim.control("add", n=900)
    said = before + 900
    until(lambda: bridge.status()["journal"]["punches"] == said, "confirmed all the same", step=0.2)
    bridge.kill()
    ((kept,),) = flaky_mount.rows(bridge.state / "journal.db", "SELECT count(*) FROM entry WHERE counts = 1")
    CASE.bites(said - kept)
    print(f"  control: who does not hear that the disk is full has lost {said - kept}", flush=True)
    empty(bridge.state)
    bridge.environment = {}
    server.start()
    bridge.start()
    until(lambda: bridge.status().get("journal", {}).get("receipted_punches") == said, "read again", step=0.2)


def main():
    if os.geteuid() != 0:
        print("full disk: skipped, it needs root")
        return
    with folder() as place:
        sim = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", "300", "--users", "30", "--seed", "7",
                        "--serial-number", "BWXP20126007")
        server = Server(place)
        with running(sim, server):
            server.add_office()
            bridge = Bridge(place, [{"name": "lobi", "driver": "zkteco", "link": sim.links[0], "poll_s": 1}],
                            server.address, server="retry_base_s = 1\n")
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m,nr_inodes=200", "tmpfs", str(bridge.state)],
                           check=True)
            try:
                bridge.enroll(server.enrolment_code())
                with running(bridge):
                    until(lambda: bridge.status()["journal"]["receipted_punches"] >= 300, "all is receipted", step=0.2)
                    control(server, bridge, sim, place)
                    for name in FAULTS:
                        one(name, server, bridge, sim)
                    read_only(server, bridge, sim)
                CASE.write()
            finally:
                subprocess.run(["umount", "-l", str(bridge.state)], check=True)
    print(f"full disk: {len(FAULTS) + 1} passed, 0 failed")


if __name__ == "__main__":
    sys.exit(main())
