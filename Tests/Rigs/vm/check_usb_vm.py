#!/usr/bin/env python3
"""Terminals on USB under a real kernel: ftdi_sio, udev, usbfs, and cables that are pulled.

A Debian guest (guest.py) gets device models plugged in over usb-redir; behind each is a simulated Anviz
terminal on the host. What a pseudo-terminal cannot show is looked at here: parity and speed as the adapter
received them, names by udev, the numbers of ports that come back, and the kernel's view of an unplug.
"""

import collections
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from devices import FT232R  # noqa: E402
from guest import Guest  # noqa: E402
from office import Office, path_of, serial_link, shares  # noqa: E402
from titian_rig import Simulator, differences, folder, running, until  # noqa: E402
from wires import Wire  # noqa: E402


# A terminal that is gone is tried again after 30 s at most.
READ_AGAIN = 32


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


def adapter(sim, far_end, serial):
    """An FT232R with the terminal on its serial side."""
    return FT232R(Wire(sim.links[0]), far_end, serial)


def rows(sim):
    """The terminal's log as the journal should have it."""
    return [(sim.ready["terminal"], pin.lstrip("0") or "0", when) for pin, when in sim.log_rows()]


def plug(guest, device):
    """Plugs an adapter in and waits for its name."""
    guest.plug(device)
    name = path_of(serial_link(device))
    guest.until(f"test -c {name}", f"udev makes {name}")
    return guest.run(f"readlink -f {name}").stdout.strip()


def settings_reach_the_adapter(cases, guest, office, place):
    """Speed and parity of the address are what the adapter is told; the log comes whole."""
    sim = terminal(place, "3005000000000001", 150, 31)
    with running(sim):
        device = adapter(sim, (9600, "8E1"), "FT000001")
        plug(guest, device)
        for speed, form in ((9600, "8E1"), (19200, "8N1")):
            device.far_end, device.settings = (speed, form), []
            done, seen = office.read(serial_link(device, baud=speed, format=form))
            cases.check(seen == sim.log_rows(), f"{speed} {form}: the whole log", (len(seen), done.stderr))
            cases.check(device.settings == [(speed, form)], f"the adapter was set to {speed} {form}",
                        device.settings)
            cases.check(device.garbled == 0, f"{speed} {form}: every character is understood", device.garbled)
        # The control: a terminal that is set otherwise must be noticed, or the rows above prove nothing.
        device.far_end, device.settings = (9600, "8E1"), []
        for speed, form in ((9600, "8N1"), (19200, "8E1")):
            done, seen = office.read(serial_link(device, baud=speed, format=form))
            cases.check(done.returncode != 0 and not seen, f"{speed} {form} on a line of 9600 8E1: an error",
                        (done.returncode, len(seen)))
            cases.check(device.garbled > 0, f"{speed} {form}: the terminal understood nothing")
        cases.check(device.settings == [(9600, "8N1"), (19200, "8E1")], "the wrong settings were seen",
                    device.settings)
        guest.unplug(device)


def unplug_in_mid_read(cases, guest, office, place):
    """titiand takes up again where the cable was pulled: every punch once, two lines of log, no leak."""
    sim = terminal(place, "3005000000000002", 400, 32)
    with running(sim):
        device = adapter(sim, (19200, "8N1"), "FT000002")
        plug(guest, device)
        office.configure([{"name": "lobi", "driver": "anviz", "poll_s": 1,
                           "link": serial_link(device, baud=19200, format="8N1")}])
        office.start()
        until(lambda: device.sent > 1_500, "the first read is under way")
        guest.unplug(device)
        cases.check(device.sent < 400 * 14, "the plug was pulled in mid-read", device.sent)
        until(lambda: office.terminals()["lobi"]["state"] == "lost", "the terminal counts as lost", 90)
        sim.control("add", n=3)
        started = time.monotonic()
        plug(guest, device)
        named = time.monotonic()
        until(lambda: device.sent > 0, "reading starts again", 60)
        waited = time.monotonic() - started
        print(f"  read again {waited:.1f} s after the plug, its name was there after {named - started:.1f} s",
              flush=True)
        cases.check(waited < READ_AGAIN, f"reading starts within {READ_AGAIN} s of the plug", f"{waited:.1f} s")
        stored = office.until_punches(403)
        cases.check(not any(differences(rows(sim), stored).values()), "every punch exactly once",
                    {k: v[:3] for k, v in differences(rows(sim), stored).items()})
        until(lambda: office.terminals()["lobi"]["state"] == "online", "the terminal is online")
        said = [line for line in office.log().splitlines() if "lobi" in line]
        cases.check(len(said) == 2 and "lost" in said[0] and "regained" in said[1],
                    "two lines of log for the outage", "\n".join(said))
        before = office.descriptors()
        for _ in range(3):
            guest.unplug(device)
            guest.until(f"! test -e {path_of(serial_link(device))}", "udev takes the name away")
            device.sent = 0
            plug(guest, device)
            until(lambda: device.sent > 0, "it is read again", 60)
            sim.control("add", n=1)
        stored = office.until_punches(406)
        cases.check(not any(differences(rows(sim), stored).values()), "still every punch exactly once")
        leaked = collections.Counter(office.descriptors()) - collections.Counter(before)
        cases.check(not leaked, "no descriptor is left over from three more unplugs", leaked)
        cases.check(office.stop() == 0, "titiand ends with 0")
        guest.unplug(device)


def swapped_numbers(cases, guest, office, place):
    """Two adapters that come back as each other's ttyUSB number are still themselves."""
    sims = [terminal(place, f"300500000000001{number}", 120, 33 + number) for number in (1, 2)]
    with running(*sims):
        devices = [adapter(sim, (115200, "8N1"), f"FT00001{number}") for number, sim in enumerate(sims, 1)]
        names = ["utara", "selatan"]
        ports = [plug(guest, device) for device in devices]
        office.configure([{"name": name, "driver": "anviz", "poll_s": 1, "live": False,
                           "link": serial_link(device, baud=115200, format="8N1")}
                          for name, device in zip(names, devices)])
        office.start()
        office.until_punches(240)
        for device in devices:
            guest.unplug(device)
        guest.until("! ls /dev/ttyUSB* 2>/dev/null", "both ports are gone: titiand has let go of them")
        swapped = [plug(guest, device) for device in reversed(devices)][::-1]
        cases.check(swapped == ports[::-1] and swapped != ports, "the numbers are swapped", (ports, swapped))
        for sim in sims:
            sim.control("add", n=10)
        expected = [row for sim in sims for row in rows(sim)]
        stored = office.until_punches(len(expected))
        wrong = {what: found[:3] for what, found in differences(expected, stored).items() if found}
        cases.check(not wrong, "0 punches lost, double, or under the wrong terminal", wrong)
        seen = office.terminals()
        found = [seen[name].get("terminal") for name in names]
        cases.check(found == [sim.ready["terminal"] for sim in sims], "each name leads to its own terminal", found)
        cases.check(office.stop() == 0, "titiand ends with 0")
        # The control: by its number, the port of one now leads to the other.
        _, read = office.read(f"serial://{ports[0]}?baud=115200&format=8N1")
        cases.check(read == sims[1].log_rows(), "by number, another terminal answers")
        for device in devices:
            guest.unplug(device)


def main():
    cases = Cases()
    with folder() as place, Guest(shares=shares(), readonly=shares()) as guest:
        print(f"  guest restored in {guest.seconds:.1f} s", flush=True)
        office = Office(guest)
        for check in (settings_reach_the_adapter, unplug_in_mid_read, swapped_numbers):
            start = time.monotonic()
            check(cases, guest, office, place)
            print(f"  {check.__name__.replace('_', ' ')}: {time.monotonic() - start:.0f} s", flush=True)
    print(f"usb in a VM: {cases.passed} passed, {cases.failed} failed")
    return 1 if cases.failed else 0


if __name__ == "__main__":
    sys.exit(main())
