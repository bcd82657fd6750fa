#!/usr/bin/env python3
"""A Debian guest for tests: real kernel, systemd, udev and usbfs, restored in seconds and thrown away.

    with Guest(shares={"/rig": folder}) as guest:
        print(guest.run("uname -r").stdout)
        guest.plug(adapter)             # a device model of devices.py, over usb-redir
        guest.unplug(adapter)
        guest.kill9()                   # a power cut

Run as a program it gives a root shell on the guest's console, with this repository under /repository:

    Tests/Rigs/vm/guest.py
"""

import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

import image
from machine import Machine
from usbredir import RedirectedDevice

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent


class Guest:
    """One guest, from the saved state to its end; nothing of it outlives the `with`.

    `shares` are folders of the host by the place where the guest finds them. A share is read and written
    by both sides, unless its place is in `readonly`; then the guest may keep what it read, which is faster.
    """

    def __init__(self, shares=None, readonly=(), console=None):     # "socket": its console is at `typed()`
        self.shares = dict(shares or {})
        self.readonly = set(readonly)
        self.console = console
        self.devices = {}
        self.boots = 0

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="titian-vm-"))
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def start(self):
        files = self.files = image.prepared()
        started = time.monotonic()
        disk = self.disk = self.folder / "disk.qcow2"
        image.overlay(files / "snapshot.qcow2", "qcow2", disk)
        if self.console == "socket":
            self.console = f"unix:{self.folder}/console.sock,server=on,wait=off"
        self.machine = Machine(files, disk, self.folder, files / "state.zst", self.share_options(), self.console)
        self.machine.start()
        self.run(f"date -s @{time.time():.2f}")     # the guest woke up with the clock of its boot
        self.mount_shares()
        self.seconds = time.monotonic() - started
        return self

    def __exit__(self, *_):
        for device in self.devices.values():
            device.close()
        if hasattr(self, "machine"):
            self.machine.kill9()
        shutil.rmtree(self.folder, ignore_errors=True)

    # Commands and files.

    def run(self, command, timeout=120, check=True, shell=None):
        """Runs a shell command as root: a CompletedProcess with text, as of subprocess.run."""
        if shell:
            command = f"{shell} -c {shlex.quote(command)}"
        return self.machine.run(command, timeout, check)

    def until(self, condition, what, seconds=60):
        """Polls a shell command inside the guest until it succeeds; returns its output.

        Device nodes appear seconds after a plug when the host is busy: wait for what is needed, never
        for a time.
        """
        loop = f"until {{ {condition}\n}}; do sleep 0.1; done"
        done = self.run(loop, timeout=seconds, check=False)
        if done.returncode != 0:
            raise TimeoutError(f"in the guest, not within {seconds} s: {what}\n{done.stdout}{done.stderr}")
        return done.stdout

    def write(self, path, text):
        """Writes a text file in the guest."""
        self.run(f"cat > {shlex.quote(path)} <<'END-OF-FILE'\n{text.rstrip()}\nEND-OF-FILE")

    def share_options(self):
        options = []
        for number, (place, folder) in enumerate(self.shares.items()):
            writable = "" if place not in self.readonly else ",readonly=on"
            options += ["-fsdev", f"local,id=share{number},path={folder},security_model=none{writable}"]
        return options

    def mount_shares(self):
        """Plugs the shares in: a mounted one could not have been part of the saved state."""
        for number, place in enumerate(self.shares):
            tag = f"share{number}"
            self.machine.qmp("device_add", driver="virtio-9p-pci", fsdev=tag, mount_tag=tag, id=f"p9{number}",
                             addr=hex(0x10 + number))
            how = "trans=virtio,version=9p2000.L,msize=512000"
            how += ",ro,cache=loose" if place in self.readonly else ",cache=mmap"
            self.run(f"mkdir -p {shlex.quote(place)}")
            self.until(f"mount -t 9p -o {how} {tag} {shlex.quote(place)} 2>/dev/null", f"{place} is mounted")

    # What happens to the computer.

    def plug(self, device):
        """Plugs a device model into a USB port, the same one each time, and returns when QEMU has it.

        There are twelve ports; a device keeps its own until the guest ends.
        """
        if device not in self.devices:
            number = len(self.devices)
            port = RedirectedDevice(device, self.folder / f"usb{self.boots}-{number}.sock")
            self.machine.qmp.add_socket(f"usb{number}", port.path)
            self.machine.qmp("device_add", driver="usb-redir", chardev=f"usb{number}", bus="xhci.0",
                             port=str(number + 1), id=f"usb{number}")
            self.devices[device] = port
        self.devices[device].plug()

    def unplug(self, device):
        """Pulls it out, in the middle of whatever is going on."""
        self.devices[device].unplug()

    def kill9(self):
        """A power cut. What the guest's disk had not been told is lost; the guest is gone."""
        self.machine.kill9()

    def power_cut(self):
        """A power cut, and the power comes back: a cold boot from the same disk, with nothing plugged in."""
        self.kill9()
        for device in self.devices.values():
            device.close()
        self.devices.clear()
        for name in ("agent.sock", "qmp.sock"):
            (self.folder / name).unlink(missing_ok=True)
        self.boots += 1
        self.machine = Machine(self.files, self.disk, self.folder, None, self.share_options(), self.console)
        self.machine.start()
        self.mount_shares()


def shell():
    """A root shell on the console, for looking around."""
    if subprocess.run(["stty", "-g"], capture_output=True, check=False).returncode != 0:
        sys.exit("The console needs a terminal.")
    with Guest(shares={"/repository": ROOT}, console="mon:stdio") as guest:
        print(f"\nGuest after {guest.seconds:.1f} s. Enter for a prompt; Ctrl-A X ends, Ctrl-A C is QEMU's monitor.")
        guest.machine.process.wait()


if __name__ == "__main__":
    shell()
