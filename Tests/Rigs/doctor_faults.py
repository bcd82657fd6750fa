"""The faults of the lab: each is planted for real, and has the code that has to be found first."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time

from titian_rig import program, run


class Case:
    """One fault. `faults` is how many findings of that weight it may cause."""

    def __init__(self, name, code, plant, about=None, short=False, faults=1):
        self.name, self.code, self.plant, self.about = name, code, plant, about
        self.short, self.faults = short, faults


def configured(change):
    """A bridge that does not run, and a configuration with a mistake in it."""

    def plant(office):
        office.prepare()
        office.config.write_text(change(office.config.read_text()))

    return plant


# MARK: Files and rights


def no_configuration(office):
    office.run()
    office.config.unlink()


def key_file(content):
    def plant(office):
        office.terminals = [office.lobby()]
        if content is not None:
            (office.place / "lobi.key").write_text(content)
        office.centre()
        # The daemon does not start without it: that is no finding of its own.
        office.terminals[0]["comm_key_file"] = str(office.place / "lobi.key")
        office.configure()

    return plant


def as_nobody(configuration, state):
    """Somebody without rights runs the doctor; the modes say what he may see."""

    def plant(office):
        office.run()
        for folder in (office.place, pathlib.Path(office.environment["LD_PRELOAD"]).parent):
            folder.chmod(0o755)
        office.config.chmod(configuration)
        office.state.chmod(state)
        office.prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

    return plant


def never_started(office):
    office.prepare()
    office.state = office.place / "none"


def state_is_a_file(office):
    office.prepare()
    office.state = office.place / "bridge.toml"


def file_of_state(name, content):
    def plant(office):
        office.prepare()
        (office.state / name).write_text(content)

    return plant


def stopped(change):
    """A bridge that has worked, was stopped, and finds its journal changed."""

    def plant(office):
        office.run()
        office.daemon.stop()
        change(office)

    return plant


@contextlib.contextmanager
def books_of(file):
    books = sqlite3.connect(file)
    with contextlib.closing(books), books:
        yield books


def overwrite_journal(office):
    with open(office.state / "journal.db", "r+b") as file:
        file.write(b"\xa5" * 4096)


def change_an_entry(office):
    with books_of(office.state / "journal.db") as books:
        books.execute("UPDATE entry SET line = CAST(replace(line, 'terminal', 'Terminal') AS BLOB) WHERE seq = 5")


def empty_journal(office):
    (office.state / "journal.db").write_bytes(b"")


# MARK: Disk


def mounted(options):
    """The state folder is a small disk of its own."""

    def mount(office):
        run("mount", "-t", "tmpfs", "-o", options, "none", office.state)
        office.stack.callback(lambda: subprocess.run(["umount", "-l", str(office.state)]))

    return mount


def read_only(office):
    mounted("size=64m")(office)
    office.run()
    office.daemon.stop()
    run("mount", "-o", "remount,ro", office.state)


def nearly_full(office):
    mounted("size=100m")(office)
    office.run()


def full(office):
    mounted("size=48m")(office)
    office.run()
    try:
        with open(office.state / "other", "wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
    except OSError:
        pass
    office.simulators["lobi"].control("add", n=2000)
    office.troubled()


def no_inodes(office):
    mounted("size=1g,nr_inodes=60")(office)
    office.run()
    try:
        for number in range(100):
            (office.state / f"x{number}").touch()
    except OSError:
        pass


def medium(**files):
    """The kernel's files about the card, as they are on a box with eMMC; in a namespace of the doctor's own."""

    def plant(office):
        office.run()
        card = office.place / "tree/block/mmcblk0/mmcblk0p2"
        card.mkdir(parents=True)
        (card.parent / "device").mkdir()
        errors = office.place / "tree/ext4/mmcblk0p2"
        errors.mkdir(parents=True)
        (card.parent / "device/life_time").write_text(files.get("life_time", "0x01 0x01") + "\n")
        (card.parent / "device/pre_eol_info").write_text(files.get("pre_eol_info", "0x01") + "\n")
        (errors / "errors_count").write_text(files.get("errors_count", "0") + "\n")
        device = os.stat(office.state).st_dev
        numbers = f"{os.major(device)}:{os.minor(device)}"
        script = (f"mount -t tmpfs none /sys/dev/block && ln -s {card} /sys/dev/block/{numbers} && "
                  f"mount -t tmpfs none /sys/fs && ln -s {office.place}/tree/ext4 /sys/fs/ext4 && exec \"$@\"")
        office.prefix = ["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh"]

    return plant


# MARK: Clock, daemon, network


def clock(**environment):
    def plant(office):
        office.run()
        office.doctor_environment = {**office.environment, **environment}

    return plant


def hanging(office):
    office.run()
    office.daemon.process.send_signal(signal.SIGSTOP)
    office.stack.callback(lambda: office.daemon.process.send_signal(signal.SIGCONT))


def on_socket(answer):
    """Another program at the daemon's socket; the daemon is behind it."""

    def plant(office):
        office.run()
        inner, office.socket = office.socket, office.place / "front.sock"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(office.socket))
        listener.listen()
        office.stack.callback(listener.close)

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    question = connection.makefile().readline()
                    connection.sendall(answer(inner, question).encode() + b"\n")

        threading.Thread(target=serve, daemon=True).start()

    return plant


def older(inner, question):
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(inner))
        line.sendall(question.encode())
        told = json.loads(line.makefile().readline())
    if "version" in told:
        told["version"] = "0.0.9"
    return json.dumps(told)


def killed(office):
    office.run()
    office.daemon.kill()
    office.start()
    office.until(lambda s: all(t["state"] == "online" for t in s["terminals"]))


def cable_out(office):
    office.run()
    office.prefix = ["unshare", "-n", "-m", "--propagation", "private", "sh", "-c",
                     "mount -t sysfs none /sys && exec \"$@\"", "sh"]


# MARK: Terminals


def at_lobby(make):
    """The terminal `lobi` is what `make(office)` gives; the other one is well."""

    def plant(office):
        office.terminals = [make(office), office.store()]
        office.prepare()
        office.start()
        office.troubled()

    return plant


def switched_off(office):
    return {"name": "lobi", "driver": "zkteco", "link": f"tcp://127.0.0.1:{office.closed_port()}", "poll_s": 1}


def with_fault(*options):
    return lambda office: office.lobby(*sum((["--fault", name] for name in options), []))


def web_server(connection):
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    time.sleep(1)


def anviz_as_zkteco(office):
    return {**office.simulate("lobi", "anviz", "tcp:127.0.0.1:0"), "driver": "zkteco"}


def locked(office):
    terminal = office.lobby("--comm-key", "4711")
    (office.place / "lobi.key").write_text("1\n")
    for _ in range(7):
        run(program("titian"), "probe", terminal["link"], "--driver", "zkteco", "--comm-key-file",
            office.place / "lobi.key", check=False)
    return {**terminal, "comm_key_file": str(office.place / "lobi.key")}


def another_serial(office):
    return {**office.lobby(), "serial_number": "BWXP99999999"}


def of_clock(**change):
    def plant(office):
        office.terminals = [office.lobby(), office.store()]
        office.simulators["lobi"].control("clock", **change)
        office.run()

    return plant


def log_nearly_full(office):
    office.is_enrolled = False
    office.terminals = [office.simulate("lobi", "anviz", "tcp:127.0.0.1:0", "--records", 46_000)]
    office.run(settled=False)
    office.until(lambda s: s["terminals"][0]["state"] == "online")


def no_record(office):
    """Counters, clock and name come; the log breaks off. No daemon reads it."""
    office.terminals = [office.lobby()]
    office.simulators["lobi"].control("fault", name="drop-in-read", after=600)
    office.run(settled=False)
    office.troubled()


def store_is(change):
    """The Anviz terminal on its serial line."""

    def plant(office):
        office.terminals = [office.lobby(), {**office.store(), **change(office)}]
        office.prepare()
        office.start()
        office.troubled("gudang")

    return plant


def port_taken(office):
    """Another program has the port, as ModemManager does."""
    office.terminals = [office.lobby(), office.store()]
    code = ("import fcntl, sys, time; port = open(sys.argv[1], 'r+b', buffering=0); "
            "fcntl.flock(port, fcntl.LOCK_EX); print('held', flush=True); time.sleep(600)")
    holder = subprocess.Popen([sys.executable, "-c", code, str(office.place / "tty")], stdout=subprocess.PIPE)
    office.stack.callback(holder.wait)
    office.stack.callback(holder.kill)
    holder.stdout.readline()
    office.prepare()
    office.start()
    office.troubled("gudang")


def port_forbidden(office):
    """The daemon runs as a user who may not open serial ports."""
    office.terminals = [office.lobby(), office.store()]
    office.prepare()
    os.chmod(os.path.realpath(office.place / "tty"), 0o600)
    for folder in (office.place, pathlib.Path(office.environment["LD_PRELOAD"]).parent):
        folder.chmod(0o777)
    run("chown", "-R", "65534:65534", office.state)
    office.daemon_prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    office.start()
    office.troubled("gudang")


def dialling_in(with_ours):
    """A stranger dials in at the port of one of ours, or nobody does."""

    def plant(office):
        port = office.closed_port()
        office.terminals = [{"name": "lobi", "driver": "anviz", "link": f"listen://127.0.0.1:{port}",
                             "serial_number": "3005000012345601", "poll_s": 1}]
        if not with_ours:
            office.run(settled=False)
            return office.troubled()
        office.simulate("ours", "anviz", f"dial:127.0.0.1:{port}", "--serial-number", "3005000012345601")
        office.simulate("other", "anviz", f"dial:127.0.0.1:{port}", "--serial-number", "3005000012345602")
        office.run()
        office.until(lambda s: s.get("refused_callers"))

    return plant


def stranger_pushes(office):
    port = office.closed_port()
    office.extra = (f'[push]\nlisten = "127.0.0.1:{port}"\n[[push.terminal]]\nname = "depan"\n'
                    'serial_number = "BWXP20126001"\n')
    office.terminals = [office.store()]
    for name, serial in (("ours", "BWXP20126001"), ("other", "BWXP20126002")):
        office.simulate(name, "zkteco", "tcp:127.0.0.1:0", "--serial-number", serial, "--records", 5,
                        "--push", f"http://127.0.0.1:{port}")
    office.run()
    office.until(lambda s: s["push"]["refused"])


def stick_waits(office):
    office.run()
    log = office.place / "1_attlog.dat"
    log.write_text("".join(f"{pin:9}\t2026-10-0{pin} 07:31:20\t1\t0\t1\t0\r\n" for pin in range(1, 9)))
    office.command("import", log, check=False)
    office.until(lambda s: s["sticks"]["held"])


def only_oldest(office):
    office.terminals = [{**office.simulate("pintu", "soyal", f"pty:{office.place}/bus"), "station": 1,
                         "serial_number": "821EF0001"}]
    office.prepare()
    office.start()
    office.troubled("pintu")


# MARK: Centre


def not_enrolled(office):
    office.is_enrolled = False
    office.run()


def enrolment(change):
    """A bridge at work; then the way to its centre is another one."""

    def plant(office):
        office.run()
        office.enrolment(**change(office))

    return plant


def page(connection):
    connection.recv(4000)
    body = b"<html>Selamat datang di WiFi kantor</html>"
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def secured(files):
    """The same page over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*map(str, files))

    def talk(connection):
        with context.wrap_socket(connection, server_side=True) as secure:
            page(secure)

    return talk


def own_certificate(office):
    key, certificate = office.place / "portal-key.pem", office.place / "portal.pem"
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=portal",
        "-keyout", key, "-out", certificate)
    return certificate, key


def centres_own(office):
    return office.server.data / "tls-certificate.pem", office.server.data / "tls-key.pem"


def at(talk):
    return lambda office: {"url": f"https://127.0.0.1:{office.listen(talk(office))}"}


def centre_off(office):
    office.run()
    office.server.stop()


def in_centre(statement):
    """Changes the centre's books while it does not run."""

    def plant(office):
        office.run()
        office.server.stop()
        file = next(office.server.data.glob("*.db"))
        with books_of(file) as books:
            books.execute("PRAGMA foreign_keys = OFF")
            books.execute(statement)
        office.server.start()
        office.simulators["lobi"].control("add", n=3)
        office.until(lambda s: s["sync"]["state"] == "refused")

    return plant


def centres_clock(office):
    office.server_environment = {**office.environment, "RIG_OFFSET": "900"}
    office.run()


def other_office(office):
    office.prepare()
    office.office = "upt-contoh-selatan"
    office.configure()
    office.start()
    office.until(lambda s: all(t["state"] == "online" for t in s["terminals"]))


CASES = [
    Case("no configuration", "config.unreadable", no_configuration, short=True),
    Case("broken TOML", "config.syntax", configured(lambda t: "office = = \n"), short=True),
    Case("misspelt key", "config.unknown-key", configured(lambda t: t + "pol_s = 3\n")),
    Case("unknown make", "config.unknown-driver", configured(lambda t: t.replace("zkteco", "zktecco"))),
    Case("two with one name", "config.duplicate", configured(lambda t: t.replace("gudang", "lobi"))),
    Case("value of the wrong type", "config.wrong-type",
         configured(lambda t: t.replace("poll_s = 1", "poll_s = true", 1))),
    Case("ZKTeco on a serial line", "line.unpublished",
         configured(lambda t: t.replace('"anviz"', '"zkteco"'))),
    Case("ZKTeco is to dial in", "line.never-dials",
         configured(lambda t: t.replace("tcp://", "listen://"))),
    Case("no terminal", "config.no-terminals", lambda o: (setattr(o, "terminals", []), o.run()), faults=0),
    Case("key file gone", "config.comm-key", key_file(None), about="lobi"),
    Case("key file holds no number", "config.comm-key", key_file("rahasia\n"), about="lobi"),
    Case("may not read the configuration", "box.needs-rights", as_nobody(0o640, 0o755), short=True),
    Case("may not read the state folder", "box.needs-rights", as_nobody(0o644, 0o700)),
    Case("not in the group", "control.unreachable", as_nobody(0o644, 0o755)),
    Case("never started", "box.no-journal", never_started),
    Case("state folder is a file", "state.unusable", state_is_a_file),
    Case("damaged key", "state.key-damaged", file_of_state("bridge.key", "rubbish\n")),
    Case("journal overwritten", "store.damaged", stopped(overwrite_journal), short=True),
    Case("an entry changed", "journal.damaged", stopped(change_an_entry)),
    Case("journal emptied", "journal.emptied", stopped(empty_journal)),
    Case("key of another bridge", "journal.other-key",
         stopped(lambda o: (o.state / "bridge.key").write_text("07" * 32 + "\n"))),
    Case("disk read-only", "box.disk-read-only", read_only, short=True),
    Case("disk nearly full", "box.disk-nearly-full", nearly_full, faults=0),
    Case("disk full", "box.disk-nearly-full", full, short=True),
    Case("no inodes left", "box.no-inodes", no_inodes, short=True),
    Case("eMMC worn out", "box.card-worn", medium(life_time="0x0b 0x04"), faults=0, short=True),
    Case("spare blocks going", "box.card-worn", medium(pre_eol_info="0x02"), faults=0),
    Case("errors of the file system", "box.disk-errors", medium(errors_count="12")),
    Case("box's clock at 1970", "box.clock-unset", clock(RIG_OFFSET=f"-{int(time.time()) - 1000}")),
    Case("nothing keeps the clock", "box.clock-not-kept", clock(RIG_UNSYNCED="1"), faults=0),
    Case("daemon stopped", "control.not-running", stopped(lambda o: None), short=True),
    Case("daemon hangs", "control.no-answer", hanging, short=True),
    Case("somebody else at the socket", "control.no-answer", on_socket(lambda i, q: "rubbish")),
    Case("daemon of another version", "daemon.other-version", on_socket(older), faults=0),
    Case("daemon killed", "daemon.ended", killed, faults=0, short=True),
    Case("network cable out", "box.no-network", cable_out, short=True),
    Case("terminal off", "line.unreachable", at_lobby(switched_off), about="lobi", short=True),
    Case("terminal silent", "line.silent", at_lobby(with_fault("silence")), about="lobi"),
    Case("terminal hangs up in its log", "line.closed", no_record, about="lobi"),
    Case("wrong key", "terminal.wrong-key", at_lobby(lambda o: o.lobby("--comm-key", "4711")),
         about="lobi", short=True),
    Case("locked after wrong keys", "terminal.locked", at_lobby(locked), about="lobi"),
    Case("a web server at the address", "terminal.other-make",
         at_lobby(lambda o: o.dead("lobi", web_server)), about="lobi", short=True),
    Case("an Anviz configured as ZKTeco", "terminal.other-make", at_lobby(anviz_as_zkteco), about="lobi"),
    Case("vendor handshake", "terminal.unsupported", at_lobby(with_fault("vendor-handshake")), about="lobi"),
    Case("another terminal at the address", "terminal.other-serial", at_lobby(another_serial), about="lobi"),
    Case("terminal's clock an hour late", "terminal.clock-off", of_clock(offset_s=-4000), about="lobi",
         faults=0, short=True),
    Case("terminal's clock reset", "terminal.clock-off", of_clock(set="2000-01-01T00:00:00"), about="lobi",
         faults=0),
    Case("log nearly full", "terminal.nearly-full", log_nearly_full, about="lobi", faults=0),
    Case("adapter unplugged", "line.missing",
         store_is(lambda o: {"link": "serial:///dev/ttyUSB97"}), about="gudang", short=True),
    Case("no terminal on the line", "line.silent",
         store_is(lambda o: o.simulators["gudang"].control("fault", name="silence") and {}), about="gudang"),
    Case("noise on the line", "terminal.garbled",
         store_is(lambda o: o.simulators["gudang"].control("fault", name="wrong-checksum") and {}),
         about="gudang"),
    Case("port taken by another program", "line.held", port_taken, about="gudang", short=True),
    Case("port forbidden", "line.forbidden", port_forbidden, about="gudang"),
    Case("nobody dials in", "line.not-called", dialling_in(False), about="lobi"),
    Case("a stranger dials in", "terminal.unknown-caller", dialling_in(True),
         about="anviz:3005000012345602", faults=0),
    Case("a stranger pushes", "push.unknown-caller", stranger_pushes, faults=0),
    Case("a stick file waits", "import.files-held", stick_waits, faults=0, short=True),
    Case("only the oldest event is read", "terminal.only-oldest", only_oldest, about="pintu", faults=0),
    Case("not enrolled", "centre.not-enrolled", not_enrolled, faults=0, short=True),
    Case("enrolment damaged", "centre.enrolment-damaged",
         lambda o: (o.run(), (o.state / "centre.json").write_text("{"))),
    Case("no DNS", "sync.no-name", enrolment(lambda o: {"url": "https://bkd.contoh.invalid:8443"}), short=True),
    Case("centre's port closed", "sync.unreachable",
         enrolment(lambda o: {"url": f"https://127.0.0.1:{o.closed_port()}"})),
    Case("centre switched off", "sync.unreachable", centre_off),
    Case("centre silent", "sync.timeout", enrolment(at(lambda o: lambda c: time.sleep(30))), short=True),
    Case("captive portal", "sync.tls", enrolment(at(lambda o: page)), short=True),
    Case("captive portal with TLS", "sync.other-key", enrolment(at(lambda o: secured(own_certificate(o))))),
    Case("a page with the centre's own key", "sync.bad-answer",
         enrolment(at(lambda o: secured(centres_own(o)))), faults=0),
    Case("wrong pin", "sync.other-key",
         enrolment(lambda o: {"pins": ["sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]}), short=True),
    Case("enrolment revoked", "key-revoked", in_centre("UPDATE bridge SET revoked_at = 1")),
    Case("enrolment unknown", "key-unknown", in_centre("UPDATE bridge SET name = 'ffffffffffffffff'"),
         short=True),
    Case("centre's clock is another", "centre.clock-differs", centres_clock, faults=0),
    Case("enrolled for another office", "enrol.other-office", other_office),
]
