"""An office's box in the guest: the programs as built on the host, and titiand under systemd."""

import collections
import json
import pathlib
import re
import shlex
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))

from titian_rig import OFFICE, binaries, until  # noqa: E402  (one folder up)

PROGRAMS, HOME = "/programs", "/root/office"


def programs():
    """What a guest needs to run our programs: their folder, and Swift's libraries where they look for them."""
    return {PROGRAMS: binaries().resolve(), **swift_libraries()}


def swift_libraries():
    """Swift's libraries by where the programs look for them; nothing where they are linked in."""
    listed = subprocess.run(["ldd", binaries() / "titian"], capture_output=True, text=True, check=True).stdout
    swift = re.search(r"libswiftCore\.so => (/\S+)/libswiftCore\.so", listed)
    return {swift.group(1): pathlib.Path(swift.group(1)).resolve()} if swift else {}


def serial_link(adapter, **settings):
    """The address of a serial adapter by the name that udev gives it, whatever its number is."""
    maker, model, serial = (adapter.strings[index].replace(" ", "_") for index in (1, 2, 3))
    options = "&".join(f"{key}={value}" for key, value in settings.items())
    return f"serial://{by_id(maker, model, serial)}" + (f"?{options}" if options else "")


def by_id(maker, model, serial):
    return f"/dev/serial/by-id/usb-{maker}_{model}_{serial}-if00-port0"


def path_of(link):
    return link.removeprefix("serial://").split("?")[0]


class Office:
    """The box of one office in `guest`; terminals are configured as dictionaries, as for the other rigs."""

    program = f"{PROGRAMS}/titian"

    def __init__(self, guest):
        self.guest = guest
        self.where = f"--config {HOME}/bridge.toml --state {HOME}/state --control {HOME}/control.sock"

    # The command line.

    def titian(self, *arguments, check=False, timeout=120):
        """Runs `titian` with these arguments as they are."""
        words = " ".join(shlex.quote(str(a)) for a in arguments)
        return self.guest.run(f"{self.program} {words}", timeout=timeout, check=check)

    def read(self, link, driver="anviz", timeout=120):
        """`titian read`: the command, and the rows as (pin, time) if it succeeded."""
        done = self.titian("read", link, "--driver", driver, "--json", "--lang", "en", timeout=timeout)
        return done, [(row["pin"], row["time"]) for row in objects(done.stdout) if "pin" in row]

    # The daemon.

    def configure(self, terminals):
        text = f'office = "{OFFICE}"\ntimezone = "Asia/Makassar"\n'
        for terminal in terminals:
            text += "[[terminal]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in terminal.items())
        self.guest.run(f"rm -rf {HOME}; mkdir -p {HOME}/state")
        self.guest.write(f"{HOME}/bridge.toml", text)

    def start(self):
        self.guest.run(f"systemd-run --quiet --unit=titiand -p Restart=no {PROGRAMS}/titiand {self.where}")
        self.guest.until(f"test -S {HOME}/control.sock", "titiand is ready")

    def stop(self):
        """Asks it to end; returns its exit status."""
        self.guest.run("systemctl stop titiand")
        status = self.guest.run("systemctl show titiand -P ExecMainStatus").stdout.strip()
        self.guest.run("systemctl reset-failed titiand 2>/dev/null || true")
        return int(status or 0)

    def ask(self, *arguments):
        """A command of `titian` on this box: its objects."""
        words = " ".join(shlex.quote(str(a)) for a in arguments)
        return objects(self.guest.run(f"{self.program} {words} --json {self.where}", check=False).stdout)

    def terminals(self):
        """The terminals of the status page by name."""
        return {terminal["name"]: terminal for terminal in self.ask("terminals")}

    def punches(self):
        """Every punch entry of the journal, as it stands there: (terminal, pin, time)."""
        entries = self.ask("journal", "export")
        return [(e["terminal"], e["pin"], e["time"]) for e in entries if e.get("kind") == "punch"]

    def until_punches(self, count, seconds=90):
        """Waits until the journal has so many, and returns them."""
        stored = lambda: sum(status.get("punches", 0) for status in self.ask("journal", "status"))
        until(lambda: stored() >= count, f"{count} punches in the journal", seconds, step=0.5)
        return self.punches()

    def log(self):
        """What titiand wrote since its start."""
        return self.guest.run("journalctl -u titiand -o cat --no-pager").stdout

    def descriptors(self):
        """What its open files are, as a sorted list; a USB device has another number after each plug."""
        pid = self.guest.run("systemctl show titiand -P MainPID").stdout.strip()
        names = self.guest.run(f"for f in /proc/{pid}/fd/*; do readlink $f || true; done").stdout.split("\n")
        numbers = re.compile(r"(?<=:\[)\d+(?=\])|(?<=^/dev/bus/usb/)\d+/\d+")
        return sorted(numbers.sub("N", name) for name in names if name)


class InstalledOffice(Office):
    """The box of an office on which the package is installed: its own unit, its own places."""

    program = "titian"

    def __init__(self, guest):
        super().__init__(guest)
        self.where = ""

    def start(self):
        self.guest.run("systemctl start titiand")

    def status(self):
        """The whole status; empty while nobody answers."""
        return (self.ask("status") or [{}])[0]

    def show(self, what):
        """One property of the unit."""
        return self.guest.run(f"systemctl show titiand -P {what}").stdout.strip()


def more(before, now):
    """What is in the list `now` and was not yet in `before`, with how often."""
    return collections.Counter(now) - collections.Counter(before)


def objects(text):
    """The JSON objects of an output, one a line."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
