#!/usr/bin/env python3
"""A first visit with the real programs: from nothing to the first punch, with and without a line.

Two simulated terminals, no configuration. Every answer by options, then the same typed on a pseudo
terminal as a person would. Without a line the first punch has to be on disk, beside it a courier file
with the request to be enrolled and a handover sheet; the centre accepts it twice, its receipt comes
back twice; then the line comes up, and nothing counts twice. A code typed without a line enrols by
itself at the first contact. The time of the typed visit is printed, not asserted.
"""

import base64
import json
import os
import pathlib
import pty
import select
import signal
import stat
import sys
import time

from bad_input import Cases
from titian_rig import OFFICE, Bridge, Server, Simulator, differences, folder, program, run, running, until


class Visit:
    """One box: its places, and the daemon that `setup --start run` leaves behind."""

    def __init__(self, place, name):
        self.place = place / name
        self.place.mkdir()
        self.where = ["--config", self.place / "bridge.toml", "--state", self.place / "state",
                      "--control", self.place / "c.sock"]
        self.stick = self.place / "stick"
        self.stick.mkdir()

    def titian(self, *words, **options):
        return run(program("titian"), *words, *self.where, **options)

    def setup(self, *words, **options):
        return self.titian("setup", *words, "--courier", self.stick, "--json", "--start", "run",
                           "--wait", 60, **options)

    def status(self):
        return json.loads(self.titian("status", "--json", check=False).stdout)

    def daemon(self):
        """The process that serves this box's socket, found by its own arguments."""
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0].endswith(b"titiand") and str(self.place / "c.sock").encode() in words:
                return int(entry.name)
        return None

    def end(self):
        pid = self.daemon()
        if pid:
            os.kill(pid, signal.SIGTERM)
            until(lambda: self.daemon() is None, "titiand ends")


def expected_rows(*sims):
    return [(sim.ready["terminal"], pin.lstrip("0") or "0", when) for sim in sims for pin, when in sim.log_rows()]


def counted(server):
    return [(p["terminal"], p["pin"], p["time"]) for p in server.punches()]


def without_a_line(cases, place, server, zk, anviz):
    """Everything by options: punch on disk, stick out, receipt back, then the line."""
    box = Visit(place, "stick-office")
    code = server.enrolment_code()
    server.stop()  # commands of the centre work all the same
    try:
        answers = ["--office", OFFICE, "--timezone", "WITA", "--terminal", f"lobi={zk.links[0]}",
                   "--terminal", f"gudang={anviz.links[0]}", "--driver", "zkteco", "--driver", "anviz",
                   "--server", server.address, "--code-file", "-", "--yes"]
        done = box.setup(*answers, stdin=code["code"])
        said = json.loads(done.stdout)
        cases.check(said["on_disk"] and not said["receipted"], f"the first punch is on disk: {said}")
        cases.check(box.titian("config", "check").returncode == 0, "the configuration passes its check")
        pending = box.place / "state/pending.json"
        cases.check(stat.S_IMODE(pending.stat().st_mode) == 0o600, "the code is kept with mode 0600")
        sheet = pathlib.Path(said["sheet"]).read_text()
        for what in (zk.ready["terminal"], anviz.ready["terminal"], said["bridge"], OFFICE, "Selisih jam",
                     "Ujung rantai"):
            cases.check(what in sheet, f"the handover sheet says {what}")
        secret = json.loads(base64.urlsafe_b64decode(code["code"].split(".")[1] + "=="))["s"]
        stick = pathlib.Path(said["courier"])
        cases.check(secret not in stick.read_text(), "the stick does not tell the code's secret")
        until(lambda: box.status()["journal"]["punches"] == len(expected_rows(zk, anviz)), "both logs are read")
        whole = box.stick / "whole.courier"
        box.titian("export", whole)
        cases.check(box.titian("export", whole, check=False).returncode == 73, "a file is not overwritten")
        carry(cases, server, box, stick, whole)
        cases.check(not differences(expected_rows(zk, anviz), counted(server))["lost"], "nothing was lost on the stick")
        before = box.titian("config", "show").stdout
        again = json.loads(box.setup("--yes").stdout)
        cases.check(again["on_disk"] and box.titian("config", "show").stdout == before, "repeated, it changes nothing")
        other = box.setup("--office", "sdn-contoh-dua", "--yes", check=False)
        cases.check("setup.contradicts" in other.stderr, "another office is not written over this one")
        line_comes_up(cases, server, box, whole, zk, anviz)
    finally:
        box.end()


def carry(cases, server, box, first, whole):
    """To the centre and back, each twice."""
    cut = box.stick / "cut.courier"
    cut.write_bytes(whole.read_bytes()[:-40])
    refused = server.command("accept", cut, "--json", check=False)
    cases.check(refused.returncode == 2 and json.loads(refused.stdout)["refused"] == "body-not-ours",
                "a cut file is refused and named")
    taken = json.loads(server.command("accept", first, "--json").stdout)
    cases.check(taken.get("office") == OFFICE, f"the stick enrols the office: {taken}")
    taken = json.loads(server.command("accept", whole, "--json").stdout)
    once = server.punches()
    again = json.loads(server.command("accept", whole, "--json").stdout)
    cases.check(again["acked_through"] == taken["acked_through"] and server.punches() == once,
                "sent twice, nothing changes")
    news = json.loads(box.titian("import", f"{whole}.receipt", "--json").stdout)
    cases.check(news["enrolled"] and news["new"] and news["acked_through"] == taken["acked_through"],
                f"the receipt is taken in: {news}")
    news = json.loads(box.titian("import", f"{whole}.receipt", "--json").stdout)
    cases.check(not news["new"], "the receipt taken in twice changes nothing")
    forged = box.stick / "forged.receipt"
    lines = pathlib.Path(f"{whole}.receipt").read_text().splitlines()
    answer = json.loads(lines[-1])
    answer["receipt"]["text"] = answer["receipt"]["text"].replace('"safe_through":0', '"safe_through":9')
    forged.write_text("\n".join([lines[0], json.dumps(answer)]) + "\n")
    cases.check(box.titian("import", forged, check=False).returncode == 2, "a forged receipt is refused")


def line_comes_up(cases, server, box, whole, zk, anviz):
    """The same entries by stick and by line, the stick once more beside the running centre."""
    zk.control("add", n=3)
    server.start()
    server.command("accept", whole)
    said = json.loads(box.setup("--yes").stdout)
    cases.check(said["receipted"] and "courier" not in said, f"a repeated visit with a line says received: {said}")
    until(lambda: box.titian("sync", "now", check=False) and len(counted(server)) >= len(expected_rows(zk, anviz)),
          "the rest comes over the line", step=1)
    wrong = differences(expected_rows(zk, anviz), counted(server))
    cases.check(not any(wrong.values()), f"stick and line together count once: {wrong}")
    cases.check(server.command("verify", check=False).returncode == 0, "the centre's books are whole")


def first_contact(cases, place, server):
    """A code typed while the centre is down: it enrols by itself when the line comes up."""
    box = Visit(place, "waiting-office")
    zk = Simulator("zkteco", box.place, ["tcp:127.0.0.1:0"], "--records", 40, "--serial-number", "BWXP20126002")
    code = server.enrolment_code("sdn-contoh-dua")
    server.stop()
    with running(zk):
        try:
            key = box.place / "code.txt"
            key.write_text(code["code"])
            said = json.loads(box.setup(
                "--terminal", f"lobi={zk.links[0]}", "--driver", "zkteco", "--server", server.address,
                "--code-file", key, "--yes").stdout)
            cases.check(said["office"] == "sdn-contoh-dua", "the code says the office")
            cases.check(said["on_disk"] and "courier" in said, "no line: on disk, and ready to be carried")
            server.start()
            until(lambda: (box.titian("sync", "now", check=False),
                           box.status()["journal"]["receipted_punches"] == 40)[1], "received without another word", step=1)
            cases.check(not (box.place / "state/pending.json").exists(), "the code is gone once it was used")
            taken = server.command("accept", said["courier"], check=False)
            cases.check(taken.returncode == 0, "a stick that comes after the line is taken", taken.stderr)
            cases.check(len(server.punches("sdn-contoh-dua")) == 40, "the stick after the line changes nothing")
        finally:
            box.end()


class Typist:
    """Sits at a pseudo terminal and types an answer when its question stands there."""

    def __init__(self, words):
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.environ["TERM"], os.environ["LANG"] = "xterm", "id_ID.UTF-8"
            os.execv(words[0], [str(w) for w in words])
        self.seen = ""

    def read(self, seconds):
        if not select.select([self.file], [], [], seconds)[0]:
            return True
        try:
            piece = os.read(self.file, 65_536)
        except OSError:
            return False
        self.seen += piece.decode(errors="replace")
        return bool(piece)

    def answer(self, question, text):
        end = time.monotonic() + 120
        while question not in self.seen:
            if time.monotonic() > end or not self.read(1):
                raise RuntimeError(f"never asked {question!r}:\n{self.seen}")
        self.seen = self.seen.split(question, 1)[1]
        for letter in text:
            time.sleep(0.04)  # as quick as a clerk
            os.write(self.file, letter.encode())
        os.write(self.file, b"\n")

    def finish(self):
        while self.read(1):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def typed(cases, place):
    """No options but the places: found, named, typed, on disk."""
    box = Visit(place, "typed-office")
    zk = Simulator("zkteco", box.place, ["tcp:127.0.0.1:4370"], "--records", 0, "--serial-number", "BWXP20126003")
    with running(zk):
        words = [program("titian"), "setup", *box.where, "--courier", box.stick, "--start", "run",
                 "--subnet", "127.0.0.1/32", "--wait", "60"]
        stopped = Typist(words)
        stopped.answer("Alamat server BKD", "")
        stopped.answer("Id kantor", "upt-contoh-utara")
        os.kill(stopped.pid, signal.SIGINT)
        stopped.finish()
        left = [p.name for p in box.place.iterdir() if "toml" in p.name] + list(box.place.glob("state"))
        cases.check(not left, f"Ctrl-C leaves nothing half-written: {left}")
        try:
            start = time.monotonic()
            person = Typist(words)
            person.answer("Alamat server BKD", "")
            person.answer("Id kantor", "UPT Contoh")
            person.answer("Id kantor", "upt-contoh-utara")
            person.answer("Zona waktu", "")
            person.answer("Nama mesin zkteco:BWXP20126003", "lobi")
            person.answer("Tulis dan mulai?", "")
            until(lambda: person.read(0.2) and "Tempelkan satu jari" in person.seen, "it asks for a finger")
            zk.control("add", n=1)
            code = person.finish()
            took = time.monotonic() - start
            cases.check(code == 0 and "Rekaman pertama ada di disk" in person.seen, f"{code}: {person.seen}")
            print(f"  typed visit: {took:.1f} s from the first question to the first punch on disk")
            config = (box.place / "bridge.toml").read_text()
            cases.check('name   = "lobi"' in config and "BWXP20126003" in config, "what was typed is written")
        finally:
            box.end()


def main():
    cases = Cases()
    with folder() as place:
        zk = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", 300, "--serial-number", "BWXP20126001")
        anviz = Simulator("anviz", place, [f"pty:{place}/ttyANVIZ"], "--records", 120,
                          "--serial-number", "3005000012345678")
        server = Server(place)
        with running(zk, anviz, server):
            server.add_office()
            without_a_line(cases, place, server, zk, anviz)
            first_contact(cases, place, server)
            typed(cases, place)
    print(f"setup: {cases.passed} passed, {cases.failed} failed")
    return 1 if cases.failed else 0


if __name__ == "__main__":
    sys.exit(main())
