"""An office for the fault lab: two simulated terminals, a bridge, a centre, and one visit of the doctor."""

import json
import os
import socket
import subprocess
import threading
import time

from titian_rig import Bridge, Process, Server, Simulator, program, run, until

# The box of a test has no clock of its own to set: this library gives a program another one, and says
# whether something keeps it right.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
static long number(const char *name) { const char *text = getenv(name); return text ? atol(text) : 0; }
int adjtimex(void *buf) { return getenv("RIG_UNSYNCED") ? 5 : 0; }
int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec += number("RIG_OFFSET");
    return result;
}
int gettimeofday(struct timeval *now, void *zone) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec; now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *result) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (result) *result = exact.tv_sec;
    return exact.tv_sec;
}
"""


def shim(place):
    source, library = place / "clock.c", place / "clock.so"
    source.write_text(SHIM)
    run("cc", "-shared", "-fPIC", "-O", "-o", library, source, "-ldl")
    return library


class Visit:
    """What the doctor said."""

    def __init__(self, done, seconds):
        self.seconds, self.exit_code = seconds, done.returncode
        self.text = (done.stdout + done.stderr)[:1500]
        told = json.loads(done.stdout) if done.stdout.startswith("{") else {}
        self.findings = told.get("findings", [])
        self.agrees = {"good": 0, "attention": 1, "fault": 2}.get(told.get("verdict")) == done.returncode


def diagnose(office):
    start = time.monotonic()
    done = subprocess.run([*office.prefix, program("titian"), "doctor", "--json", *map(str, office.where)],
                          capture_output=True, text=True, timeout=60, env=office.doctor_environment)
    return Visit(done, time.monotonic() - start)


class Shell(Process):
    """A bridge with an environment and a wrapper of its own."""

    def __init__(self, arguments, log, environment):
        super().__init__(arguments, log)
        self.environment = environment

    def start(self):
        log = open(self.log, "ab")
        self.process = subprocess.Popen(self.arguments, stdout=log, stderr=log, env=self.environment)
        return self


class Office:
    """Everything is well, until a case plants something. What is started ends with `stack`."""

    def __init__(self, place, stack, library):
        self.place, self.stack = place, stack
        self.state, self.socket, self.config = place / "state", place / "control.sock", place / "bridge.toml"
        self.state.mkdir()
        self.environment = {**os.environ, "LD_PRELOAD": str(library)}
        self.doctor_environment = self.environment
        self.server_environment = self.environment
        self.prefix = []
        self.daemon_prefix = []
        self.terminals, self.extra, self.office = None, "", "upt-contoh-utara"
        self.server = self.daemon = None
        self.is_enrolled = True
        self.simulators = {}

    # Parts

    def simulate(self, name, make, listen, *options):
        """A terminal, and its section of the configuration."""
        home = self.place / name
        home.mkdir(exist_ok=True)
        simulator = Simulator(make, home, [listen], *map(str, options)).start()
        self.stack.callback(simulator.stop)
        self.simulators[name] = simulator
        return {"name": name, "driver": make, "link": simulator.links[0], "poll_s": 1}

    def lobby(self, *options):
        return self.simulate("lobi", "zkteco", "tcp:127.0.0.1:0", *options)

    def store(self, *options):
        return self.simulate("gudang", "anviz", f"pty:{self.place}/tty", *options)

    def dead(self, name, talk=None):
        """Takes connections, and says nothing or what `talk` sends."""
        port = self.listen(lambda connection: talk(connection) if talk else time.sleep(60))
        return {"name": name, "driver": "zkteco", "link": f"tcp://127.0.0.1:{port}", "poll_s": 1}

    def listen(self, body):
        """A port of somebody else. Returns its number."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.stack.callback(listener.close)

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=self.converse, args=(connection, body), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    @staticmethod
    def converse(connection, body):
        try:
            body(connection)
        except OSError:
            pass
        finally:
            connection.close()

    @staticmethod
    def closed_port():
        with socket.create_server(("127.0.0.1", 0)) as probe:
            return probe.getsockname()[1]

    # The bridge

    @property
    def where(self):
        return ["--config", self.config, "--state", self.state, "--control", self.socket]

    def configure(self, text=None):
        if text is None:
            url = self.server.address if self.server else "https://127.0.0.1:1"
            text = (f'office = "{self.office}"\ntimezone = "Asia/Makassar"\n[stick]\nimport = false\n'
                    f'[server]\nurl = "{url}"\nretry_base_s = 1\n{self.extra}')
            for terminal in self.terminals or []:
                text += "[[terminal]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in terminal.items())
        self.config.write_text(text)

    def command(self, *arguments, **options):
        return run(program("titian"), *arguments, *self.where, **options)

    def centre(self):
        """Starts the centre and enrols the bridge."""
        self.server = Server(self.place)
        self.server.environment = self.server_environment
        with Environment(self.server_environment):
            self.server.start()
        self.stack.callback(self.server.stop)
        self.server.add_office()
        self.configure()
        if self.is_enrolled:
            code = self.server.enrolment_code()
            self.command("enroll", code["url"], "-", stdin=code["code"])

    def prepare(self):
        """Everything but the daemon."""
        if self.terminals is None:
            self.terminals = [self.lobby(), self.store()]
        self.centre()
        self.configure()

    def start(self):
        self.daemon = Shell([*self.daemon_prefix, program("titiand"), *map(str, self.where)],
                            self.place / "titiand.log", self.environment).start()
        self.stack.callback(self.daemon.stop)
        until(lambda: self.status() or not self.daemon.is_running, "titiand answers", seconds=60)
        if not self.daemon.is_running:
            raise RuntimeError((self.place / "titiand.log").read_text()[-1500:])

    def run(self, settled=True):
        """A whole office at work."""
        self.prepare()
        self.start()
        if settled:
            self.until(lambda s: all(t["state"] == "online" for t in s["terminals"]))
            if self.is_enrolled:
                self.until(lambda s: s["sync"]["state"] == "idle" and s["journal"]["queue"] == 0)

    def status(self):
        done = self.command("status", "--json", check=False)
        try:
            told = json.loads(done.stdout)
        except ValueError:
            return None
        return told if "started_at" in told else None

    def until(self, holds):
        return until(lambda: (lambda s: s and holds(s))(self.status()), "the daemon has noticed", seconds=90)

    def troubled(self, name="lobi"):
        """Waits until the daemon has met the trouble with a terminal."""
        self.until(lambda s: any(t["name"] == name and "problem" in t for t in s["terminals"]))

    # The centre's address

    def enrolment(self, **changes):
        """Changes what the bridge knows of its centre."""
        file = self.state / "centre.json"
        known = json.loads(file.read_text())
        known.update(changes)
        file.write_text(json.dumps(known))


class Environment:
    """The environment of whatever is started meanwhile."""

    def __init__(self, environment):
        self.environment, self.before = environment, dict(os.environ)

    def __enter__(self):
        os.environ.update(self.environment)

    def __exit__(self, *_):
        os.environ.clear()
        os.environ.update(self.before)
