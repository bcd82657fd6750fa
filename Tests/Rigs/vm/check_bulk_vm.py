#!/usr/bin/env python3
"""Terminals with a USB socket of their own: the kernel's usbfs, libusb, halted endpoints, pulled cables.

A Debian guest (guest.py) gets vendor-class devices with two bulk endpoints plugged in over usb-redir;
behind each is a simulated Anviz terminal on the host.
"""

import sys
import time

from checks import READ_AGAIN, in_mid_read, run_checks, terminal, wrong
from devices import BulkTerminal
from office import more, objects
from titian_rig import running, until
from wires import Wire


def usb_terminal(sim, serial):
    device = BulkTerminal(Wire(sim.links[0]), serial=serial)
    return device, f"usb://{device.vendor:04x}:{device.product:04x}?serial={serial}"


def bulk_reads(cases, guest, office, place):
    """A terminal on usbfs: the whole log, through a halted endpoint too; an unplug is an error."""
    sim = terminal(place, "3005000000000004", 400, 38)
    with running(sim):
        device, link = usb_terminal(sim, "SIM0001")
        guest.plug(device)
        guest.until("grep -qx b400 /sys/bus/usb/devices/*/idProduct", "the device is there")
        done, seen = office.read(link.split("?")[0])
        cases.check(seen == sim.log_rows(), "usb: the whole log", (len(seen), done.stderr))
        sim.control("fault", name="pause", ms=100)

        halting = in_mid_read(device, lambda: device.halt(0x82))
        done, seen = office.read(link)
        halting.join()
        cases.check(seen == sim.log_rows() and device.cleared, "usb: the whole log though an endpoint halts once",
                    (len(seen), device.cleared, done.stderr))

        device.is_stuck = True
        halting = in_mid_read(device, lambda: device.halt(0x82))
        fails(cases, office, link, sim, "usb: an endpoint that stays halted")
        halting.join()

        guest.unplug(device)
        device.is_stuck = False
        replug(guest, device)
        pulling = in_mid_read(device, lambda: guest.unplug(device))
        fails(cases, office, link, sim, "usb: unplugged in mid-read")
        pulling.join()
        fails(cases, office, link, sim, "usb: not plugged in")

        replug(guest, device)
        done, seen = office.read(link)
        cases.check(seen == sim.log_rows(), "usb: the whole log after the replug", (len(seen), done.stderr))
        guest.unplug(device)


def replug(guest, device):
    guest.plug(device)
    guest.until(f"grep -qx {device.serial} /sys/bus/usb/devices/*/serial", "the device is there")


def fails(cases, office, link, sim, what):
    """The read ends with an error that has a code and words, and no row is invented."""
    done, seen = office.read(link)
    error = next((o["error"] for o in objects(done.stderr) if "error" in o), {})
    print(f"  {what}: {error.get('en')}", flush=True)
    cases.check(done.returncode != 0 and error.get("code") and error.get("en") and error.get("id"),
                f"{what}: a clear error", (done.returncode, done.stderr))
    cases.check(set(seen) <= set(sim.log_rows()) and len(seen) < len(sim.log_rows()), f"{what}: nothing invented")


def bulk_daemon(cases, guest, office, place):
    """titiand on two USB terminals alike but for their serial numbers; both pulled, back in the other order."""
    sims = [terminal(place, f"300500000000002{number}", 150, 40 + number) for number in (1, 2)]
    with running(*sims):
        devices, links = zip(*(usb_terminal(sim, f"SIM002{number}") for number, sim in enumerate(sims, 1)))
        for device in devices:
            replug(guest, device)
        office.configure([{"name": name, "driver": "anviz", "poll_s": 1, "live": False, "link": link}
                          for name, link in zip(("utara", "selatan"), links)])
        office.start()
        office.until_punches(300)
        before = office.descriptors()
        for device in devices:
            guest.unplug(device)
        for sim in sims:
            sim.control("add", n=5)
        for device in reversed(devices):
            started = time.monotonic()
            replug(guest, device)
            until(lambda: device.sent > 0, "it is read again", 60)
            waited = time.monotonic() - started
            print(f"  read again {waited:.1f} s after the plug", flush=True)
            cases.check(waited < READ_AGAIN, f"usb: read within {READ_AGAIN} s of the plug", f"{waited:.1f} s")
        stored = office.until_punches(310)
        cases.check(not wrong(sims, stored), "usb: 0 punches lost, double, or under the wrong terminal",
                    wrong(sims, stored))
        leaked = more(before, office.descriptors())
        cases.check(not leaked, "usb: no descriptor is left over", leaked)
        cases.check(office.stop() == 0, "titiand ends with 0")
        for device in devices:
            guest.unplug(device)


if __name__ == "__main__":
    sys.exit(run_checks("usb in a VM", [bulk_reads, bulk_daemon]))
