"""One QEMU process with its disk, its console and a way to run commands inside.

`Machine` knows how the virtual computer is put together and nothing about tests: guest.py adds those,
image.py uses it to boot once and keep the state.
"""

import base64
import itertools
import pathlib
import random
import subprocess
import time

from qmp import QMP, connected

# TCG, because CI has no /dev/kvm that a stock kernel could use. Everything that is part of a saved state
# stands in these two and nowhere else: image.py makes a new image when they change.
COMPUTER = [
    "-M", "pc-i440fx-7.2,hpet=off", "-cpu", "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt",
    "-accel", "tcg,thread=multi,tb-size=256", "-m", "512", "-smp", "2",
    "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
    "-device", "qemu-xhci,p2=12,p3=4,id=xhci,addr=5",     # so many devices in one guest
    "-device", "virtio-serial-pci,id=ports,addr=6",
    "-device", "virtserialport,bus=ports.0,chardev=agent,name=rig",
    "-device", "virtio-rng-pci,addr=7",
    "-device", "virtio-blk-pci,drive=root,addr=4",
]
KERNEL_WORDS = (
    "console=ttyS0 quiet loglevel=4 root=/dev/vda rw mitigations=off nokaslr tsc=reliable no_timer_check "
    "panic=-1 random.trust_cpu=on systemd.show_status=0 cryptomgr.notests"
)


class GuestCommandFailed(RuntimeError):
    """A command in the guest ended with another status than 0."""


class Machine:
    """A virtual computer that runs from `disk` (qcow2); its sockets and logs are in `folder`."""

    def __init__(self, image, disk, folder, state=None, more=(), console=None):
        self.image, self.folder = pathlib.Path(image), pathlib.Path(folder)
        self.console = console or f"file:{self.folder}/console.log"
        self.command = [
            "setpriv", "--pdeathsig", "KILL",   # a test that is killed leaves no guest behind
            "qemu-system-x86_64", *COMPUTER, "-kernel", f"{image}/vmlinuz", "-initrd", f"{image}/initrd.img",
            "-append", KERNEL_WORDS, "-serial", self.console,
            "-drive", f"file={disk},if=none,id=root,format=qcow2,cache=unsafe",
            "-chardev", f"socket,id=agent,path={self.folder}/agent.sock,server=on,wait=off",
            "-qmp", f"unix:{self.folder}/qmp.sock,server=on,wait=off", *more,
        ]
        self.state = state
        if state is not None:
            self.command += ["-incoming", f"exec:zstd -dcq {state}"]
        self.process = None
        # Answers of a life before a restore must not be taken for ours.
        self.numbers = itertools.count(random.randrange(1 << 30))

    def start(self, seconds=300):
        """Boots, or goes on from the saved state, until commands can be run."""
        errors = open(self.folder / "qemu.log", "ab")
        stdin = None if self.console.endswith("stdio") else subprocess.DEVNULL
        self.process = subprocess.Popen(self.command, stdin=stdin, stdout=None, stderr=errors)
        try:
            self.qmp = QMP(self.folder / "qmp.sock", self.process)
            if self.state is not None:
                if self.qmp.until_status({"running", "paused", "postmigrate"}) != "running":
                    self.qmp("cont")
            self.agent = connected(self.folder / "agent.sock", self.process, 10)
            self.greet(seconds)
        except BaseException:
            self.kill9()
            raise
        return self

    def greet(self, seconds):
        """Asks until somebody answers: what is sent before the agent listens is lost."""
        end = time.monotonic() + seconds
        self.unread = b""
        while time.monotonic() < end:
            try:
                return self.ask("true", 10, wait=1)
            except TimeoutError:
                if self.process.poll() is not None:
                    raise RuntimeError(f"QEMU ended:\n{self.logs()}") from None
        raise TimeoutError(f"no agent after {seconds} s:\n{self.logs()}")

    def run(self, command, timeout=120, check=True):
        """Runs a shell command as root and returns it, output as text, like subprocess.run.

        It is given `timeout` seconds inside; the clock of a loaded host may show more.
        """
        done = self.ask(command, timeout, wait=timeout * 2 + 30)
        if check and done.returncode != 0:
            raise GuestCommandFailed(
                f"in the guest: {command}\nended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def ask(self, command, timeout, wait):
        number = next(self.numbers)
        text = base64.b64encode(command.encode()).decode()
        self.agent.sendall(f"\n{number} {timeout} {text}\n".encode())
        end = time.monotonic() + wait
        while True:
            words = self.line(end).decode(errors="replace").split()
            if len(words) == 4 and words[0] == str(number):
                output, errors = (decoded(word) for word in words[2:])
                return subprocess.CompletedProcess(command, int(words[1]), output, errors)

    def line(self, end):
        """The next line from the agent, or TimeoutError at `end`."""
        while b"\n" not in self.unread:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError("the guest does not answer")
            self.agent.settimeout(left)
            piece = self.agent.recv(65536)
            if not piece:
                raise RuntimeError(f"QEMU ended:\n{self.logs()}")
            self.unread += piece
        line, self.unread = self.unread.split(b"\n", 1)
        return line

    def save(self, path):
        """Writes the running state to `path` and ends; the disk belongs to it from now on."""
        self.qmp("stop")
        self.qmp("migrate", uri=f"exec:zstd -q -1 -c > {path}")
        if self.qmp.until_status({"completed", "failed"}, "query-migrate") == "failed":
            raise RuntimeError(f"the state could not be saved: {self.qmp('query-migrate')}")
        self.qmp("quit")
        self.process.wait()

    def kill9(self):
        """As a power cut: nothing is said to the guest."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
        if self.process is not None:
            self.process.wait()

    def logs(self):
        texts = [self.folder / name for name in ("console.log", "qemu.log")]
        return "\n".join(path.read_text(errors="replace")[-1500:] for path in texts if path.exists())


def decoded(word):
    return "" if word == "-" else base64.b64decode(word).decode(errors="replace")
