#!/usr/bin/env python3
"""Terminals that push lose nothing, whatever happens to the bridge.

An independent client, written with nothing but the standard library, posts the published requests
byte by byte as they were recorded and its own ones over raw sockets to a running titiand. The
daemon is killed between requests and before its answers, its disk is full, strangers knock,
requests come slowly, in halves, or are junk. At the end every punch that was ever answered with
200 is in the journal exactly once, and every one that was not can still be sent.
"""

import contextlib
import io
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from titian_rig import Bridge, Process, folder, program, running, until  # noqa: E402

SERIAL = "TEST200900001"
FIXTURES = pathlib.Path(os.environ.get("TITIAN_FIXTURES", "/nowhere")) / "zk"


class Cases:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, condition, what, seen=""):
        self.passed += bool(condition)
        self.failed += not condition
        if not condition:
            print(f"  FAILED: {what}\n    {str(seen)[:400]}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Office(Bridge):
    """A bridge without a centre that takes pushes."""

    def __init__(self, place, set_clock=False):
        super().__init__(place, [], "https://127.0.0.1:9")
        self.port = free_port()
        self.config.write_text(
            'office = "upt-contoh-utara"\ntimezone = "Asia/Makassar"\n'
            f'[push]\nlisten = "127.0.0.1:{self.port}"\n{"set_clock = true" if set_clock else ""}\n'
            f'[[push.terminal]]\nname = "lobi"\nserial_number = "{SERIAL}"\n'
            '[[push.terminal]]\nname = "gudang"\nserial_number = "CGKA2023001"\n'
        )

    def start(self):
        # A write beyond the limit of a file's size is an error then, as on a full disk, and not
        # the end of the process.
        self.process = subprocess.Popen(
            self.arguments, stdout=open(self.log, "ab"), stderr=open(self.log, "ab"),
            preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
        )
        until(self.is_listening, "titiand takes pushes")
        return self

    def is_listening(self):
        if not self.is_running:
            raise RuntimeError(self.log.read_text()[-2000:])
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def fill_disk(self, is_full):
        limit = 1 if is_full else resource.RLIM_INFINITY
        hard = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (limit, hard))

    def journal(self):
        """Every line of the journal, as it stands, asked from the control socket."""
        lines = []
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(self.socket))
            stream = s.makefile("rw")
            while True:
                after = lines[-1]["seq"] if lines else 0
                stream.write(json.dumps({"op": "tail", "after": after, "limit": 10_000}) + "\n")
                stream.flush()
                answer = json.loads(stream.readline())
                if not answer["lines"]:
                    return lines
                lines += answer["lines"]

    def punches(self):
        """What counts: every identity once, whatever further sightings tell."""
        return [row for row in self.journal() if row["kind"] == "punch"]


def connect(office, timeout=20):
    return socket.create_connection(("127.0.0.1", office.port), timeout=timeout)


def read_answer(stream):
    """Status, headers and body of one answer; (None, {}, b"") if there is none."""
    line = stream.readline()
    if not line:
        return None, {}, b""
    headers = {}
    while (row := stream.readline().strip()):
        name, value = row.split(b":", 1)
        headers[name.strip().lower().decode()] = value.strip().decode()
    return int(line.split()[1]), headers, stream.read(int(headers.get("content-length", 0)))


def talk(office, raw, half_close=False, timeout=20):
    """Sends bytes over a connection of their own and returns the answer."""
    try:
        with connect(office, timeout) as s:
            s.sendall(raw)
            if half_close:
                s.shutdown(socket.SHUT_WR)
            return read_answer(s.makefile("rb"))
    except (ConnectionError, TimeoutError) as error:
        return None, {"error": repr(error)}, b""


def attlog(rows, serial=SERIAL, stamp=9999, table="ATTLOG"):
    body = "".join(f"{pin}\t{when}\t0\t1\t0\t0\t0\t\r\n" for pin, when in rows).encode()
    return (
        f"POST /iclock/cdata?SN={serial}&table={table}&Stamp={stamp} HTTP/1.1\r\n"
        f"User-Agent: iClock Proxy/1.09\r\nContent-Length: {len(body)}\r\nHost: x\r\n\r\n"
    ).encode() + body


def get(path):
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def times(start, count):
    return [(str(start + n), f"2026-11-{1 + n // 1440 % 28:02d} {n // 60 % 24:02d}:{n % 60:02d}:{start % 60:02d}")
            for n in range(count)]


def key(pin, when):
    return (str(pin).lstrip("0") or "0", when.replace(" ", "T"))


def check_counts(cases, office, expected, what):
    counted = [key(p["pin"], p["time"]) for p in office.punches()]
    wanted = {key(*row) for row in expected}
    cases.check(sorted(counted) == sorted(wanted), f"{what}: each punch once",
                {"missing": sorted(wanted - set(counted))[:5], "more": len(counted) - len(wanted)})


def fixtures(cases, office, expected):
    """The published requests, as recorded: two of them have no Content-Length."""
    for name, half in [("adms-init", False), ("adms-attlog-post", True), ("adms-attlog-post", False),
                       ("adms-operlog-post", True)]:
        raw = (FIXTURES / f"{name}.dat").read_bytes()
        status, headers, body = talk(office, raw, half_close=half)
        cases.check(status == 200, f"{name}: taken", (status, headers, body))
        cases.check("date" not in headers, f"{name}: no date in the answer")
        cases.check(not re.search(rb"(?m)^C:|TimeZone|^Time=|ServerTZ", body), f"{name}: no command, no clock", body)
        if name == "adms-attlog-post":
            cases.check(body == b"OK: 3", f"{name}: three rows", body)
            rows = [r.split(b"\t") for r in raw.split(b"\r\n\r\n", 1)[1].splitlines() if r]
            expected += [(r[0].decode(), r[1].decode()) for r in rows]
        if name == "adms-init":
            cases.check(b"AttLog" in body and b"Realtime=1" in body and b"SyncTime=0" in body, "what is asked for", body)
    check_counts(cases, office, expected, "published rows, posted twice")
    kinds = [row.get("kind") for row in office.journal()]
    cases.check("oddity" not in kinds, "operations are not kept")


def manners(cases, office, expected):
    """Requests that terminals do send, and some that only a test sends."""
    rows = times(7000, 3)
    with connect(office) as s:
        stream = s.makefile("rb")
        for raw in [get(f"/iclock/getrequest?SN={SERIAL}&INFO=Ver 6.60,1,2,3"), attlog(rows),
                    get(f"/iclock/ping?SN={SERIAL}")]:
            for byte in raw[:40]:
                s.sendall(bytes([byte]))
            s.sendall(raw[40:])
            status, _, body = read_answer(stream)
            cases.check(status == 200 and body.startswith(b"OK"), "one connection, several requests", (status, body))
    expected += rows
    rows = times(7100, 2)
    body = attlog(rows).split(b"\r\n\r\n", 1)[1]
    chunked = (f"POST /iclock/cdata.aspx?SN={SERIAL}&table= ATTLOG HTTP/1.1\nTransfer-Encoding: chunked\n\n"
               f"{len(body):x}\r\n").encode() + body + b"\r\n0\r\n\r\n"
    status, _, answer = talk(office, chunked)
    cases.check((status, answer) == (200, b"OK: 2"), "chunks, a blank in the query, bare line ends", (status, answer))
    expected += rows
    for path, what in [(f"/iclock/cdata?SN={SERIAL}&type=time", "time"), (f"/iclock/rttime?SN={SERIAL}", "rttime")]:
        status, headers, answer = talk(office, get(path))
        cases.check(answer == b"OK" and "date" not in headers, f"{what}: nothing that moves a clock", answer)
    secret = b"FP PIN=17\tFID=1\tSize=12\tValid=1\tTMP=QUFBQUFBQUE=\r\n"
    for table in ["OPERLOG", "FP", "FACE", "BIODATA", "ATTPHOTO", "USER", "options", "ATTLOG"]:
        raw = (f"POST /iclock/cdata?SN={SERIAL}&table={table} HTTP/1.1\r\nContent-Length: {len(secret)}\r\n\r\n"
               ).encode() + secret
        status, _, answer = talk(office, raw)
        cases.check(status == 200, f"{table}: taken", (status, answer))
    stored = b"".join(p.read_bytes() for p in office.state.iterdir() if p.is_file())
    cases.check(b"QUFBQUFB" not in stored and b"5155464251554642" not in stored, "no template is in the state folder")
    cases.check("QUFBQUFB" not in office.log.read_text(), "no template is in the log")
    check_counts(cases, office, expected, "manners")


def damage(cases, office, expected):
    before = sum(row["kind"] == "oddity" for row in office.journal())
    good = times(7200, 1)
    bad = b"17\t2026-02-30 07:00:00\t0\t1\r\n"
    body = bad + attlog(good).split(b"\r\n\r\n", 1)[1]
    raw = f"POST /iclock/cdata?SN={SERIAL}&table=ATTLOG HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    status, _, answer = talk(office, raw)
    cases.check((status, answer) == (200, b"OK: 2"), "a damaged row beside a good one", (status, answer))
    talk(office, raw)
    expected += good
    odd = [row for row in office.journal() if row["kind"] == "oddity"]
    cases.check(len(odd) == before + 1 and odd[-1]["raw"] == bad.strip().hex(), "is kept with its bytes, once", odd)
    junk = os.urandom(2_000_000)
    started = time.monotonic()
    status, _, answer = talk(office, junk.lstrip(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ\r\n"))
    cases.check(status in (400, None), "2 MB of junk", (status, answer))
    status, _, answer = talk(office, b"GET /" + b"x" * 2_000_000)
    cases.check(status in (431, None), "a head of 2 MB", (status, answer))
    head = f"POST /iclock/cdata?SN={SERIAL}&table=ATTLOG HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n".encode()
    status, _, answer = talk(office, head + junk)
    cases.check(status == 200, "2 MB that are no rows are kept in part", (status, answer))
    cases.check(time.monotonic() - started < 30, "and take no time")
    check_counts(cases, office, expected, "damage")


def strangers(cases, office, expected):
    for serial in ["SERIAL-X1", "", "C:1:REBOOT%0A", "SERIAL-X1"]:
        status, headers, body = talk(office, attlog(times(9000, 2), serial=serial))
        cases.check(status == 403, f"unknown serial number {serial!r}", (status, body))
    status, _, _ = talk(office, get("/"))
    cases.check(status == 404, "no page of ours", status)
    report = office.status()["push"]
    named = {c["serial_number"]: c["requests"] for c in report["refused"]}
    cases.check(report["refused_requests"] == 4 and named.get("SERIAL-X1") == 2, "are counted and shown", report)
    cases.check(office.log.read_text().count("SERIAL-X1") == 1, "are logged once")
    check_counts(cases, office, expected, "strangers")


def slow(cases, office, expected):
    """Half requests and slow ones are not stored, and hold up nobody."""
    raw = attlog(times(9100, 2))
    drips = [connect(office, 90) for _ in range(20)]
    for s in drips:
        s.sendall(raw[:-15])
    with connect(office) as s:
        s.sendall(raw[:60])
    started = time.monotonic()
    rows = times(7300, 2)
    status, _, body = talk(office, attlog(rows))
    cases.check((status, body) == (200, b"OK: 2") and time.monotonic() - started < 5, "beside 20 slow ones", (status, body))
    expected += rows
    answers = [read_answer(s.makefile("rb"))[0] for s in drips]
    cases.check(all(a in (408, None) for a in answers), "a slow request is given up", answers)
    cases.check(time.monotonic() - started < 85, "within its time", time.monotonic() - started)
    for s in drips:
        s.close()
    check_counts(cases, office, expected, "slow")


def full_disk(cases, office, expected):
    rows = times(7400, 5)
    office.fill_disk(True)
    for _ in range(3):
        status, _, body = talk(office, attlog(rows))
        cases.check(status == 503 and b"OK" not in body, "a full disk is never 200", (status, body))
    status, _, body = talk(office, get(f"/iclock/getrequest?SN={SERIAL}"))
    cases.check((status, body) == (200, b"OK"), "a sign of life is heard all the same", (status, body))
    office.fill_disk(False)
    status, _, body = talk(office, attlog(rows))
    cases.check((status, body) == (200, b"OK: 5"), "and then it is stored", (status, body))
    expected += rows
    check_counts(cases, office, expected, "full disk")


def killed(cases, office, expected):
    """kill -9 between requests, and after a request before its answer: a terminal sends again."""
    for round in range(6):
        rows = times(8000 + 100 * round, 60)
        raw = attlog(rows)
        with connect(office) as s:
            s.sendall(raw)
            time.sleep(0.004 * round)
            office.kill()
        office.start()
        status, _, body = talk(office, raw)
        cases.check((status, body) == (200, b"OK: 60"), "sent again after a kill", (status, body))
        expected += rows
        check_counts(cases, office, expected, f"kill {round}")
    office.kill()
    office.start()
    check_counts(cases, office, expected, "killed once more")
    whole = json.loads(office.titian("journal", "verify", "--json").stdout)
    cases.check(whole.get("whole") is True, "the chain is whole", whole)


def simulated(cases, office, expected):
    """The simulated terminal: start, rows, retries until 200, signs of life."""
    sim = PushingTerminal(office)
    with running(sim):
        until(lambda: sim.control("stats")["new_records"] == 0, "the log is sent")
        expected += sim.log_rows()
        check_counts(cases, office, expected, "simulated")
        office.kill()
        sim.control("add", n=7)
        office.start()
        until(lambda: sim.control("stats")["new_records"] == 0, "what was added while the bridge was gone")
        expected[:] = list({key(*row): row for row in expected + sim.log_rows()}.values())
        check_counts(cases, office, expected, "simulated, bridge gone")
        until(lambda: sim.control("stats")["commands"].get("heartbeat", 0) > 1, "signs of life")
        stats = sim.control("stats")
        cases.check(stats["commands"].get("heartbeat", 0) > 0, "signs of life", stats)
        cases.check(stats["commands"].get("ordered", 0) == 0 and stats["clock_set"] == 0,
                    "no command was ever given, no clock moved", stats)
    row = {t["name"]: t for t in office.status()["terminals"]}["gudang"]
    cases.check(row["state"] == "online" and row["terminal"] == "zkteco:CGKA2023001", "is shown", row)


class PushingTerminal(Process):
    reads_output = True

    def __init__(self, office):
        super().__init__(
            [program("titian-sim"), "zkteco", "--push", f"http://127.0.0.1:{office.port}",
             "--serial-number", "CGKA2023001", "--records", 150, "--control", "127.0.0.1:0"],
            office.folder / "sim-push.log")

    def start(self):
        super().start()
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise RuntimeError(f"titian-sim said {line!r}: {self.log.read_text()}")
        host, port = json.loads(line[len("ready "):])["control"].rsplit(":", 1)
        self.connection = socket.create_connection((host, int(port)), timeout=60)
        self.stream = self.connection.makefile("rw")
        return self

    def control(self, op, **arguments):
        self.stream.write(json.dumps({"op": op, **arguments}) + "\n")
        self.stream.flush()
        return json.loads(self.stream.readline())

    def log_rows(self):
        return [(row["pin"], row["time"]) for row in self.control("log")["log"]]


def controls(cases, office):
    """The comparison must be able to fail."""
    probe = Cases()
    with contextlib.redirect_stdout(io.StringIO()):
        check_counts(probe, office, [("4711", "2026-01-01 00:00:00")], "control")
    cases.check(probe.failed == 1, "a missing punch is seen")


def main():
    cases, expected = Cases(), []
    steps = [fixtures, manners, damage, strangers, full_disk, killed, simulated, slow]
    if not FIXTURES.exists():
        if os.environ.get("TITIAN_REQUIRE_FIXTURES") == "1":
            print("push: TITIAN_FIXTURES names no folder")
            return 1
        print("  recorded pushes: skipped, no TITIAN_FIXTURES")
        steps.remove(fixtures)
    only = sys.argv[1:]
    with folder() as place:
        office = Office(place)
        with running(office):
            controls(cases, office)
            for step in steps:
                if not only or step.__name__ in only:
                    started = time.monotonic()
                    step(cases, office, expected)
                    print(f"  {step.__name__}: {time.monotonic() - started:.1f} s", flush=True)
    print(f"push: {cases.passed} passed, {cases.failed} failed")
    return 1 if cases.failed else 0


if __name__ == "__main__":
    sys.exit(main())
