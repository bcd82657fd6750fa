"""What the checks in a guest share: counting, simulated terminals, and running them one after the other."""

import threading
import time

from guest import Guest
from office import Office, programs     # before the next, which it makes findable
from titian_rig import Simulator, differences, folder, until

# Seconds from the plug to the first bytes of a read. The back-off alone would make it 30.
READ_AGAIN = 5


class Cases:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, condition, what, seen=""):
        self.passed += bool(condition)
        self.failed += not condition
        if not condition:
            print(f"  FAILED: {what}\n    {str(seen)[:800]}", flush=True)


def terminal(place, serial, records, seed):
    """A simulated Anviz terminal with a TCP port, where the cable begins."""
    (place / serial).mkdir()
    return Simulator("anviz", place / serial, ["tcp:127.0.0.1:0"], "--records", records, "--users", 20,
                     "--seed", seed, "--serial-number", serial)


def rows(sim):
    """The terminal's log as the journal should have it."""
    return [(sim.ready["terminal"], pin.lstrip("0") or "0", when) for pin, when in sim.log_rows()]


def in_mid_read(device, action, after=2_000):
    """Does `action` on a thread of its own once so many bytes of a read have come; join the result."""
    device.sent = 0

    def wait():
        until(lambda: device.sent > after, "the middle of a read", 60, step=0.005)
        action()
    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def wrong(sims, stored):
    """What is lost, double or invented in the journal, a few of each; empty if nothing is."""
    expected = [row for sim in sims for row in rows(sim)]
    return {what: found[:3] for what, found in differences(expected, stored).items() if found}


def run_checks(name, checks, shares=None, console=None, box=Office):
    """Runs checks in one guest and says how many passed; the exit status."""
    cases = Cases()
    shares = shares or programs()
    with folder() as place, Guest(shares=shares, readonly=shares, console=console) as guest:
        print(f"  guest restored in {guest.seconds:.1f} s", flush=True)
        office = box(guest)
        for check in checks:
            start = time.monotonic()
            try:
                check(cases, guest, office, place)
            except Exception:
                print(f"  what titiand said last:\n{office.log()[-3000:]}", flush=True)
                raise
            print(f"  {check.__name__.replace('_', ' ')}: {time.monotonic() - start:.0f} s", flush=True)
    print(f"{name}: {cases.passed} passed, {cases.failed} failed")
    return 1 if cases.failed else 0
