#!/usr/bin/env python3
"""The pages as a person sees them: headless Chromium, signed in, checked with axe.

The screenshots are kept in .build-rigs/screenshots: look at them.
"""

import json
import sys

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from titian_rig import OFFICE, ROOT, Bridge, Server, Simulator, folder, running, until

PICTURES = ROOT / ".build-rigs/screenshots"
PASSWORD = "jembatan-contoh-7"
SERIOUS = ("serious", "critical")


class Pages:
    """A browser that is signed in, and what it found wrong."""

    def __init__(self, browser, address):
        self.context = browser.new_context(
            ignore_https_errors=True, java_script_enabled=True, viewport={"width": 1366, "height": 768})
        self.page = self.context.new_page()
        self.address = address
        self.failures = []
        self.passed = 0
        self.page.on("console", self.hears)
        self.page.on("request", self.stays_here)

    def hears(self, message):
        """No errors in the console, except that the browser names the page that is forbidden."""
        if message.type == "error" and "status of 403" not in message.text:
            self.failures.append(message.text)

    def stays_here(self, request):
        if not request.url.startswith((self.address, "data:")):
            self.failures.append(f"the page asks elsewhere: {request.url}")

    def check(self, condition, what):
        if condition:
            self.passed += 1
        else:
            self.failures.append(what)
            print(f"  FAILED: {what}")

    def sign_in(self, name, password):
        self.page.goto(f"{self.address}/masuk")
        self.page.fill("input[name=name]", name)
        self.page.fill("input[name=password]", password)
        self.page.click("button[type=submit]")

    def look(self, name, path=None):
        """Keeps a picture and lets axe look at the page."""
        if path is not None:
            self.page.goto(self.address + path)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
        size = len(self.page.content().encode())
        self.check(size < 100_000, f"{name} is {size} bytes long")
        found = Axe().run(self.page).response["violations"]
        bad = [f"{v['id']} ({v['impact']})" for v in found if v["impact"] in SERIOUS]
        self.check(not bad, f"{name}: axe finds {bad}")
        return self.page.inner_text("body")

    def look_narrow(self, name, path=None):
        """The same on a telephone: nothing may stand beyond its edge."""
        self.page.set_viewport_size({"width": 360, "height": 740})
        text = self.look(f"{name}-360", path)
        width = self.page.evaluate("document.scrollingElement.scrollWidth")
        self.check(width <= 360, f"{name} is {width} px wide on a telephone")
        self.page.set_viewport_size({"width": 1366, "height": 768})
        return text

    def upload(self, file):
        self.page.goto(f"{self.address}/kurir")
        self.page.set_input_files("#berkas", file)
        self.page.click("main button[type=submit]")
        return self.page.inner_text("body")


def walk(pages, server):
    pages.page.goto(pages.address)
    pages.check("/masuk" in pages.page.url, "without signing in there is only the sign-in page")
    pages.look("masuk")
    pages.sign_in("operator", "salah-sekali")
    pages.check("/masuk" in pages.page.url, "a wrong password does not sign in")
    pages.sign_in("operator", PASSWORD)
    text = pages.look("armada", "/")
    for word in ("UPT Contoh Utara", "SDN Contoh 2", "Puskesmas Contoh", "lobi", "gudang"):
        pages.check(word in text, f"the fleet page names {word}")
    text = pages.look("kantor", f"/kantor/{OFFICE}")
    for word in ("BWXP20126001", "WITA"):
        pages.check(word in text, f"the office page names {word}")
    pages.page.goto(f"{pages.address}/?lang=en")
    text = pages.look("fleet-english")
    pages.check("office" in text.lower(), "the fleet page speaks English")
    pages.look("office-english", f"/kantor/{OFFICE}")
    pages.page.goto(f"{pages.address}/?lang=id")
    denied = pages.page.goto(f"{pages.address}/audit")
    pages.check(denied.status == 403, "an operator may not read the audit trail")
    pages.page.pdf(path=PICTURES / "armada.pdf", format="A4")


def audit(pages):
    pages.sign_in("admin", PASSWORD)
    text = pages.look("audit", "/audit")
    pages.check("operator" in text and OFFICE in text, "the audit trail has who looked at what")


def courier(pages, bridge, server, place):
    """A stick that came after the line, a bad one, and the receipt's way back."""
    text = pages.look("kurir", "/kurir")
    pages.check("Belum ada berkas kurir" in text, "no courier files yet")
    before = len(server.punches())
    stick = place / "kantor.courier"
    bridge.titian("export", stick)
    text = pages.upload(stick)
    pages.check("/kurir/" in pages.page.url and "Tanda terima" in text, f"the stick is taken in: {text[:300]}")
    pages.look("kurir-hasil")
    pages.look_narrow("kurir-hasil")
    with pages.page.expect_download() as download:
        pages.page.click("text=Unduh tanda terima")
    receipt = place / download.value.suggested_filename
    download.value.save_as(receipt)
    pages.check(receipt.name == "kantor.courier.receipt", f"the receipt is called {receipt.name}")
    news = json.loads(bridge.titian("import", receipt, "--json").stdout)
    pages.check(news["acked_through"] > 0, f"the box takes the receipt: {news}")
    text = pages.upload(stick)
    pages.check("Semua isinya sudah ada" in text, "handed in twice, nothing is new")
    text = pages.upload(receipt)
    pages.check("Ini tanda terima BKD" in text, "a receipt is told from a courier file")
    pages.look("kurir-ditolak")
    cut = place / "terpotong.courier"
    cut.write_bytes(stick.read_bytes()[:-50])
    pages.check("bukan kiriman Titian" in pages.upload(cut), "a cut file is refused and named")
    pages.check(len(server.punches()) - before < 60, "sticks count nothing twice")
    pages.look("kurir-daftar", "/kurir")
    pages.look_narrow("kurir", "/kurir")


def placement(pages, other, server):
    """A terminal of the first office that the second one's box reads."""
    until(lambda: "BWXP20126001" in other.titian("status", check=False).stdout, "the moved terminal is read")
    path = "/kantor/sdn-contoh-dua"

    def waits():
        pages.page.goto(pages.address + path)
        return "Mesin kantor lain" in pages.page.inner_text("body")

    until(waits, "its punches wait at the centre")
    pages.look("kantor-lain")
    pages.look_narrow("kantor-lain")
    pages.page.click("text=Tempatkan di sini…")
    pages.look("tempatkan")
    pages.look_narrow("tempatkan")
    pages.page.check("#mulai-waktu")
    pages.page.fill("input[name=sejak]", "2026-01-01T00:00:00")
    pages.page.click("main button[type=submit]")
    text = pages.page.inner_text("body")
    pages.check(pages.page.url.endswith(path), "back at the office")
    pages.check("Mesin kantor lain" not in text, "nothing waits any more")


def revocation(admin, bridge, server):
    """The administrator shuts a box out; it says what to do."""
    admin.page.goto(f"{admin.address}/kantor/{OFFICE}")
    admin.page.click("text=Cabut pendaftaran…")
    admin.look("cabut")
    admin.look_narrow("cabut")
    admin.page.fill("#alasan", "kotak dicuri")
    admin.page.click("main button[type=submit]")
    text = admin.look("kantor-dicabut")
    admin.look_narrow("kantor-dicabut")
    admin.check("Jembatan yang dicabut" in text and "kotak dicuri" in text, "the office's page says who and why")
    listed = [json.loads(line) for line in server.command("bridge", "list", "--office", OFFICE, "--json").stdout.splitlines()]
    admin.check([row.get("reason") for row in listed] == ["kotak dicuri"], f"the list of bridges says so: {listed}")
    again = server.command("bridges", "revoke", listed[0]["bridge"], "--reason", "lagi", "--json")
    admin.check(json.loads(again.stdout) == listed[0], "a second time changes nothing")
    unknown = server.command("bridge", "revoke", "0123", "--reason", "lagi", check=False)
    admin.check(unknown.returncode == 2 and "centre.bridge-unknown" in unknown.stderr, "an unknown bridge is named")
    def refused():
        bridge.titian("sync", "now", check=False)
        said = bridge.titian("status", "--lang", "id", check=False).stdout
        return said if "DITOLAK BKD" in said else None
    said = until(refused, "the box hears that it is shut out", step=1)
    admin.check("DITOLAK BKD" in said and "hubungi bkd" in said.lower(), f"the box's status says what to do: {said}")


def without_scripts(browser, address):
    context = browser.new_context(ignore_https_errors=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/masuk")
    page.fill("input[name=name]", "operator")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    return "UPT Contoh Utara" in page.inner_text("body")


def main():
    PICTURES.mkdir(parents=True, exist_ok=True)
    with folder() as place:
        zk = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", 300, "--users", 20,
                       "--seed", 7, "--serial-number", "BWXP20126001", "--live", 1)
        anviz = Simulator("anviz", place, [f"pty:{place}/ttyANVIZ"], "--records", 200, "--users", 15,
                          "--seed", 8, "--serial-number", "3005000012345678")
        server = Server(place)
        with running(zk, anviz, server):
            server.add_office()
            for name, role in (("operator", "operator"), ("admin", "administrator")):
                server.command("user", "add", name, "--role", role, stdin=PASSWORD + "\n")
            bridge = Bridge(place, [
                {"name": "lobi", "driver": "zkteco", "link": zk.links[0], "poll_s": 2},
                {"name": "gudang", "driver": "anviz", "link": anviz.links[0], "poll_s": 2},
            ], server.address)
            bridge.enroll(server.enrolment_code())
            # The same terminal, as if it had moved to the second office.
            away = place / "away"
            away.mkdir()
            moved = Simulator("zkteco", away, ["tcp:127.0.0.1:0"], "--records", 40, "--users", 5, "--seed", 9,
                              "--serial-number", "BWXP20126001")
            moved.start()
            other = Bridge(away, [{"name": "kelas", "driver": "zkteco", "link": moved.links[0], "poll_s": 2}],
                           server.address, office="sdn-contoh-dua")
            other.enroll(server.enrolment_code("sdn-contoh-dua"))
            with running(bridge), sync_playwright() as playwright:
                until(lambda: len(server.punches()) >= 500, "punches at the centre")
                anviz.kill()
                browser = playwright.chromium.launch(
                    executable_path="/usr/bin/chromium",
                    args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"])
                pages = Pages(browser, server.address)
                walk(pages, server)
                courier(pages, bridge, server, place)
                with running(other):
                    placement(pages, other, server)
                moved.stop()
                admin = Pages(browser, server.address)
                audit(admin)
                revocation(admin, bridge, server)
                pages.check(without_scripts(browser, server.address), "works without scripts")
                browser.close()
    failures = pages.failures + admin.failures
    for failure in failures:
        print(f"  FAILED: {failure}")
    print(f"pages: {pages.passed + admin.passed} passed, {len(failures)} failed")
    print(f"  look at {PICTURES.relative_to(ROOT)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
