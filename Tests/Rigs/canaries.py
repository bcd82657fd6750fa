#!/usr/bin/env python3
"""Secrets planted on purpose, and a search for them wherever a secret could end up.

A comm key, a connection password, an enrolment code, the bridge's key, a password of the console and names of
people are put where they belong or where a tired person puts them. Everything is then run that an office and a
technician run. Afterwards none of them may stand in a log, a command's output, a bundle, a trace, an argument
list, an environment, a core dump, the office's page, the metrics, the journal, the centre's books or a page of
the console. Each kind of place has a control: a canary planted there has to be found.
"""

import contextlib
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time

from playwright.sync_api import sync_playwright
from zk import ZK

from bad_input import Cases
from titian_rig import OFFICE, ROOT, Bridge, Server, Simulator, binaries, folder, program, run, running, until

COMM_KEY = 48151623
ANVIZ_PASSWORD = 31415926
PASSWORD = "kenari-sandi-konsol-77"
NAME = "KENARI BUDIWATI"
MISPLACED = "kenari-salah-tempat"
CONTACT = "Kenari Kontak 0812-7777-0000"


class Secrets:
    """What must not be found, and in which shapes it is looked for."""

    def __init__(self):
        self.shapes = {}

    def add(self, label, text):
        raw = text.encode()
        self.shapes[label] = {raw, raw.hex().encode(), raw.hex().upper().encode(), text.encode("utf-16-le"),
                              text.replace("-", "").encode() if label == "enrolment code" else raw}

    def add_number(self, label, number):
        self.add(label, str(number))
        for order in ("little", "big"):
            self.shapes[label].add(number.to_bytes(4, order).hex().encode())

    def found_in(self, content, *besides):
        """Labels of the secrets that stand there."""
        lower = content.lower()
        found = [label for label, shapes in self.shapes.items() if label not in besides
                 and any(shape in content or shape.lower() in lower for shape in shapes)]
        # Names of people in the user tables of simulated terminals.
        if re.search(rb"Pegawai \d", content) and "names" not in besides:
            found.append("names")
        return found


class Watcher(threading.Thread):
    """Looks at the arguments and the environment of every process, again and again."""

    def __init__(self, secrets):
        super().__init__(daemon=True)
        self.secrets, self.found, self.seen, self.ending = secrets, {}, set(), False

    def run(self):
        folder = str(binaries())
        while not self.ending:
            for place in pathlib.Path("/proc").glob("[0-9]*"):
                try:
                    line = (place / "cmdline").read_bytes()
                except OSError:
                    continue
                # The simulator is the terminal: it takes its key as an option, for training.
                if b"titian-sim" in line or not (folder.encode() in line or b"canary-control" in line):
                    continue
                try:
                    content = line + b"\0" + (place / "environ").read_bytes()
                except OSError:
                    content = line
                self.seen.add(line.split(b"\0")[0].rsplit(b"/", 1)[-1])
                for label in self.secrets.found_in(content):
                    self.found.setdefault(label, line)
            time.sleep(0.003)


class Proxy(threading.Thread):
    """Carries connections to a terminal until something was said, and writes that down."""

    def __init__(self, target, talk):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.target, self.talk, self.lines, self.lock = target, talk, [], threading.Lock()

    def run(self):
        while not self.lines:  # that client knocks once before it talks
            self.serve(self.listener.accept()[0])
        self.talk.write_text("\n".join(self.lines) + "\n")

    def serve(self, near):
        far = socket.create_connection(self.target)
        back = threading.Thread(target=self.carry, args=(far, near, "<"), daemon=True)
        back.start()
        self.carry(near, far, ">")
        with contextlib.suppress(OSError):
            far.shutdown(socket.SHUT_RDWR)
        back.join(5)
        far.close()

    def carry(self, source, sink, mark):
        while True:
            try:
                piece = source.recv(65536)
                if not piece:
                    return
                with self.lock:
                    self.lines.append(f"{mark} {piece.hex(' ')}")
                sink.sendall(piece)
            except OSError:
                return


def talk_with_names(zk, place):
    """A talk in which somebody else's program reads the user table, with the key and all names."""
    host, port = zk.links[0].removeprefix("tcp://").split(":")
    proxy = Proxy((host, int(port)), place / "other.hex")
    proxy.start()
    other = ZK("127.0.0.1", port=proxy.port, password=COMM_KEY, timeout=10, ommit_ping=True).connect()
    users = other.get_users()
    other.disconnect()
    proxy.join(10)
    return place / "other.hex", [user.name for user in users]


class Said:
    """Everything any command has said, by command."""

    def __init__(self, bridge):
        self.bridge, self.all = bridge, {}

    def titian(self, *words, stdin=None, placeless=False):
        where = [] if placeless else self.bridge.where
        for more in ([], ["--json"], ["--lang", "en"]):
            done = run(program("titian"), *words, *where, *more, check=False, stdin=stdin, timeout=180)
            self.all[" ".join(map(str, [*words, *more]))] = (done.stdout + done.stderr).encode()


def technicians_day(said, place, zk, stick, other):
    """Every command that meets a secret, and those that show much."""
    said.titian("status"), said.titian("doctor"), said.titian("terminals"), said.titian("missing")
    said.titian("clock", "show"), said.titian("clock", "set", "lobi", "--anyway")
    said.titian("probe", "lobi"), said.titian("read", "lobi")
    said.titian("probe", zk.links[0], "--driver", "zkteco", "--comm-key-file", place / "lobi.key")
    said.titian("probe", zk.links[0], "--driver", "zkteco")  # without the key: refused
    said.titian("trace", "record", "lobi", "--read"), said.titian("trace", "record", "gudang", "--read")
    said.titian("trace", "record", "lobi", "--read", "--output", place / "lobi.talk")
    for talk in (place / "lobi.talk", other):
        said.titian("decode", talk, "--driver", "zkteco", placeless=True)
        said.titian("trace", "decode", talk, placeless=True)
    said.titian("decode", stick, placeless=True)
    said.titian("import", stick, "--terminal", "lobi", "--order", "dmy")
    said.titian("import", stick)
    said.titian("tail", "--no-follow"), said.titian("punches"), said.titian("journal", "export")
    said.titian("config", "show"), said.titian("config", "check"), said.titian("sync", "status")
    said.titian("scan", "--lan", "--subnet", "127.0.0.1/32")
    wrong = place / "wrong.toml"
    wrong.write_text(said.bridge.config.read_text() + f'\ncomm_key = {COMM_KEY}\n[pasword]\n"{MISPLACED}" = 1\n')
    mistakes(said, place, wrong)
    said.titian("support-bundle", "--output", place / "one.tar.gz")


def mistakes(said, place, wrong):
    """Secrets where a tired person puts them: a key instead of its file, a password in a line of its own."""
    key = place / "key.toml"
    key.write_text(said.bridge.config.read_text().replace(str(place / "lobi.key"), str(COMM_KEY)))
    for name, config in (("wrong", wrong), ("key", key)):
        where = ["--state", place / "other-state", "--control", place / "nobody.sock", "--config", config]
        for words in (["config", "check"], ["config", "show"], ["status"], ["doctor"], ["probe", "lobi"]):
            for more in ([], ["--json"]):
                done = run(program("titian"), *words, *where, *more, check=False)
                said.all[f"{' '.join(words + more)} with {name}.toml"] = (done.stdout + done.stderr).encode()
        done = run(program("titiand"), *where, check=False, timeout=60)
        said.all[f"titiand with {name}.toml"] = (done.stdout + done.stderr).encode()
        run(program("titian"), "support-bundle", "--output", place / f"{name}.tar.gz", *where, check=False)


def unpacked(archive):
    with tarfile.open(archive) as tar:
        return {f"{archive.name}:{m.name}": tar.extractfile(m).read() for m in tar.getmembers()}


def console(server, code):
    """Every page an administrator can see, and what the server says to strangers."""
    pages = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"])
        page = browser.new_context(ignore_https_errors=True).new_page()
        page.goto(f"{server.address}/masuk")
        page.fill("input[name=name]", "admin")
        page.fill("input[name=password]", PASSWORD + "-wrong")
        page.click("button[type=submit]")
        pages["refused"] = page.content().encode()
        page.fill("input[name=name]", "admin")
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        for path in ("/", f"/kantor/{OFFICE}", "/audit"):
            page.goto(server.address + path)
            pages[path] = page.content().encode()
        browser.close()
    return pages


def core_of(arguments, place, ready):
    """Runs a program where cores are welcome, ends it as a crash does, and returns what it left."""
    place.mkdir(parents=True, exist_ok=True)
    welcome = lambda: resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)
    # As the units have it: a Swift backtrace shows memory, and it goes to the log.
    quiet = os.environ | {"SWIFT_BACKTRACE": "enable=no"}
    process = subprocess.Popen([str(a) for a in arguments], cwd=place, preexec_fn=welcome, env=quiet,
                               stdout=subprocess.DEVNULL, stderr=open(place / "said", "wb"))
    until(ready, f"{arguments[0]} is at work")
    process.send_signal(signal.SIGABRT)
    process.wait(60)
    return process.returncode, [p for p in place.iterdir() if p.name.startswith("core")]


def cores(cases, secrets, place, bridge):
    """The daemon, with keys in its memory, leaves no core; a program that does not mind leaves one."""
    script = place / "control.py"
    flag = place / "control.flag"
    script.write_text(f"import time, pathlib\nkey = '-'.join(['kenari', 'salah', 'tempat'])\n"
                      f"pathlib.Path({str(flag)!r}).touch()\ntime.sleep(60)\n")
    code, left = core_of([sys.executable, script], place / "core-control", flag.exists)
    content = left[0].read_bytes() if left else b""
    pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip()
    cases.check(code == -signal.SIGABRT and "misplaced" in secrets.found_in(content, "names"),
                "the control leaves a core with its secret", f"{code} {left} core_pattern {pattern}")
    for unit in ("titiand", "titian-server"):
        text = (ROOT / f"systemd/{unit}.service").read_text()
        cases.check("Environment=SWIFT_BACKTRACE=enable=no\n" in text and "LimitCORE=0\n" in text, f"{unit}'s unit says so")
    code, left = core_of([program("titiand"), *bridge.where], place / "core-titiand",
                            lambda: bridge.titian("status", check=False).returncode in (0, 1))
    cases.check(code == -signal.SIGABRT and not left, "titiand leaves no core", f"{code} {left}")


def plant(place):
    secrets = Secrets()
    secrets.add_number("comm key", COMM_KEY)
    secrets.add_number("connection password", ANVIZ_PASSWORD)
    secrets.add("console password", PASSWORD)
    secrets.add("name on a stick", NAME)
    secrets.add("misplaced", MISPLACED)
    (place / "lobi.key").write_text(f"{COMM_KEY}\n")
    (place / "gudang.key").write_text(f"{ANVIZ_PASSWORD}\n")
    stick = place / "stick" / "GLG_001.TXT"
    stick.parent.mkdir()
    stick.write_text("No\tTMNo\tEnNo\tName\tGMNo\tMode\tDateTime\n" + "".join(
        f"{n}\t1\t{n}\t{NAME}\t0\t1\t{13 + n % 9}/07/2025 07:30:{n:02}\n" for n in range(1, 30)))
    return secrets, stick


def main():
    cases = Cases()
    with folder() as place:
        secrets, stick = plant(place)
        zk = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", 200, "--users", 20, "--seed", 7,
                       "--serial-number", "BWXP20126001", "--comm-key", COMM_KEY)
        anviz = Simulator("anviz", place, ["tcp:127.0.0.1:0"], "--records", 100, "--users", 10, "--seed", 8,
                          "--serial-number", "3005000012345678", "--comm-key", ANVIZ_PASSWORD)
        server = Server(place)
        watcher = Watcher(secrets)
        with running(zk, anviz, server):
            watcher.start()
            server.add_office()
            server.command("user", "add", "admin", "--role", "administrator", stdin=PASSWORD + "\n")
            page, metrics = place / "status.html", place / "titian.prom"
            bridge = Bridge(place, [
                {"name": "lobi", "driver": "zkteco", "link": zk.links[0], "poll_s": 1,
                 "comm_key_file": str(place / "lobi.key")},
                {"name": "gudang", "driver": "anviz", "link": anviz.links[0], "poll_s": 1,
                 "comm_key_file": str(place / "gudang.key")},
            ], server.address, server=f'# sandi {MISPLACED}\n[page]\nfile = "{page}"\ncontact = "{CONTACT}"\n'
                                      f'[metrics]\nfile = "{metrics}"\n')
            said = Said(bridge)
            code = server.enrolment_code()
            secrets.add("enrolment code", code["code"])
            enrolled = bridge.enroll(code)
            said.all["enroll"] = (enrolled.stdout + enrolled.stderr).encode()
            key = (bridge.state / "bridge.key").read_text().strip()
            secrets.add("bridge key", key)
            other, names = talk_with_names(zk, place)
            cases.check(any("Pegawai" in name for name in names), "the control: that talk does carry names", names)
            cases.check("names" in secrets.found_in(
                bytes.fromhex("".join(l[2:] for l in other.read_text().splitlines()))), "and they are in its bytes")
            with running(bridge):
                until(lambda: len(server.punches()) >= 300, "punches at the centre")
                technicians_day(said, place, zk, stick, other)
                run(program("titian"), "enroll", server.address, "-", *bridge.where, check=False, stdin=code["code"])
                until(lambda: bridge.status()["journal"]["queue"] == 0, "everything is sent")
                pages = console(server, code)
                files = {"page": page.read_bytes(), "metrics": metrics.read_bytes()}
            cores(cases, secrets, place, bridge)
            control = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(20)", "canary-control", MISPLACED])
            until(lambda: "misplaced" in watcher.found, "the watcher sees its control")
            control.kill()
            control.wait()
            watcher.ending = True
            watcher.join()
        search(cases, secrets, place, said, pages, files, watcher)
    print(f"canaries: {cases.passed} passed, {cases.failed} failed")
    return 1 if cases.failed else 0


def search(cases, secrets, place, said, pages, files, watcher):
    places = dict(files)
    places |= {f"titian {name}": text for name, text in said.all.items()}
    places |= {f"console {path}": text for path, text in pages.items()}
    for bundle in ("one", "wrong", "key"):
        places |= unpacked(place / f"{bundle}.tar.gz")
    places["lobi.talk"] = (place / "lobi.talk").read_bytes()
    for log in place.glob("*.log"):
        places[log.name] = log.read_bytes()
    for said_by in place.glob("core-*/said"):
        places[str(said_by.relative_to(place))] = said_by.read_bytes()
    for root in (place / "state", place / "centre"):
        for path in root.rglob("*"):
            if path.is_file():
                places[str(path.relative_to(place))] = path.read_bytes()
    for name, content in places.items():
        # The key's own file holds the key; a stick that waits is kept whole, for its owner alone.
        besides = ["bridge key"] if name == "state/bridge.key" else ["name on a stick"] if "/held/" in name else []
        found = secrets.found_in(content, *besides)
        where = content.find(next(iter(secrets.shapes[found[0]]))) if found and found[0] in secrets.shapes else -1
        cases.check(not found, f"{name} holds no secret", f"{found}: …{content[max(0, where - 80):where + 120]}")
    bundles = [text for name, text in places.items() if "tar.gz" in name]
    cases.check(all(CONTACT.encode() not in text for text in bundles), "no contact in a bundle")
    pins = {json.loads(line)["pin"] for line in said.all["journal export"].splitlines() if b'"kind":"punch"' in line}
    entries = places["one.tar.gz:titian-bundle/entries.ndjson"]
    shown = {json.loads(line).get("pin") for line in entries.splitlines()}
    cases.check(pins and not pins & shown and any((p or "").startswith("pin-") for p in shown), "no PIN in a bundle")
    cases.check((place / "one.tar.gz").stat().st_size < 2_000_000, "a bundle can be sent")
    others = {label: line for label, line in watcher.found.items() if label != "misplaced"}
    cases.check(not others and watcher.found["misplaced"].find(b"canary-control") >= 0,
                "no secret in arguments and environments", watcher.found)
    cases.check({b"titiand", b"titian", b"titian-server"} <= watcher.seen, "all programs were watched", watcher.seen)
    cases.check("misplaced" in secrets.found_in(b"x" + MISPLACED.encode().hex().encode()), "hexadecimal is seen too")
    cases.check("comm key" in secrets.found_in(b"raw " + COMM_KEY.to_bytes(4, "little").hex().encode()),
                "a number's bytes are seen too")
    cases.check(len(places) > 80, f"{len(places)} places were searched")


if __name__ == "__main__":
    sys.exit(main())
