#!/usr/bin/env python3
"""`make run`: the whole bridge on simulated terminals, line by line.

Starts the server, enrols an office, starts a ZKTeco terminal over TCP and an Anviz terminal on a
serial pty with live punches, runs `titiand` on both, and stops the server for a while. Ends on
Ctrl-C, or by itself after RUN_SECONDS with exit 0 only if every punch is counted exactly once.
"""

import os
import pathlib
import secrets
import shutil
import signal
import socket
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tests/Rigs"))

from titian_rig import OFFICE, Bridge, Server, Simulator, differences, running, until  # noqa: E402

PLACE = ROOT / ".build-run"
SECONDS = float(os.environ.get("RUN_SECONDS", 0))


class Interrupted(Exception):
    pass


def interrupt(*_):
    raise Interrupted


def say(text):
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def free_port(wanted):
    """The usual port if nobody has it, else any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
            return wanted
        except OSError:
            return 0


class Demo:
    def __init__(self):
        shutil.rmtree(PLACE, ignore_errors=True)
        PLACE.mkdir()
        self.zk = Simulator(
            "zkteco", PLACE, ["tcp:127.0.0.1:0"], "--records", 400, "--users", 30, "--seed", 1,
            "--serial-number", "BWXP20126001", "--live", 1)
        self.anviz = Simulator(
            "anviz", PLACE, [f"pty:{PLACE}/ttyANVIZ"], "--records", 250, "--users", 20, "--seed", 2,
            "--serial-number", "3005000012345678", "--live", 0.5)
        self.sims = [self.zk, self.anviz]
        self.server = Server(PLACE, free_port(8443))
        self.password = secrets.token_urlsafe(9)

    def prepare(self):
        """The office, the operator and the enrolment, as a BKD and a technician do it."""
        self.server.add_office()
        self.server.command(
            "user", "add", "operator", "--role", "administrator", stdin=self.password + "\n")
        self.bridge = Bridge(PLACE, [
            {"name": "lobi", "driver": "zkteco", "link": self.zk.links[0], "poll_s": 5},
            {"name": "gudang", "driver": "anviz", "link": self.anviz.links[0], "poll_s": 5},
        ], self.server.address, server="retry_base_s = 2\n")
        self.bridge.enroll(self.server.enrolment_code())
        say(f"office {OFFICE} enrolled; lobi = ZKTeco over TCP, gudang = Anviz on a serial pty")
        say(f"page: {self.server.address}   user: operator   password: {self.password}")

    def figures(self):
        made = sum(sim.control("stats")["records"] for sim in self.sims)
        status = self.bridge.status()
        return made, status["journal"]["punches"], status["journal"]["receipted_punches"]

    def show(self):
        made, kept, receipted = self.figures()
        note = "" if self.server.is_running else "   (server stopped: punches wait on disk)"
        say(f"punches made {made:5}   on disk {kept:5}   receipted {receipted:5}{note}")
        return made, kept, receipted

    def watch(self, seconds):
        end = time.monotonic() + seconds if seconds else None
        while end is None or time.monotonic() < end:
            self.show()
            time.sleep(2)

    def play(self):
        span = SECONDS if SECONDS else 60
        until(lambda: self.bridge.titian("status", "--json", check=False).stdout, "titiand answers")
        self.watch(span * 0.25)
        self.server.stop()
        say("the server is stopped; collecting goes on")
        self.watch(span * 0.25)
        self.server.start()
        say("the server is back")
        self.watch(span * 0.25 if SECONDS else 0)

    def count(self):
        """Ends the live punches and compares the centre with the terminals."""
        for sim in self.sims:
            sim.control("live", rate=0)
        expected = []
        for sim in self.sims:
            terminal = sim.ready["terminal"]
            expected += [(terminal, pin, when) for pin, when in sim.log_rows()]
        try:
            until(lambda: len(self.server.punches()) >= len(expected), "all at the centre", 60, 1)
        except TimeoutError:
            pass
        self.show()
        counted = [(p["terminal"], p["pin"], p["time"]) for p in self.server.punches()]
        wrong = differences(expected, counted)
        say(f"{len(expected)} punches made, {len(counted)} counted at the centre: "
            + ", ".join(f"{len(rows)} {what}" for what, rows in wrong.items()))
        return 0 if not any(wrong.values()) else 1


def main():
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    demo = Demo()
    try:
        with running(*demo.sims, demo.server):
            demo.prepare()
            with running(demo.bridge):
                demo.play()
                return demo.count() if SECONDS else 0
    except Interrupted:
        say("stopped")
        return 0


if __name__ == "__main__":
    sys.exit(main())
