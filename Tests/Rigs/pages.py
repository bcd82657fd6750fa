#!/usr/bin/env python3
"""The pages as a person sees them: headless Chromium, signed in, checked with axe.

The screenshots are kept in .build-rigs/screenshots: look at them.
"""

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
            with running(bridge), sync_playwright() as playwright:
                until(lambda: len(server.punches()) >= 500, "punches at the centre")
                anviz.kill()
                browser = playwright.chromium.launch(
                    executable_path="/usr/bin/chromium",
                    args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"])
                pages = Pages(browser, server.address)
                walk(pages, server)
                admin = Pages(browser, server.address)
                audit(admin)
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
