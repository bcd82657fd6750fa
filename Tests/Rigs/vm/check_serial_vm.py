#!/usr/bin/env python3
"""Terminals on USB-serial adapters under a real kernel: ftdi_sio, udev, and cables that are pulled.

A Debian guest (guest.py) gets simulated FT232Rs plugged in over usb-redir; behind each is a simulated Anviz
terminal on the host. What a pseudo-terminal cannot show is looked at here: parity and speed as the adapter
received them, names by udev, the numbers of ports that come back, and the kernel's view of an unplug.
"""

import sys
import time

from checks import READ_AGAIN, run_checks, terminal, wrong
from devices import FT232R
from office import more, objects, path_of, serial_link
from titian_rig import running, until
from wires import Wire


def adapter(sim, far_end, serial):
    """An FT232R with the terminal on its serial side."""
    return FT232R(Wire(sim.links[0]), far_end, serial)


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
        cases.check(not wrong([sim], stored), "every punch exactly once", wrong([sim], stored))
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
        cases.check(not wrong([sim], stored), "still every punch exactly once", wrong([sim], stored))
        leaked = more(before, office.descriptors())
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
        stored = office.until_punches(260)
        cases.check(not wrong(sims, stored), "0 punches lost, double, or under the wrong terminal",
                    wrong(sims, stored))
        seen = office.terminals()
        found = [seen[name].get("terminal") for name in names]
        cases.check(found == [sim.ready["terminal"] for sim in sims], "each name leads to its own terminal", found)
        cases.check(office.stop() == 0, "titiand ends with 0")
        # The control: by its number, the port of one now leads to the other.
        _, read = office.read(f"serial://{ports[0]}?baud=115200&format=8N1")
        cases.check(read == sims[1].log_rows(), "by number, another terminal answers")
        for device in devices:
            guest.unplug(device)


def scan_names_the_adapter(cases, guest, office, place):
    """`titian scan` finds the terminal behind an adapter, and gives the name that stays."""
    sim = terminal(place, "3005000000000003", 20, 37)
    with running(sim):
        device = adapter(sim, (9600, "8N1"), "FT000003")
        node = plug(guest, device)
        done = office.titian("scan", "--serial", "--json")
        found = {(o["type"], o.get("path", o.get("link", "")).split("?")[0]): o for o in objects(done.stdout)}
        port = found.get(("port", path_of(serial_link(device))), {})
        cases.check(port.get("node") == node and port.get("stability") == "by-id",
                    "the port is listed by its by-id name", done.stdout + done.stderr)
        cases.check("FT232R" in port.get("text", "") and port.get("kernel_driver") == "ftdi_sio"
                    and port.get("usb") == "0403:6001", "with the adapter's make and driver", port)
        named = found.get(("terminal", serial_link(device)), {})
        cases.check(named.get("terminal") == sim.ready["terminal"] and named.get("driver") == "anviz",
                    "the terminal behind it is found", done.stdout + done.stderr)
        guest.unplug(device)


if __name__ == "__main__":
    sys.exit(run_checks("serial in a VM", [
        settings_reach_the_adapter, scan_names_the_adapter, unplug_in_mid_read, swapped_numbers,
    ]))
