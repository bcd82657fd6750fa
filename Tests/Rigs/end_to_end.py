#!/usr/bin/env python3
"""Every punch counted exactly once, whatever is killed.

Two simulated terminals (ZKTeco over TCP, Anviz over a serial pty) hold and make 20,000 punches
while `titiand` is killed with SIGKILL ten times and the server three times at random moments.
In the end the centre's `punches` must equal the terminals' logs exactly, and no terminal was ever
disabled, cleared or set. SEED repeats a run; PUNCHES, KILLS and RESTARTS change its size.

The controls under the same kills: a box that forgets what it has sent, answered or not, and one whose journal
dies with it. Both must lose.
"""

import os
import random
import sys
import time

from controls import Careless, forgetful
from oracle import Case, confirmed_rows, counted_rows
from titian_rig import Bridge, Server, Simulator, differences, folder, running, until

PUNCHES = int(os.environ.get("PUNCHES", 20_000))
KILLS = int(os.environ.get("KILLS", 10))
RESTARTS = int(os.environ.get("RESTARTS", 3))
SEED = int(os.environ.get("SEED", time.time_ns() % 1_000_000))


def terminals(place):
    stored = PUNCHES // 2 - PUNCHES // 10
    zk = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", stored, "--users", 60,
                   "--seed", SEED, "--serial-number", "BWXP20126001", "--comm-key", 4711)
    anviz = Simulator("anviz", place, [f"pty:{place}/ttyANVIZ"], "--records", stored, "--users", 40,
                      "--seed", SEED + 1, "--serial-number", "3005000012345678")
    for sim in (zk, anviz):
        sim.arguments = [str(a) for a in sim.arguments]
    return zk, anviz


def expected_rows(sims):
    rows = []
    for sim in sims:
        terminal = sim.ready["terminal"]
        rows += [(terminal, pin.lstrip("0") or "0", when) for pin, when in sim.log_rows()]
    return rows


def add_punches(sims, how_many, dice):
    """Live punches, one person a second at most, as a real terminal would make them."""
    for sim in sims:
        sim.control("add", n=how_many + dice.randrange(3))


def comparison(expected):
    """The comparison itself must be able to fail, or it has proved nothing."""
    assert differences(expected, expected[1:])["lost"], "a lost punch must be found"
    assert differences(expected, expected + expected[:1])["double"], "a double punch must be found"
    odd = expected[:-1] + [("zkteco:X", "1", "2026-01-01T00:00:00")]
    assert differences(expected, odd)["invented"], "an invented punch must be found"


def storm(server, bridge, sims, careless, dice):
    """Kills in a random order at random moments while punches go on; whoever is careless sends while all is dead."""
    blows = ["bridge"] * KILLS + ["server"] * RESTARTS
    dice.shuffle(blows)
    share = PUNCHES // 5 // 2 // max(1, len(blows)) + 1
    for number, blow in enumerate(blows, 1):
        add_punches(sims, share, dice)
        time.sleep(dice.uniform(0.05, 2.5))
        victim = bridge if blow == "bridge" else server
        victim.kill()
        print(f"  {number:2}/{len(blows)} killed the {blow}", flush=True)
        careless.send()
        add_punches(sims, 3, dice)
        time.sleep(dice.uniform(0, 0.7))
        victim.start()


def main():
    dice = random.Random(SEED)
    print(f"end to end: {PUNCHES} punches, {KILLS} + {RESTARTS} kills, SEED={SEED}", flush=True)
    with folder() as place:
        zk, anviz = sims = terminals(place)
        server = Server(place)
        with running(zk, anviz, server):
            server.add_office()
            key = place / "lobi.key"
            key.write_text("4711\n")
            key.chmod(0o600)
            bridge = Bridge(place, [
                {"name": "lobi", "driver": "zkteco", "link": zk.links[0], "poll_s": 1,
                 "comm_key_file": str(key)},
                {"name": "gudang", "driver": "anviz", "link": anviz.links[0], "poll_s": 1},
            ], server.address, server="retry_base_s = 1\n")
            bridge.enroll(server.enrolment_code())
            with running(bridge):
                careless = Careless(server)
                storm(server, bridge, sims, careless, dice)
                expected = expected_rows(sims)
                comparison(expected)
                until(lambda: len(server.punches()) >= len(expected), "all punches arrive",
                      seconds=300, step=1)
                wrong = differences(expected, counted_rows(server))
                verdict = {what: rows[:3] for what, rows in wrong.items() if rows}
                assert not verdict, f"{ {k: len(v) for k, v in wrong.items()} } e.g. {verdict}"
                case = Case("end_to_end", "bridge and centre killed at random moments", "both")
                case.round(happened=KILLS + RESTARTS, acknowledged=confirmed_rows(bridge), issued=expected,
                           server=server, bridge=bridge)
                case.rounds = KILLS + RESTARTS
                for sim in sims:
                    stats = sim.control("stats")
                    touched = {k: stats[k] for k in ("disabled", "cleared", "clock_set")}
                    assert not any(touched.values()), f"a terminal was touched: {touched}"
                verified = server.command("verify", check=False)
                assert verified.returncode == 0, verified.stdout + verified.stderr
                case.bites(careless.lost())
                case.bites(forgetful(bridge, anviz, server))
                case.write()
            assert bridge.stop() == 0, "titiand ends with 0 on SIGTERM"
        print(f"  {len(expected)} punches, 0 lost, 0 double")
    print("end to end: 1 passed, 0 failed")


if __name__ == "__main__":
    sys.exit(main())
