"""Programs and boxes that break the promise on purpose: a rig that sees no loss with them proves nothing.

What they lose goes to `Case.bites`, which fails if it is nothing.
"""

import contextlib
import http.client
import pathlib

from oracle import confirmed_rows, counted_rows, settled, terminal_rows
from paper_bridge import Line, PaperBridge
from titian_rig import OFFICE, differences, run, until

SOURCE = pathlib.Path(__file__).with_name("unheard.c")
OTHER = "sdn-contoh-dua"


def lost(expected, server, office=OFFICE):
    """How many of these the centre does not count."""
    return len(differences(expected, counted_rows(server, office))["lost"])


def deaf(place, to):
    """The environment of a program that flushes nothing (to "flushes"), or does not hear what a disk answers ("errors")."""
    library = place / "unheard.so"
    if not library.exists():
        run("gcc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl")
    return {"LD_PRELOAD": str(library), "UNHEARD": to}


class Careless(PaperBridge):
    """A box that takes for received what it has sent, whatever comes back, and forgets it.

    Each call is a journal of its own, so that what is missing was lost in that call and not behind a gap.
    """

    number = 0

    def __init__(self, server, office=OTHER):
        super().__init__(office)
        Careless.number += 1
        self.terminal = f"zkteco:LALAI{Careless.number:06}"
        self.server, self.told = server, set()
        code = server.enrolment_code(office)["code"]
        status, answer = Line(server.address).enrol(self.enrolment(code))
        assert status == 200, answer
        self.send()
        assert not self.lost(), "it loses something on a good line"

    def send(self, count=1, line=None):
        """So many new punches in one call over this line, once."""
        calls = self.calls
        super().__init__(self.office, self.key)
        self.calls = calls
        for n in range(len(self.told), len(self.told) + count):
            row = (self.terminal, str(n + 1), f"2026-11-21T08:{n // 60:02}:{n % 60:02}")
            self.punch(*row)
            self.told.add(row)
        line = line or Line(self.server.address)
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
            line.sync(self.call())
        line.close()

    def lost(self):
        return lost(self.told, self.server, self.office)


def forgetful(bridge, sim, server):
    """A box whose journal dies with it, at a terminal that forgets what it was told is kept; returns what is lost."""
    server.stop()
    known = terminal_rows(sim)
    sim.control("add", n=5)
    wanted = terminal_rows(sim) - known
    until(lambda: wanted <= confirmed_rows(bridge), "all is confirmed", step=0.3)
    bridge.kill()
    sim.control("clear")
    for path in bridge.state.glob("journal.*"):
        path.unlink()
    server.start()
    bridge.start()
    settled(bridge)
    return lost(wanted, server)
