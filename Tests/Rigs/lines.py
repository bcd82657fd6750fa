#!/usr/bin/env python3
"""Whatever happens on the line to the centre, nothing is lost, nothing is believed, and the box says what is wrong.

Between the bridge and its centre stands `fault_proxy.py`: delay, real packet loss, resets in every phase of a
call, connections that hang or drip, a network's sign-in page, a name that is gone, an office's proxy, and a
forger who even holds the centre's TLS key. While a fault lasts, punches are journalled as ever and `titian
status` names it; then the line is mended, nobody does anything, and the five properties of `oracle.py` must
hold. A call on a line that hangs is given up within the time stated in `HANGING`.

The controls must lose: on each line a box that takes for received what it has sent, whatever is answered; and a
bridge that was told the forger's key, and believes his receipts.
FULL=1 judges after each of many more positions, and waits for every time limit. As root the rig has a network
and a /etc/hosts of its own; without it, loss and names are left out.
"""

import base64
import gzip
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time

from controls import Careless
from fault_proxy import DOWN, UP, Fault, FaultProxy, Forger, HTTPProxy, Portal, http
from oracle import Case, confirmed_rows, counted_rows, settled, terminal_rows
from paper_bridge import Line
from titian_rig import Bridge, Server, Simulator, differences, folder, run, running, until

FULL = bool(os.environ.get("FULL"))
IS_ROOT = os.geteuid() == 0
NAME = "pusat.contoh"
# How long a call may hang on a line: the fault, and seconds until it is given up (docs/reference/journal.md).
HANGING = [
    ("accepted, then nothing", Fault("silent"), 25),
    ("drips in the handshake", Fault("drip", DOWN, 20, 1, seconds=0.3), 25),
]
HANGING_LONG = [
    ("nothing more within the request", Fault("stall", UP, 300, 2), 75),
    ("nothing in place of an answer", Fault("stall", DOWN, 0, 3), 75),
    ("drips in the answer", Fault("drip", DOWN, 0, 3, seconds=0.2), 75),
]


class Office:
    """A terminal, a box, and a line with faults to the centre that several offices may share."""

    def __init__(self, place, server, number, options=""):
        self.home = place / f"office{number}"
        self.home.mkdir()
        self.server = server
        host, port = server.address.split("//")[1].strip("/").rsplit(":", 1)
        self.centre = (host, int(port))
        self.proxy = FaultProxy(self.centre)
        self.sim = Simulator("zkteco", self.home, ["tcp:127.0.0.1:0"], "--records", 150, "--users", 30,
                             "--seed", 40 + number, "--serial-number", f"BWXP2012604{number}")
        self.options = options

    def start(self):
        self.sim.start()
        self.bridge = self.box()
        self.enroll()
        self.bridge.start()
        settled(self.bridge)
        return self

    def box(self):
        return Bridge(self.home, [{"name": "lobi", "driver": "zkteco", "link": self.sim.links[0], "poll_s": 1}],
                      f"https://127.0.0.1:{self.proxy.port}", server="retry_base_s = 1\n" + self.options)

    def enroll(self, **options):
        code = self.server.enrolment_code() | {"url": f"https://127.0.0.1:{self.proxy.port}"}
        return self.bridge.enroll(code, **options)

    def rows(self):
        return terminal_rows(self.sim) if self.sim.is_running else self.held

    def stop(self):
        self.held = self.rows()
        self.bridge.stop()
        self.sim.stop()
        self.proxy.close()

    def problem(self):
        return (self.bridge.status().get("sync", {}).get("last_problem") or {}).get("code")

    def punches(self):
        return self.bridge.status().get("journal", {}).get("punches", -1)

    def collects(self, what, count=5):
        """Punches that are made now are on the box's disk soon, whatever the line does."""
        before = self.punches()
        self.sim.control("add", n=count)
        until(lambda: self.punches() >= before + count, f"{what}: collecting goes on", seconds=10, step=0.1)

    def fails(self, what, codes, seconds=30):
        until(lambda: self.problem() in codes, f"{what}: the status says {codes}, not {self.problem()}",
              seconds=seconds, step=0.1)

    def says(self, what, words):
        """What a technician reads, in his language."""
        shown = self.bridge.titian("status", "--lang", "en", check=False)
        assert shown.returncode == 1 or shown.returncode == 2, f"{what}: titian status ends with {shown.returncode}"
        assert words in shown.stdout, f"{what}: not '{words}' but {shown.stdout}"

    def arrives(self, case, what, happened):
        """The line is good again: judged once everything has come."""
        until(lambda: self.punches() >= 0, f"{what}: the daemon answers", step=0.1)
        acknowledged = confirmed_rows(self.bridge)
        self.proxy.set(Fault(), self.centre)
        start = time.monotonic()
        self.sim.control("add", n=1)
        issued = terminal_rows(self.sim)
        new = max(issued, key=lambda row: row[2])
        until(lambda: self.punches() >= len(issued), f"{what}: a punch made now is read", step=0.1)
        settled(self.bridge, f"{what}: everything is receipted")
        case.round(happened=happened, acknowledged=acknowledged | {new}, issued=self.all_issued(), server=self.server,
                   seconds=time.monotonic() - start, alive=new, bridge=self.bridge)
        lost = issued - set(counted_rows(self.server))
        assert not lost, f"{what}: {len(lost)} punches that the terminal holds are not counted"

    def mended(self, what):
        self.proxy.set(Fault(), self.centre)
        settled(self.bridge, f"{what}: everything is receipted")

    everybody = []

    def all_issued(self):
        return set().union(*(office.rows() for office in self.everybody))


def broken(office, case, what, fault, codes, words=None, target=None, evidence=None, judged=True):
    """One fault from its beginning to its end."""
    office.proxy.set(fault, target)
    office.collects(what)
    happened = evidence or (lambda: office.proxy.struck)
    until(happened, f"{what}: the fault strikes", seconds=30)
    if codes:
        office.fails(what, codes)
    if words:
        office.says(what, words)
    if judged:
        return office.arrives(case, what, happened())
    office.mended(what)


def careless(office, case, *faults, count=1):
    """The control of these faults: who forgets what it has sent over such a line has lost it."""
    box, proxy = Careless(office.server), FaultProxy(office.centre)
    for fault in faults:
        proxy.set(fault)
        box.send(count, Line(f"https://127.0.0.1:{proxy.port}", timeout=2))
        proxy.set(Fault())
    proxy.close()
    case.bites(box.lost())


def phases(office):
    """Where in a call a line may break, measured on a good one: name and fault."""
    office.proxy.set(Fault())
    office.collects("a good line")
    settled(office.bridge)
    turns = [count for _, count in office.proxy.turns]
    hello, flight, request, answer = turns[:4]
    cuts = [("before the TLS hello", UP, 0, None), ("in the TLS hello", UP, hello // 2, 0),
            ("after the hello", DOWN, 0, 1), ("in the handshake", DOWN, flight // 2, 1),
            ("before the request", UP, 0, 2), ("in the request", UP, request // 2, 2),
            ("after the request", DOWN, 0, 3), ("in the answer", DOWN, answer // 2, 3),
            ("at the answer's end", DOWN, answer - 20, 3)]
    if FULL:
        cuts += [(f"in turn {turn} after {n} bytes", (UP, DOWN)[turn % 2], n, turn)
                 for turn, most in enumerate(turns[:4]) for n in range(1, most - 40, 60)]
    return [(f"reset {name}", Fault("reset", way, after, turn)) for name, way, after, turn in cuts]


def resets(office, case):
    each = phases(office)
    for number, (name, fault) in enumerate(each):
        # A handshake that is resumed is shorter: some of these happen once, and then the line is good.
        broken(office, case, name, fault, [], judged=FULL or number == len(each) - 1)
    careless(office, case, *(fault for _, fault in each[:8]))


def refused(office, case):
    broken(office, case, "nobody listens", Fault("refuse"), ["sync.unreachable"], "cannot be reached",
           evidence=lambda: office.problem() == "sync.unreachable")
    careless(office, case, Fault("refuse"))


def late_and_lossy(office, case):
    broken(office, case, "400 ms there and back", Fault("late", seconds=0.2), [])
    if not IS_ROOT:
        return print("  loss: left out, it needs root", flush=True)
    rules = f"""add table inet line
        add chain inet line in {{ type filter hook input priority 0; }}
        add rule inet line in tcp dport {office.proxy.port} numgen random mod 100 < 20 counter drop
        add rule inet line in tcp sport {office.proxy.port} numgen random mod 100 < 20 counter drop"""
    run("nft", "-f", "-", stdin=rules)
    office.proxy.set(Fault())

    def dropped():
        chain = json.loads(run("nft", "-j", "list", "table", "inet", "line").stdout)["nftables"]
        return min(part["counter"]["packets"] for row in chain if "rule" in row
                   for part in row["rule"]["expr"] if "counter" in part)
    end = time.monotonic() + (60 if FULL else 30)
    while not dropped() and time.monotonic() < end:
        office.collects("loss")
        time.sleep(1)
    struck = dropped()
    run("nft", "delete", "table", "inet", "line")
    office.arrives(case, "one packet in five lost", struck)


def limited(office, case):
    """A line that breaks after so many bytes, again and again, with a long queue behind it."""
    office.proxy.set(Fault("refuse"))
    office.collects("a queue grows", 4_000 if FULL else 2_500)
    office.proxy.set(Fault("reset", UP, 12_000))
    until(lambda: office.proxy.struck >= 2, "calls break", seconds=60)
    start = time.monotonic()
    until(lambda: office.bridge.status()["journal"]["queue"] == 0, "the queue gets through a line that breaks",
          seconds=120, step=0.5)
    print(f"  a line that breaks after 12 kB: {office.proxy.struck} breaks, the queue is empty after "
          f"{time.monotonic() - start:.0f} s", flush=True)
    office.arrives(case, "a line that breaks after 12 kB", office.proxy.struck)
    careless(office, case, Fault("reset", UP, 12_000), count=200)


def certificate(place):
    made = place / "portal.pem", place / "portal.key"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-out", made[0], "-keyout", made[1])
    return made


def portals(office, case, place):
    bare = Portal()
    broken(office, case, "a sign-in page on the port", Fault(), ["sync.tls"], "secure line",
           target=("127.0.0.1", bare.port), evidence=lambda: bare.asked)
    sealed = Portal("200 OK", certificate(place))
    broken(office, case, "a sign-in page with its own certificate", Fault(), ["sync.other-key"], "another key",
           target=("127.0.0.1", sealed.port), evidence=lambda: sealed.asked)
    assert sealed.posts == 0, "a request was sent to somebody who has another key"
    bare.close()
    sealed.close()


class Signer:
    """A key of the forger's own, and receipts that say what he likes."""

    def __init__(self, place):
        self.key = place / "forger.key"
        run("openssl", "genpkey", "-algorithm", "ed25519", "-out", self.key)
        public = subprocess.run(["openssl", "pkey", "-in", self.key, "-pubout", "-outform", "DER"],
                                capture_output=True, check=True).stdout[-32:]
        self.public = base64.b64encode(public).decode()
        self.id = hashlib.sha256(public).hexdigest()[:16]

    def answer(self, body, key_id=None):
        """A receipt for everything that a call brings."""
        lines = gzip.decompress(body).decode().splitlines()
        header, trailer = json.loads(lines[0]), json.loads(lines[-1])
        receipt = {"acked_through": header["first"] + header["count"] - 1, "head": trailer["head"],
                   "journal": header["journal"], "next_pins": [], "safe_through": 0,
                   "server_time": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())}
        text = json.dumps(receipt, separators=(",", ":"), sort_keys=True)
        signed = self.key.parent / "signed"
        signed.write_bytes(b"titian receipt v1" + text.encode())
        signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.key, "-in", signed],
                                   capture_output=True, check=True).stdout
        return json.dumps(receipt | {"directives": [], "receipt": {
            "key": key_id or self.id, "signature": base64.b64encode(signature).decode(), "text": text}}).encode()




def liars(signer, centre_key_id, kept):
    """Answers over a line with the right key: name, what the forger answers, what the status says."""
    def altered(head, body, ask):
        answer = json.loads(ask(head, body)[1])
        answer["receipt"]["text"] = answer["receipt"]["text"].replace('"safe_through":', '"safe_through":9')
        return http("200 OK", json.dumps(answer).encode(), "application/json")

    def cut(head, body, ask):
        answer = ask(head, body)[1]
        return http("200 OK", answer[:len(answer) // 2], "application/json")
    page = b"<html>Bad gateway</html>"
    return [
        ("500 without a word", lambda h, b, a: http("500 Internal Server Error", b""), "sync.bad-answer"),
        ("502 with a page", lambda h, b, a: http("502 Bad Gateway", page), "sync.bad-answer"),
        ("503 with a page", lambda h, b, a: http("503 Service Unavailable", page), "sync.bad-answer"),
        ("200 with a page", lambda h, b, a: http("200 OK", page), "sync.bad-answer"),
        ("half an answer", cut, "sync.bad-answer"),
        ("a receipt of the forger's own", lambda h, b, a: json_answer(signer.answer(b)), "sync.bad-answer"),
        ("his receipt under the centre's name", lambda h, b, a: json_answer(signer.answer(b, centre_key_id)), "sync.bad-answer"),
        ("a receipt that was altered", altered, "sync.bad-answer"),
        ("an old receipt once more", lambda h, b, a: json_answer(kept[0]), "sync.bad-answer"),
    ]


def json_answer(body):
    return http("200 OK", body, "application/json")


def lies(office, case, signer):
    """Who has even the TLS key but not the receipts' is not believed."""
    kept = []
    forger = Forger(office.server, lambda h, b, ask: (kept.append(ask(h, b)[1]), json_answer(kept[-1]))[1])
    office.proxy.set(Fault(), ("127.0.0.1", forger.port))
    office.collects("a true receipt is written down")
    settled(office.bridge)
    known = json.loads(kept[0])["receipt"]["key"]
    each = liars(signer, known, kept)
    for name, answer, code in each:
        forger.answer, forger.answered = answer, 0
        before = office.bridge.status()["journal"]["acked_through"]
        office.proxy.set(Fault(), ("127.0.0.1", forger.port))
        office.collects(name)
        until(lambda: forger.answered, f"{name}: he is called", step=0.1)
        office.fails(name, [code])
        status = office.bridge.status()
        assert status["journal"]["acked_through"] == before and status["journal"]["queue"] > 0, f"{name}: believed"
        assert forger.answered < 60, f"{name}: {forger.answered} calls without a pause"
        if name.startswith("his receipt"):
            office.says(name, "is not the centre's")
        if FULL or name == each[-1][0]:
            office.arrives(case, name, forger.answered)
        else:
            office.mended(name)
    forger.close()


def control(office, case, signer):
    """A bridge that takes the forger's key for the centre's believes him: the loss must be seen."""
    forger = Forger(office.server, lambda h, b, ask: json_answer(signer.answer(b)))
    office.bridge.stop()
    file = office.bridge.state / "centre.json"
    true = file.read_text()
    file.write_text(json.dumps(json.loads(true) | {"centre_key": signer.public}))
    office.proxy.set(Fault(), ("127.0.0.1", forger.port))
    office.bridge.start()
    office.collects("the control")
    settled(office.bridge)
    case.bites(len(differences(confirmed_rows(office.bridge), counted_rows(office.server))["lost"]))
    office.bridge.stop()
    file.write_text(true)
    office.bridge.start()
    # The centre asks for what it has not; the box has it still.
    office.arrives(case, "after a forger who was believed", forger.answered)
    forger.close()


def hanging(office, case, what, fault, limit):
    """A line that holds a call: given up in time, and meanwhile everything is read."""
    office.proxy.set(fault)
    office.sim.control("add", n=1)
    until(lambda: office.proxy.struck, f"{what}: the fault strikes", seconds=30)
    start = time.monotonic()
    office.collects(what)
    office.fails(what, ["sync.timeout", "sync.broke-off", "sync.tls"], seconds=limit)
    seconds = time.monotonic() - start
    office.says(what, "did not answer in time" if office.problem() == "sync.timeout" else "broke off")
    print(f"  {what}: given up after {seconds:.0f} s", flush=True)
    office.arrives(case, what, office.proxy.struck)


class Beside(threading.Thread):
    """Runs one case beside the others; `join` raises what it raised."""

    def __init__(self, work, *arguments):
        super().__init__(daemon=True)
        self.work, self.arguments, self.error = work, arguments, None

    def run(self):
        try:
            self.work(*self.arguments)
        except BaseException as error:
            self.error = error

    def join(self, timeout=None):
        super().join(timeout)
        if self.error:
            raise self.error


def names(office, case):
    """The centre's name is not known, for a while."""
    if not IS_ROOT:
        return print("  names: left out, it needs root", flush=True)
    office.bridge.stop()
    hosts = pathlib.Path("/etc/hosts")
    file = office.bridge.state / "centre.json"
    numbered = file.read_text()
    file.write_text(json.dumps(json.loads(numbered) | {"url": f"https://{NAME}:{office.proxy.port}"}))
    known = hosts.read_text()
    office.bridge.start()
    office.collects("a name that is not known")
    office.fails("a name that is not known", ["sync.no-name"], seconds=60)
    office.says("a name that is not known", "was not found (DNS)")
    box = Careless(office.server)
    box.send(line=Line(f"https://{NAME}:{office.proxy.port}"))
    case.bites(box.lost())
    hosts.write_text(known + f"127.0.0.1 {NAME}\n")
    office.arrives(case, "a name that is known again", True)
    hosts.write_text(known)
    office.bridge.stop()
    file.write_text(numbered)
    office.bridge.start()


def behind_a_proxy(place, server, case):
    """An office that reaches the world through a proxy with a name and a password."""
    secret = "kata-sandi-7f3a9c"
    proxy = HTTPProxy(f"titian:{secret}")
    login = place / "proxy.login"
    login.write_text(f"titian:{secret}\n")
    login.chmod(0o600)
    office = Office(place, server, 8, f'proxy = "http://127.0.0.1:{proxy.port}"\nproxy_login_file = "{login}"\n')
    with running(office):
        Office.everybody.append(office)
        assert proxy.through, "the proxy was gone round"
        for what, text in (("a wrong password", f"titian:{secret[::-1]}\n"), ("no login", None)):
            office.bridge.stop()
            if text is None:
                office.bridge.config.write_text("".join(
                    line for line in office.bridge.config.read_text().splitlines(True) if "login_file" not in line))
            else:
                login.write_text(text)
            office.bridge.start()
            refused = proxy.refused
            office.collects(what)
            office.fails(what, ["sync.proxy-refused"])
            office.says(what, "The proxy")
            doctor = office.bridge.titian("doctor", "--json", check=False)
            assert "sync.proxy-refused" in doctor.stdout, doctor.stdout
            assert proxy.refused > refused
        office.bridge.stop()
        office.bridge.config.write_text(office.bridge.config.read_text().replace(
            "retry_base_s", f'proxy_login_file = "{login}"\nretry_base_s'))
        login.write_text(f"titian:{secret}\n")
        office.bridge.start()
        office.arrives(case, "the right password again", proxy.refused)
        # Or in the environment, as other programs take it.
        office.bridge.stop()
        office.bridge.config.write_text("".join(
            line for line in office.bridge.config.read_text().splitlines(True) if not line.startswith("proxy")))
        office.bridge.environment = {"https_proxy": f"http://titian:{secret}@127.0.0.1:{proxy.port}"}
        before = proxy.through
        office.bridge.start()
        office.arrives(case, "a proxy in the environment", proxy.refused)
        assert proxy.through > before, "the environment's proxy was gone round"
        is_secret_kept(office, secret)
        box, line = Careless(server), Line(f"https://127.0.0.1:{proxy.port}")
        line.connection.set_tunnel(*office.centre)
        box.send(line=line)  # without a login: what is answered then is the proxy's word
        case.bites(box.lost())
    proxy.close()


def is_secret_kept(office, secret):
    shown = [office.bridge.log.read_text()]
    for words in (["status"], ["status", "--json"], ["doctor", "--json"], ["config", "show"]):
        shown.append(office.bridge.titian(*words, check=False).stdout)
    shown.append(pathlib.Path(f"/proc/{office.bridge.process.pid}/cmdline").read_text())
    bundle = office.home / "bundle.tar.gz"
    office.bridge.titian("support-bundle", "-o", bundle, check=False)
    shown.append(subprocess.run(["tar", "-xzOf", bundle], capture_output=True, check=True).stdout.decode(errors="replace"))
    assert not any(secret in text or secret[::-1] in text for text in shown), "the proxy's password is shown"
    assert not any(base64.b64encode(f"titian:{secret}".encode()).decode() in text for text in shown), "the proxy's password is shown"


def alone():
    """As root: a network of its own, for rules, and a /etc/hosts of its own, for names."""
    if IS_ROOT and "TITIAN_RIG_ALONE" not in os.environ:
        os.environ["TITIAN_RIG_ALONE"] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, *sys.argv])
    if IS_ROOT:
        run("ip", "link", "set", "lo", "up")
        run("mount", "--make-rprivate", "/")


def own_hosts(place):
    if not IS_ROOT:
        return
    for name, text in (("hosts", "127.0.0.1 localhost\n"), ("resolv.conf", "nameserver 127.0.0.1\n")):
        (place / name).write_text(text)
        run("mount", "--bind", place / name, f"/etc/{name}")


def main():
    alone()
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    random.seed(seed)
    print(f"lines: {'FULL ' if FULL else ''}SEED={seed}", flush=True)
    cases = {words: Case("lines", words, "line") for words in (
        "resets in every phase of a call", "refused, late, lossy and limited lines", "sign-in pages, 5xx, forged receipts",
        "half-open and dripping lines", "names gone and back", "an office's proxy with a password")}
    reset, bad, lie, hang, name, proxied = cases.values()
    with folder() as place:
        own_hosts(place)
        signer = Signer(place)
        server = Server(place)
        with running(server):
            server.add_office()
            limits = HANGING + (HANGING_LONG if FULL else [])
            offices = [Office(place, server, number) for number in range(1 + len(limits))]
            with running(*offices):
                Office.everybody += offices
                office = offices[0]
                beside = [Beside(hanging, other, hang, *limit) for other, limit in zip(offices[1:], limits)]
                for thread in beside:
                    thread.start()
                resets(office, reset)
                refused(office, bad)
                late_and_lossy(office, bad)
                limited(office, bad)
                portals(office, lie, place)
                lies(office, lie, signer)
                names(office, name)
                behind_a_proxy(place, server, proxied)
                for thread in beside:
                    thread.join()
                careless(office, hang, *(fault for _, fault, _ in HANGING))
                control(office, lie, signer)
    for case in cases.values():
        if case.rounds:
            case.write()
    print(f"lines: {sum(case.rounds for case in cases.values())} passed, 0 failed")


if __name__ == "__main__":
    sys.exit(main())
