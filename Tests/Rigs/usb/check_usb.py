#!/usr/bin/env python3
"""Terminals on a USB cable, without a cable: our programs against simulated USB devices.

umockdev stands in for the kernel; behind the bulk endpoints of each device is a simulated Anviz
terminal. `titian read` gives exactly the terminal's log or a clear error, whatever the device does;
`titiand` comes back by itself after the cable was pulled out in the middle of a read.
"""

import json
import os
import pathlib
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
PRELOAD = "libumockdev-preload.so.0"
if PRELOAD not in os.environ.get("LD_PRELOAD", ""):
    # The bindings are the distribution's, and who simulates must run under the preload as well.
    os.execve("/usr/bin/python3", ["/usr/bin/python3", *sys.argv], os.environ | {"LD_PRELOAD": PRELOAD})

from titian_rig import Bridge, Simulator, folder, program, run, running, until  # noqa: E402
from usb_devices import CDC_ACM, SET_CONTROL_LINE_STATE, SET_LINE_CODING, Device  # noqa: E402
from usbfs import Bed  # noqa: E402

VENDOR = 0x1B55
RECORDS = 400
MIDDLE = 2_000  # bytes from the terminal: well inside its log
NOBODY = 65_534


class Cases:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, condition, what, seen=""):
        self.passed += bool(condition)
        self.failed += not condition
        if not condition:
            print(f"  FAILED: {what}\n    {str(seen)[:600]}", flush=True)


class Rig:
    def __init__(self, bed, sim):
        self.bed = bed
        self.port = int(sim.links[0].rsplit(":", 1)[1])
        self.truth = sim.log_rows()
        self.product = 0xB400

    def device(self, **options):
        """A device of its own kind, with a line to the terminal."""
        self.product += 1
        return Device(VENDOR, self.product, self.port, **options)

    def read(self, device, query="", user=None, prepare=lambda number: None, **environment):
        """Plugs a device in, reads its log with `titian read`, pulls it out."""
        number = self.bed.plug(device)
        try:
            prepare(number)
            start = time.monotonic()
            done = subprocess.run(
                [program("titian"), "read", f"usb://{device.vendor:04x}:{device.product:04x}{query}",
                 "--driver", "anviz", "--json"],
                capture_output=True, text=True, timeout=60, user=user, env=os.environ | environment)
            done.seconds = time.monotonic() - start
        finally:
            self.bed.unplug(number)
        rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return done, [(row["pin"], row["time"]) for row in rows if "pin" in row]

    def problem(self, done):
        """The end of what a command said, and its exit code."""
        return f"{done.stdout[-900:]}{done.stderr[-900:]} ({done.returncode})"


def controls(cases, rig):
    """What must fail, does."""
    device = rig.device()
    done, rows = rig.read(device, LD_PRELOAD="")
    cases.check(done.returncode != 0 and not rows and device.given == 0,
                "control: without the simulated bus nothing is read", done.stdout)
    device = rig.device()
    device.silent_at = MIDDLE
    done, rows = rig.read(device)
    cases.check(done.returncode != 0 and rows != rig.truth and "line.silent" in rig.problem(done),
                "control: a terminal that falls silent gives no whole list", rig.problem(done))
    cases.check(done.seconds < 40, "a silence is given up", done.seconds)


def reads(cases, rig):
    device = rig.device()
    done, rows = rig.read(device)
    cases.check(done.returncode == 0 and rows == rig.truth, "the whole log", rig.problem(done))
    cases.check(device.given > 2 * MIDDLE, "it came over the endpoint", device.given)
    cases.check((device.claims, device.releases) == (1, 1), "one interface, given back",
                (device.claims, device.releases))
    cases.check(device.reattached == 1, "the kernel's driver gets it back", device.reattached)
    plain = device.asked
    device = rig.device()
    device.takes_at_most = 3
    done, rows = rig.read(device)
    cases.check(rows == rig.truth and device.asked == plain, "short writes are gone on with",
                (device.asked[:60].hex(), rig.problem(done)))
    device = rig.device()
    device.hesitate_at = MIDDLE
    done, rows = rig.read(device)
    cases.check(rows == rig.truth and device.hesitate_at is None and device.asked == plain,
                "bytes that come as a read times out are kept: nothing is asked again",
                (len(device.asked), len(plain), rig.problem(done)))
    done, rows = rig.read(rig.device(), "?serial=SIM0001&interface=1&in=82&out=01")
    cases.check(rows == rig.truth, "the whole log, every option written", rig.problem(done))
    device = rig.device()
    device.lose_at = MIDDLE
    done, rows = rig.read(device)
    cases.check(done.returncode == 0 and rows == rig.truth, "a lost packet is asked for again", rig.problem(done))


def stalls(cases, rig):
    for stall_at in (0, 130, MIDDLE):
        device = rig.device()
        device.stall_at = stall_at
        done, rows = rig.read(device)
        cases.check(done.returncode == 0 and rows == rig.truth and device.halts_cleared == 1,
                    f"a halt after {stall_at} bytes is cleared", rig.problem(done))
    device = rig.device()
    device.stall_at, device.stall_for_good = MIDDLE, True
    done, rows = rig.read(device)
    cases.check(done.returncode != 0 and "line.closed" in rig.problem(done), "a halt for good is an error",
                rig.problem(done))


def errors(cases, rig):
    done, _ = rig.read(rig.device(), "?serial=SIM0002")
    cases.check("line.no-usb-device" in rig.problem(done), "another serial number is not taken", rig.problem(done))
    done = run(program("titian"), "read", "usb://dead:beef", "--driver", "anviz", "--json", check=False)
    cases.check(done.returncode != 0 and "line.no-usb-device" in rig.problem(done)
                and "usb://dead:beef" in rig.problem(done), "wrong numbers are named", rig.problem(done))
    device = rig.device()
    device.is_busy = True
    done, _ = rig.read(device)
    cases.check("line.usb-busy" in rig.problem(done), "an interface in use is named", rig.problem(done))
    for query in ("?interface=7", "?in=85", "?interface=1&out=03"):
        done, _ = rig.read(rig.device(), query)
        cases.check("line.usb-unsuitable" in rig.problem(done), f"{query} does not fit", rig.problem(done))
    device = rig.device()
    number = rig.bed.plug(device)
    rig.bed.unplug_in_the_middle(device, number, MIDDLE)
    done = run(program("titian"), "read", f"usb://{VENDOR:04x}:{device.product:04x}", "--driver", "anviz",
               "--json", check=False)
    cases.check(done.returncode != 0 and "line.closed" in rig.problem(done), "a pulled cable is an error",
                rig.problem(done))


def permissions(cases, rig):
    """As a user who may not open the node."""
    def forbid(number):
        # libusb's netlink socket is a file in this folder.
        os.chmod(rig.bed.root, 0o777)
        for socket in (pathlib.Path(rig.bed.root) / "ioctl").rglob("*"):
            socket.chmod(0o777)
        os.chmod(rig.bed.node_file(number), 0o000)
    device = rig.device()
    user = NOBODY if os.geteuid() == 0 else None
    done, _ = rig.read(device, user=user, prepare=forbid)
    text = rig.problem(done).replace('\\"', '"')
    rule = f'ATTR{{idVendor}}=="{VENDOR:04x}", ATTR{{idProduct}}=="{device.product:04x}"'
    cases.check("line.usb-forbidden" in text and rule in text and "dialout" in text,
                "no permission: the rule and the group are named", text)
    if user:
        done, _ = rig.read(rig.device(), user=user, prepare=lambda _: os.chmod(rig.bed.root, 0o755))
        cases.check("line.usb-unusable" in rig.problem(done), "a service without netlink is told so", rig.problem(done))


def modems(cases, rig):
    device = rig.device(interfaces=CDC_ACM)
    done, rows = rig.read(device, "?baud=19200&format=8E1")
    cases.check(done.returncode == 0 and rows == rig.truth, "the whole log of a CDC-ACM device", rig.problem(done))
    asked = {(kind, request): (value, index, data) for kind, request, value, index, data in device.requests}
    cases.check(asked.get(SET_LINE_CODING) == (0, 0, bytes.fromhex("004b0000" "00" "02" "08")),
                "19200 8E1 is set", device.requests)
    cases.check(asked.get(SET_CONTROL_LINE_STATE, (None,))[0] == 3, "DTR and RTS are on", device.requests)
    cases.check((device.claims, device.releases, device.reattached) == (2, 2, 2),
                "both interfaces, given back", (device.claims, device.releases, device.reattached))


class Outage(threading.Thread):
    """A daemon whose cable is pulled out in the middle of a read, for longer than it is patient."""

    def __init__(self, rig, place):
        super().__init__()
        self.rig = rig
        self.product = 0xB400
        link = f"usb://{VENDOR:04x}:{self.product:04x}"
        self.bridge = Bridge(place, [{"name": "lobi", "driver": "anviz", "link": link, "poll_s": 1}],
                             "https://127.0.0.1:9")
        self.seen, self.trouble = {}, None

    def new_device(self):
        return Device(VENDOR, self.product, self.rig.port)

    def state(self):
        return self.bridge.status()["terminals"][0]

    def nodes(self):
        """The USB nodes that the daemon holds open."""
        links = []
        for entry in pathlib.Path(f"/proc/{self.bridge.process.pid}/fd").iterdir():
            try:
                links.append(os.readlink(entry))
            except FileNotFoundError:
                pass
        self.seen["descriptors"] = len(links)
        return [link for link in links if "/bus/usb/" in link]

    def run(self):
        try:
            with running(self.bridge):
                self.story()
        except Exception as error:  # told by the main thread
            self.trouble = error

    def story(self):
        seen, bed = self.seen, self.rig.bed
        device = self.new_device()
        number = bed.plug(device)
        bed.unplug_in_the_middle(device, number, MIDDLE)
        until(lambda: device.unplug_at is None, "the daemon reads", 20)
        start = time.monotonic()
        until(lambda: not self.nodes(), "the node is closed after the unplug", 5)
        seen["closed after"] = time.monotonic() - start
        until(lambda: "terminal lost" in self.bridge.log.read_text(), "the terminal counts as lost", 40)
        # Back-off is at its longest by now; plugging in ends it.
        device = self.new_device()
        number = bed.plug(device)
        start = time.monotonic()
        until(lambda: device.asked, "the terminal is asked again", 20)
        seen["back after"] = time.monotonic() - start
        until(lambda: self.state()["state"] == "online" and self.state().get("records") == len(self.rig.truth),
              "the terminal is read again", 20, step=0.2)
        seen["threads"] = threads(self.bridge)
        self.pull_between_reads(device, number)
        seen["punches"] = [(p["pin"], p["time"]) for p in map(json.loads, self.bridge.titian(
            "punches", "--json", "--number", "10000").stdout.splitlines())]
        seen["log"] = [line for line in self.bridge.log.read_text().splitlines() if " terminal " in line]

    def pull_between_reads(self, device, number):
        """A daemon that waits for the next read hears of an unplug all the same; and no descriptor
        stays behind, however often."""
        before = None
        for _ in range(4):
            bed = self.rig.bed
            bed.unplug(number)
            until(lambda: not self.nodes(), "an idle line is closed when its cable is pulled", 5)
            number = bed.plug(self.new_device())
            until(lambda: self.nodes(), "it is opened again", 5)
            before = before or self.seen["descriptors"]
        self.seen["leaked"] = self.seen["descriptors"] - before

    def tell(self, cases):
        cases.check(self.trouble is None, "the daemon's story", repr(self.trouble))
        if self.trouble:
            print(self.bridge.log.read_text()[-1500:])
            return
        seen = self.seen
        cases.check(sorted(seen["punches"]) == sorted(self.rig.truth), "every punch is on disk once",
                    (len(seen["punches"]), len(self.rig.truth)))
        cases.check(seen["closed after"] < 2, "the node is closed at once", seen["closed after"])
        cases.check(seen["back after"] < 5, "it is read from within 5 s of plugging in", seen["back after"])
        cases.check(len(seen["log"]) == 2, "two log lines for one outage", seen["log"])
        cases.check("libusb_event" in seen["threads"], "control: libusb's thread is seen where it runs",
                    seen["threads"])
        cases.check(seen["leaked"] == 0, "no descriptor is left open", seen["leaked"])
        print(f"  closed {seen['closed after']:.2f} s after the unplug, "
              f"asked again {seen['back after']:.2f} s after plugging in")


def threads(bridge):
    tasks = pathlib.Path(f"/proc/{bridge.process.pid}/task")
    return {(task / "comm").read_text().strip() for task in tasks.iterdir()}


class PluggedPort(threading.Thread):
    """A daemon whose serial port is plugged in when it has long stopped trying often."""

    def __init__(self, bed, place, sim):
        super().__init__()
        self.bed, self.sim, self.port = bed, sim, place / "ttyUSB0"
        self.bridge = Bridge(place, [{"name": "lobi", "driver": "anviz", "link": f"serial://{self.port}"}],
                             "https://127.0.0.1:9")
        self.after, self.threads, self.trouble = None, set(), None

    def questions(self):
        return sum(self.sim.control("stats")["commands"].values())

    def run(self):
        try:
            with running(self.bridge):
                until(lambda: "terminal lost" in self.bridge.log.read_text(), "the terminal counts as lost", 40)
                os.symlink(self.port.parent / "pty", self.port)
                start = time.monotonic()
                self.bed.announce_port()
                until(self.questions, "the terminal is asked", 40)
                self.after = time.monotonic() - start
                self.threads = threads(self.bridge)
        except Exception as error:  # told by the main thread
            self.trouble = error

    def tell(self, cases):
        cases.check(self.trouble is None, "the daemon with a serial port", repr(self.trouble))
        if self.after is None:
            print(self.bridge.log.read_text()[-1500:])
            return
        cases.check(self.after < 5, "a serial port is read from within 5 s of udev's message", self.after)
        cases.check("libusb_event" not in self.threads, "libusb is not begun without a usb:// line", self.threads)
        print(f"  a serial port was asked {self.after:.2f} s after udev's message")


def main():
    cases = Cases()
    with folder() as place:
        # Two terminals: one that is read by two at the same time answers neither well.
        sims = [Simulator("anviz", place, ["tcp:127.0.0.1:0"], "--records", RECORDS, "--seed", seed)
                for seed in (31, 32)]
        (place / "port").mkdir()
        pty = Simulator("anviz", place / "port", [f"pty:{place}/port/pty"], "--seed", 33)
        with running(*sims, pty):
            bed = Bed()
            rig = Rig(bed, sims[0])
            outage = Outage(Rig(bed, sims[1]), place)
            outage.start()
            port = PluggedPort(bed, place / "port", pty)
            port.start()
            for part in (reads, stalls, modems, errors, permissions, controls):
                start = time.monotonic()
                part(cases, rig)
                if os.environ.get("VERBOSE"):
                    print(f"  {part.__name__}: {time.monotonic() - start:.1f} s", flush=True)
            outage.join()
            outage.tell(cases)
            port.join()
            port.tell(cases)
    print(f"usb: {cases.passed} passed, {cases.failed} failed")
    return 1 if cases.failed else 0


if __name__ == "__main__":
    sys.exit(main())
