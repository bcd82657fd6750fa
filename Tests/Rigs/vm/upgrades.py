"""Upgrade, downgrade, removal, purge: what dpkg does to a working office and a working centre.

The other versions are the package under test with another number, another unit file and a file more or less, as
releases differ. After each step the daemon runs again by itself, configuration, key and journal are the same, and
the next punch is counted once. FULL=1 adds a newer version and a power cut in the middle of an upgrade.
"""

import os
import time

import packages
from titian_rig import OFFICE, until

DEBS = "/packages"
KEPT = "/etc/titian/bridge.toml /var/lib/titian/bridge.key /var/lib/titian/journal.id"
NAMES = ("titian", "titian-server")
OLDER, NEWER = "0.0.9", "0.9.0"


def other_versions():
    """Makes the older and the newer one of both packages."""
    folder = packages.prepared() / "versions"
    if not folder.exists():
        folder.mkdir()
        for name in NAMES:
            for number, change in ((OLDER, older), (NEWER, newer)):
                packages.repacked(packages.deb(name), number, folder, change)


def older(root):
    """A version without a file that today's has."""
    for path in root.glob("usr/share/doc/*/examples/*"):
        path.unlink()


def newer(root):
    """A version with a changed unit and one more file."""
    for unit in root.glob("lib/systemd/system/*.service"):
        unit.write_text(unit.read_text().replace("RestartSec=5", "RestartSec=4"))
    for folder in root.glob("usr/share/doc/*"):
        (folder / "NEWS").write_text("A file that only this version has.\n")


def file_of(name, number):
    """Where the guest finds that version."""
    if number in (OLDER, NEWER):
        return f"{DEBS}/versions/{name}_{number}.deb"
    return f"{DEBS}/{packages.deb(name).name}"


class Step:
    """What has to be true after each step."""

    def __init__(self, cases, guest, office):
        self.cases, self.guest, self.office = cases, guest, office
        self.before = self.kept()

    def dpkg(self, what, *words):
        done = self.guest.run(f"dpkg {' '.join(words)}", timeout=300, check=False)
        self.cases.check(done.returncode == 0, f"{what}: dpkg succeeds", done.stdout + done.stderr)
        return done.stdout + done.stderr

    def install(self, number, *names):
        start = time.monotonic()
        self.dpkg(number, "-i", *(file_of(name, number) for name in names))
        print(f"  {' and '.join(names)} {number} installed in {time.monotonic() - start:.0f} s", flush=True)
        for name in names:
            installed = self.guest.run(f"dpkg-query -W -f '${{Version}}' {name}").stdout
            self.cases.check(installed == number, f"{name} {number} is installed", installed)

    def good(self, what):
        """Both run again by themselves, nothing of theirs has changed, and a new punch is counted once."""
        for unit in ("titiand", "titian-server"):
            until(lambda: self.guest.run(f"systemctl is-active {unit}", check=False).stdout.strip() == "active",
                  f"{what}: {unit} runs", 60, step=1)
        self.cases.check(self.kept() == self.before, f"{what}: configuration, key and journal are the same",
                         (self.kept(), self.before))
        self.office.sims[0].control("add", n=2)
        self.office.check_whole(self.cases, f"{what}: every punch once")
        self.counted(what)

    def counted(self, what):
        rows = self.guest.run(f"runuser -u titian-server -- titian-server punches --office {OFFICE} --format ndjson")
        expected = sum(len(sim.log_rows()) for sim in self.office.sims) + self.office.others
        self.cases.check(len(rows.stdout.splitlines()) == expected, f"{what}: counted once at the centre", rows.stdout)

    def kept(self):
        return self.guest.run(f"sha256sum {KEPT} && stat -c '%U %a %n' {KEPT}", check=False).stdout


def versions_come_and_go(cases, guest, office, place):
    """Down to the version before and up again, and the other way about; the office keeps working."""
    step = Step(cases, guest, office)
    today = packages.version(packages.deb("titian"))
    full = bool(os.environ.get("FULL"))
    for number in (NEWER, today, OLDER, today) if full else (OLDER, today):
        step.install(number, *NAMES)
        step.good(f"version {number}")
    if full:
        cut_in_mid_upgrade(step)


def cut_in_mid_upgrade(step):
    """The power goes while dpkg works; dpkg is asked to finish, as the next `apt` would."""
    guest, cases, office = step.guest, step.cases, step.office
    guest.run(f"sync; systemd-run --quiet dpkg -i {file_of('titian', NEWER)}")
    guest.until("dpkg-query -W -f '${db:Status-Status}' titian | grep -qv '^installed$'", "dpkg is in the middle", 120)
    guest.power_cut()
    for device in office.devices:
        guest.plug(device)
    begun = guest.run("dpkg --audit", check=False).stdout
    cases.check("titian" in begun, "the cut came in the middle", begun)
    step.dpkg("the upgrade is finished", f"--configure -a && dpkg -i {file_of('titian', NEWER)}")
    step.good("a power cut in mid-upgrade")
    step.install(packages.version(packages.deb("titian")), "titian")


def removal_and_purge(cases, guest, office, place):
    """Removal keeps the data and says so; installed again it goes on; purge takes it and says so."""
    step = Step(cases, guest, office)
    said = step.dpkg("removal", "-r", *NAMES)
    cases.check("/var/lib/titian (" in said and "/var/lib/titian-server" in said, "removal says what it keeps", said)
    cases.check(step.kept() == step.before, "removal keeps configuration, key and journal", step.kept())
    gone = guest.run("systemctl is-active titiand titian-server; test ! -e /usr/bin/titiand", check=False)
    cases.check(gone.returncode == 0 and "\nactive" not in f"\n{gone.stdout}", "nothing runs any more", gone.stdout)
    step.install(packages.version(packages.deb("titian")), *NAMES)
    step.good("installed again")
    said = step.dpkg("purge", "-P", *NAMES)
    cases.check(said.count("purge removes") == 2, "purge says what it takes", said)
    left = guest.run("ls -d /var/lib/titian* /etc/titian /etc/titian/* /run/titian/status.html 2>/dev/null", check=False)
    cases.check(not left.stdout, "purge leaves nothing", left.stdout)
