"""What must hold after any fault, asked the same way in every rig; and the row it leaves in the table.

After each round five things are asked: what the box had confirmed is counted at the centre; nothing is
counted that no terminal made, and nothing twice; every line at the centre is the line that the box wrote,
byte by byte, and all chains verify; a punch made after the fault arrives; and the fault really happened.
A control, in which the promise is broken on purpose, must lose: else the rig proves nothing.

`scripts/durability.py` makes docs/reference/durability.md out of what `Case.write` leaves.
"""

import datetime
import json
import os
import re
import time

from titian_rig import OFFICE, ROOT, differences, until

RESULTS = ROOT / ".build-rigs/durability"


def identity(terminal, pin, when):
    """A punch as the centre counts it: leading zeros of a number are nothing."""
    return (terminal, (pin.lstrip("0") or "0") if pin.isdigit() else pin, when)


def terminal_rows(sim):
    """Every punch a simulated terminal holds now, as the centre should count it."""
    return {identity(sim.ready["terminal"], pin, when) for pin, when in sim.log_rows()}


def counted_rows(server, office=OFFICE):
    """Every punch the centre counts, with doubles if there are any."""
    return [(p["terminal"], p["pin"], p["time"]) for p in server.punches(office)]


def journal_lines(bridge):
    """The entries on the box's disk, by sequence number; verbatim. The daemon may run or not."""
    text = bridge.titian("journal", "export", timeout=300).stdout
    return {json.loads(line)["seq"]: line for line in text.splitlines()}


def confirmed_rows(bridge):
    """What the box has confirmed on its disk: the punches of its journal."""
    entries = map(json.loads, journal_lines(bridge).values())
    return {identity(e["terminal"], e["pin"], e["time"]) for e in entries if e["kind"] == "punch"}


def settled(bridge, what="everything is receipted", seconds=90):
    """Waits until nothing waits on the box and all its terminals answer."""
    def is_done():
        status = bridge.status()
        return (status.get("journal", {}).get("queue") == 0 and status["sync"]["state"] == "idle"
                and all(t["state"] == "online" for t in status["terminals"]))
    until(is_done, what, seconds=seconds, step=0.2)


class Broken(AssertionError):
    """One of the five properties does not hold."""


class Case:
    """One kind of fault, over all its rounds: a row of docs/reference/durability.md.

    `rig` is the file's name without .py, `fault` the words of the row, `where` "bridge", "centre" or "line".
    """

    def __init__(self, rig, fault, where):
        self.rig, self.fault, self.where = rig, fault, where
        self.rounds = self.acknowledged = self.lost = self.double = 0
        self.seconds = 0.0
        self.control = None
        self.started = time.monotonic()

    def round(self, *, happened, acknowledged, issued, server, seconds=0.0, alive=None, bridge=None, office=OFFICE):
        """Judges one round; raises `Broken` with everything that is wrong.

        happened: evidence that the fault struck (true, or what was seen). acknowledged: punches confirmed on
        disk before it. issued: every punch that any terminal ever made. alive: a punch made after the fault,
        which must be counted by now. bridge: its journal's lines must equal the centre's. seconds: from the
        end of the fault to work again.
        """
        counted = counted_rows(server, office)
        found = differences(set(acknowledged), counted)
        invented = sorted(set(counted) - set(issued))
        wrong = []
        if not happened:
            wrong.append("the fault did not happen: this round proves nothing")
        if found["lost"]:
            wrong.append(f"{len(found['lost'])} acknowledged and not counted, e.g. {found['lost'][:3]}")
        if found["double"]:
            wrong.append(f"{len(found['double'])} counted twice, e.g. {found['double'][:3]}")
        if invented:
            wrong.append(f"{len(invented)} counted that no terminal made, e.g. {invented[:3]}")
        if alive is not None and alive not in counted:
            wrong.append(f"a punch made after the fault is not counted: {alive}")
        wrong += self.payload(server, bridge)
        self.rounds += 1
        self.acknowledged += len(set(acknowledged))
        self.lost += len(found["lost"])
        self.double += len(found["double"])
        self.seconds = max(self.seconds, seconds)
        if wrong:
            raise Broken(f"{self.fault}, round {self.rounds}: " + "; ".join(wrong))

    @staticmethod
    def payload(server, bridge):
        """Chains that verify, and the box's lines at the centre as the box wrote them."""
        done = server.command("verify", check=False, timeout=600)
        wrong = [] if done.returncode == 0 else [f"verify: {done.stdout[-300:]}{done.stderr[-300:]}"]
        if bridge is not None:
            written = set(journal_lines(bridge).values())
            kept = set(server.lines())
            if missing := written - kept:
                wrong.append(f"{len(missing)} lines differ at the centre, e.g. {sorted(missing)[0]}")
        return wrong

    def bites(self, lost):
        """Notes what the control lost; raises `Broken` if it was nothing."""
        self.control = (self.control or 0) + lost
        if not lost:
            raise Broken(f"{self.fault}: the control lost nothing, so this rig proves nothing")

    def write(self):
        """Leaves the row, for the table; raises `Broken` if no control has shown that it could be another."""
        if self.control is None:
            raise Broken(f"{self.fault}: there is no control, so this rig proves nothing")
        RESULTS.mkdir(parents=True, exist_ok=True)
        row = {
            "rig": self.rig, "fault": self.fault, "where": self.where, "rounds": self.rounds,
            "acknowledged": self.acknowledged, "lost": self.lost, "double": self.double,
            "recovery_s": round(self.seconds, 1), "control_lost": self.control,
            "date": datetime.date.today().isoformat(), "programs": "release" if "release" in os.environ.get("BIN", "") else "debug",
        }
        name = re.sub(r"[^a-z0-9]+", "-", f"{self.rig} {self.fault}".lower()).strip("-")
        (RESULTS / f"{name}.json").write_text(json.dumps(row, indent=1) + "\n")
        control = "" if self.control is None else f", the control loses {self.control}"
        print(f"  {self.fault}: {self.rounds} rounds, {self.acknowledged} acknowledged, {self.lost} lost, "
              f"{self.double} double, works again after {self.seconds:.1f} s at most{control}", flush=True)
