"""Starts the four programs for a test and speaks with them as a user would.

Nothing here knows how the programs work inside: it uses their options, their sockets and their
output, on loopback and in temporary folders.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OFFICE = "upt-contoh-utara"


def binaries():
    """The folder of the built programs: $BIN, else the debug build."""
    return pathlib.Path(os.environ.get("BIN", ROOT / ".build/debug"))


def program(name):
    return str(binaries() / name)


def until(condition, what, seconds=60, step=0.05):
    """Waits for `condition()` to be true and returns its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(step)
    raise TimeoutError(f"not within {seconds} s: {what}")


def run(*arguments, check=True, stdin=None, timeout=120, environment=None):
    """Runs one command to its end and returns it, output as text."""
    done = subprocess.run(
        [str(a) for a in arguments], input=stdin, capture_output=True, text=True, timeout=timeout,
        env=os.environ | (environment or {})
    )
    if check and done.returncode != 0:
        raise RuntimeError(f"{arguments} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


class Process:
    """One program that runs beside the test."""

    def __init__(self, arguments, log):
        self.arguments = [str(a) for a in arguments]
        self.log = pathlib.Path(log)
        self.process = None
        self.environment = {}  # beside the test's own

    def start(self):
        self.process = subprocess.Popen(
            self.arguments,
            stdout=subprocess.PIPE if self.reads_output else open(self.log, "ab"),
            stderr=open(self.log, "ab"),
            text=self.reads_output or None,
            env=os.environ | self.environment,
        )
        return self

    reads_output = False

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """As a power cut does to a process: no warning."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds=20):
        """Asks it to end; returns its exit code."""
        if self.process is None:
            return None
        if self.is_running:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def memory(self):
        """Resident and peak memory in kB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        return {k: int(fields[k].split()[0]) for k in ("VmRSS", "VmHWM")}

    def cpu(self):
        """Seconds of CPU used so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Simulator(Process):
    """A simulated terminal with its control port."""

    reads_output = True

    def __init__(self, make, folder, listen, *options):
        super().__init__(
            [program("titian-sim"), make, *sum((["--listen", l] for l in listen), []),
             "--control", "127.0.0.1:0", *options],
            folder / f"sim-{make}.log",
        )

    def start(self):
        super().start()
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise RuntimeError(f"titian-sim said {line!r}: {self.log.read_text()}")
        self.ready = json.loads(line[len("ready "):])
        self.links = self.ready["listen"]
        host, port = self.ready["control"].rsplit(":", 1)
        self.connection = socket.create_connection((host, int(port)), timeout=60)
        self.stream = self.connection.makefile("rw")
        # An answer belongs to who asked, in rigs of several threads too.
        self.turn = threading.Lock()
        return self

    def control(self, op, **arguments):
        with self.turn:
            self.stream.write(json.dumps({"op": op, **arguments}) + "\n")
            self.stream.flush()
            return json.loads(self.stream.readline())

    def log_rows(self):
        """The whole log as (pin, time), in the terminal's order."""
        return [(row["pin"], row["time"]) for row in self.control("log")["log"]]


class Server(Process):
    """The centre."""

    def __init__(self, folder, port=0):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "centre"
        self.config = self.folder / "server.toml"
        self.config.write_text(f'listen = "127.0.0.1:{port}"\ndata = "{self.data}"\n')
        super().__init__(
            [program("titian-server"), "serve", "--config", self.config], self.folder / "server.log"
        )

    def start(self):
        address = self.data / "address"
        with contextlib.suppress(FileNotFoundError):
            address.unlink()
        super().start()
        until(lambda: address.exists() or not self.is_running, "the server listens")
        if not self.is_running:
            raise RuntimeError(f"titian-server ended:\n{self.log.read_text()[-2000:]}")
        self.address = until(lambda: address.read_text().strip(), "the server's address")
        # The same port from now on: a bridge keeps the address it was given.
        port = self.address.rsplit(":", 1)[1].strip("/")
        self.config.write_text(f'listen = "127.0.0.1:{port}"\ndata = "{self.data}"\n')
        return self

    def command(self, *arguments, **options):
        return run(program("titian-server"), *arguments, "--config", self.config, **options)

    def add_office(self, office=OFFICE, name="UPT Contoh Utara", zone="Asia/Makassar"):
        rows = self.folder / "offices.csv"
        rows.write_text(
            "id,name,zone,stage,contact\n"
            f"{office},{name},{zone},aktif,Pak Anwar 0812-0000-0001\n"
            "sdn-contoh-dua,SDN Contoh 2,Asia/Makassar,aktif,Bu Rini 0812-0000-0002\n"
            "puskesmas-contoh,Puskesmas Contoh,Asia/Jakarta,rencana,\n"
        )
        self.command("office", "import", rows)

    def enrolment_code(self, office=OFFICE):
        return json.loads(self.command("enroll-code", "--office", office, "--json").stdout)

    def punches(self, office=OFFICE):
        out = self.command("punches", "--office", office, "--format", "ndjson", timeout=600).stdout
        return [json.loads(line) for line in out.splitlines()]

    def lines(self):
        """Every entry the centre keeps, verbatim: read beside the server, changing nothing."""
        store = sqlite3.connect(f"file:{self.data}/centre.db?mode=ro", uri=True, timeout=30)
        with contextlib.closing(store):
            return [bytes(row).decode() if isinstance(row, bytes) else row
                    for (row,) in store.execute("SELECT line FROM entry WHERE line IS NOT NULL")]


class Bridge(Process):
    """One office's daemon."""

    def __init__(self, folder, terminals, url, office=OFFICE, server=""):
        self.folder = pathlib.Path(folder)
        self.state = self.folder / "state"
        self.socket = self.folder / "control.sock"
        self.config = self.folder / "bridge.toml"
        text = f'office = "{office}"\ntimezone = "Asia/Makassar"\n[server]\nurl = "{url}"\n{server}'
        for terminal in terminals:
            text += "[[terminal]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in terminal.items())
        self.config.write_text(text)
        self.state.mkdir(exist_ok=True)
        super().__init__(
            [program("titiand"), *self.where], self.folder / "titiand.log"
        )

    @property
    def where(self):
        return ["--config", self.config, "--state", self.state, "--control", self.socket]

    def titian(self, *arguments, **options):
        return run(program("titian"), *arguments, *self.where, **options)

    def enroll(self, code, **options):
        return self.titian("enroll", code["url"], "-", stdin=code["code"], **options)

    def status(self):
        """What the box says of itself; nothing while it is just starting."""
        return json.loads(self.titian("status", "--json", check=False).stdout or "{}")


@contextlib.contextmanager
def folder():
    """A temporary folder; kept and named if the test fails, or if KEEP is set."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="titian-rig-"))
    try:
        yield path
    except BaseException:
        print(f"kept for a look: {path}")
        raise
    if not os.environ.get("KEEP"):
        shutil.rmtree(path)


@contextlib.contextmanager
def running(*processes):
    """Starts processes in order and stops them in the reverse one."""
    started = []
    try:
        for process in processes:
            started.append(process.start())
        yield started
    finally:
        for process in reversed(started):
            process.stop()


def differences(expected, counted):
    """What is lost, doubled or invented: expected and counted are lists of (terminal, pin, time)."""
    wanted = set(expected)
    seen = set()
    doubled = [row for row in counted if row in seen or seen.add(row)]
    return {
        "lost": sorted(wanted - seen),
        "double": doubled,
        "invented": sorted(seen - wanted),
    }
