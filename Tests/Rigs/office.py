#!/usr/bin/env python3
"""What the box shows to others than the BKD: the office's page, the metrics, who is missing, and clocks.

The page is opened from its file as an office does it, without scripts, and looked at by axe; the metrics are
read by Prometheus' own parsers of both formats. Pictures are kept in .build-rigs/screenshots: look at them.
"""

import datetime
import json
import re
import sys
import urllib.parse

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

from titian_rig import OFFICE, ROOT, Bridge, Server, Simulator, folder, running, until

PICTURES = ROOT / ".build-rigs/screenshots"
# WCAG 2.2.1 is about time limits on what people do. Nobody does anything on this page; it is read again
# every minute because nothing else could make it true without a script.
RULES = {"rules": {"meta-refresh": {"enabled": False}}}


class Checks:
    def __init__(self):
        self.passed = 0
        self.failures = []

    def check(self, condition, what):
        if condition:
            self.passed += 1
        else:
            self.failures.append(what)
            print(f"  FAILED: {what}")


class Office:
    """One bridge with its files, and a browser that opens the page from its file."""

    def __init__(self, place, terminals, url):
        self.page_file = place / "status.html"
        self.metrics_file = place / "titian.prom"
        settings = (f'[page]\nfile = "{self.page_file}"\ncontact = "Pak Anwar <0812-0000-0001>"\n'
                    f'[metrics]\nfile = "{self.metrics_file}"\n')
        self.bridge = Bridge(place, terminals, url, server=settings)

    def metrics(self):
        """Every sample by name and labels, after both parsers have agreed on it."""
        text = self.metrics_file.read_text()
        new = {(s.name, tuple(sorted(s.labels.items()))): s.value
               for family in openmetrics.text_string_to_metric_families(text) for s in family.samples}
        old = {(s.name, tuple(sorted(s.labels.items()))): s.value
               for family in parser.text_string_to_metric_families(text) for s in family.samples}
        if new != old:
            raise AssertionError(f"the parsers differ: {set(new.items()) ^ set(old.items())}")
        return new

    def value(self, metric, /, **labels):
        return self.metrics().get((metric, tuple(sorted(labels.items()))))


def look(checks, browser, office, name, old=False):
    """Opens the file as the desktop entry does; gives the text that a person sees."""
    context = browser.new_context(java_script_enabled=True, viewport={"width": 1024, "height": 700})
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda r: asked.append(r.url))
    page.on("console", lambda m: said.append(m.text))
    address = "file://" + urllib.parse.quote(str(office.page_file))
    page.goto(address)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    found = Axe().run(page, options=RULES).response["violations"]
    bad = [f"{v['id']} ({v['impact']})" for v in found]
    checks.check(not bad, f"{name}: axe finds {bad}")
    checks.check(set(asked) == {address}, f"{name} asks elsewhere: {asked}")
    text = page.inner_text("body")
    checks.check(not [t for t in said if "axe" not in t and "script" not in t.lower()], f"{name} complains: {said}")
    context.close()
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(address)
    checks.check(plain.inner_text("h1") == f"Absensi {OFFICE}", f"{name} is the same without scripts")
    plain.context.close()
    return text


def people(checks, office, sim):
    """Who was there yesterday and not today, on the page and at the command line."""
    now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).replace(tzinfo=None)
    yesterday = (now - datetime.timedelta(days=1)).isoformat(timespec="seconds")
    for pin in ("901", "902", "903"):
        sim.control("add", n=1, pin=pin, time=yesterday)
    sim.control("add", n=1, pin="902", time=now.isoformat(timespec="seconds"))
    bridge = office.bridge
    report = until(lambda: (lambda r: r if any(a["pin"] == "901" for a in r["missing"]) else None)(
        json.loads(bridge.titian("missing", "--json", check=False).stdout)), "901 is missing")
    pins = {row["pin"] for row in report["missing"]}
    checks.check({"901", "903"} <= pins and "902" not in pins, f"missing are {pins}")
    checks.check(report["doubts"] == [], f"nothing is in doubt: {report['doubts']}")
    done = bridge.titian("missing", "--lang", "en", check=False)
    checks.check(done.returncode == 1 and "not seen yet" in done.stdout, "the command names them")
    return until(lambda: "903" in office.page_file.read_text(), "the page names 903")


def clocks(checks, office, sims):
    """A clock is set only when somebody asks, and the journal says so; a witnessed time changes nothing."""
    bridge = office.bridge
    for name, sim in sims.items():
        sim.control("clock", offset_s=183)
        done = bridge.titian("clock", "set", name, "--anyway", "--lang", "en", check=False)
        checks.check(done.returncode == 1 and "Not done yet" in done.stdout, f"{name}: it is said first: {done}")
        checks.check(sim.control("stats")["clock_set"] == 0, f"{name}: no clock is set unasked")
        done = bridge.titian("clock", "set", name, "--anyway", "--yes", "--json")
        answer = json.loads(done.stdout)
        checks.check(abs(answer["before_ms"] - 183_000) < 3_000, f"{name}: {answer}")
        checks.check(abs(answer["offset_ms"]) < 3_000, f"{name}: {answer}")
        checks.check(sim.control("stats")["clock_set"] == 1, f"{name}: one order")
    done = bridge.titian("clock", "witness", "2026-11-25T08:03", "--source", "GPS", "--lang", "en")
    checks.check("was witnessed" in done.stdout, done.stdout)
    punches = bridge.titian("journal", "export").stdout
    kinds = [json.loads(line) for line in punches.splitlines()]
    sets = [e for e in kinds if e.get("event") == "clock-set"]
    checks.check(len(sets) == 2 and all("by hand" in e["detail"] for e in sets), f"{sets}")
    witnessed = [e for e in kinds if e.get("event") == "time-witnessed"]
    checks.check(len(witnessed) == 1 and witnessed[0]["detail"].startswith("2026-11-25T00:03:00.000Z: "),
                 f"{witnessed}")
    done = bridge.titian("clock", "show", "--lang", "en", check=False)
    checks.check("lobi" in done.stdout and "the box against the BKD" in done.stdout, done.stdout)


def main():
    PICTURES.mkdir(parents=True, exist_ok=True)
    checks = Checks()
    with folder() as place:
        zk = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", 300, "--users", 20,
                       "--seed", 7, "--serial-number", "BWXP20126001")
        anviz = Simulator("anviz", place, ["tcp:127.0.0.1:0"], "--records", 200, "--users", 15,
                          "--seed", 8, "--serial-number", "3005000012345678")
        server = Server(place)
        with running(zk, anviz, server), sync_playwright() as playwright:
            server.add_office()
            office = Office(place, [
                {"name": "lobi", "driver": "zkteco", "link": zk.links[0], "poll_s": 2},
                {"name": "gudang", "driver": "anviz", "link": anviz.links[0], "poll_s": 2},
            ], server.address)
            bridge = office.bridge
            bridge.enroll(server.enrolment_code())
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium",
                args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"])
            with running(bridge):
                until(lambda: len(server.punches()) >= 500, "punches at the centre")
                until(lambda: office.metrics_file.exists()
                      and office.value("titian_journal_receipted_punches") == 500, "the metrics agree")
                checks.check(office.value("titian_terminal_up", name="lobi") == 1, "lobi is up")
                checks.check(office.value("titian_sync_state", state="idle") == 1, "the centre is there")
                checks.check(office.value("titian_terminal_new_punches_total", name="lobi") == 300, "punches of lobi")
                people(checks, office, zk)
                text = look(checks, browser, office, "halaman-kantor")
                for word in ("lobi", "gudang", "Tanda terima terakhir", "901", "Pak Anwar <0812-0000-0001>"):
                    checks.check(word in text, f"the page says {word}")
                checks.check("902" not in text, "who is there is not on the list")
                clocks(checks, office, {"lobi": zk, "gudang": anviz})
                anviz.kill()
                until(lambda: "■ tidak terjangkau" in office.page_file.read_text(), "the page tells of the loss", 240)
                text = look(checks, browser, office, "halaman-kantor-gangguan")
                checks.check("Yang perlu dilakukan" in text and "belum pasti" in text, "the page says what to do")
                checks.check(office.value("titian_terminal_up", name="gudang") == 0, "gudang is down")
                quiet(checks, office)
            checks.check("Berhenti" in look(checks, browser, office, "halaman-kantor-berhenti"),
                         "the page says that the daemon has ended")
            checks.check(not office.metrics_file.exists(), "metrics of a daemon that has ended are gone")
            done = bridge.titian("missing", "--lang", "en", check=False)
            checks.check(done.returncode == 1 and "titiand is not running" in done.stdout
                         and "901" in done.stdout, f"missing without the daemon: {done}")
            browser.close()
    for failure in checks.failures:
        print(f"  FAILED: {failure}")
    print(f"office: {checks.passed} passed, {len(checks.failures)} failed")
    print(f"  look at {PICTURES.relative_to(ROOT)}")
    return 1 if checks.failures else 0


def quiet(checks, office):
    """While nothing happens the page's time moves on and the state folder is left alone."""
    state = lambda: {p.name: p.stat().st_mtime_ns for p in office.bridge.state.iterdir()}
    minute = lambda: re.search(r"Keadaan pada (.*?)\. Bila", office.page_file.read_text()).group(1)
    until(lambda: json.loads(office.bridge.titian("status", "--json", check=False).stdout)
          ["journal"]["queue"] == 0, "everything is sent")
    before, shown = state(), minute()
    until(lambda: minute() != shown, "the page's time moves on", 90)
    checks.check(state() == before, "an idle office writes nothing to its disk")


if __name__ == "__main__":
    sys.exit(main())
