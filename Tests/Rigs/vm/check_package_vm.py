#!/usr/bin/env python3
"""The packages on a bare Debian guest without a network: installed from the kit, set up by typing, tormented, replaced.

Everything is the real thing but the terminals: dpkg, systemd with the shipped units, udev with the shipped rules,
the kernel's ftdi_sio and usbfs. The centre runs in the same guest under its own unit; the line is down while it
is stopped.
"""

import re
import sys
import time

from checks import run_checks, terminal, wrong     # before those it makes findable
import packages
import upgrades
from devices import FT232R, BulkTerminal
from office import InstalledOffice, path_of, serial_link, swift_libraries
from titian_rig import OFFICE, running, until
from typist import Typist
from wires import Wire

KIT = "/media/titian"
SERIAL, USB = "3005000000000031", "3005000000000032"
# What a bare machine does not have, and our programs need.
LIBRARIES = "libusb-1.0-0 libcurl4 libsqlite3-0"
MOST_EXPOSED = 1.8
AS_CENTRE = "runuser -u titian-server -- titian-server"


def installed_from_the_kit(cases, guest, office, place):
    """A box without the libraries and without a network gets them all from the stick."""
    guest.run(f"apt-get -qq -y purge {LIBRARIES} && apt-get -qq -y autoremove --purge", timeout=300)
    alone = guest.run(f"dpkg -i {KIT}/titian_*.deb", check=False, timeout=300)
    cases.check(alone.returncode != 0 and "libusb-1.0-0" in alone.stderr, "the package alone misses its libraries",
                alone.stderr)
    guest.run("dpkg --purge titian", timeout=120)
    guest.run(f"cp -r {KIT} /tmp/torn && truncate -s -1 /tmp/torn/titian_*.deb", timeout=300)
    torn = guest.run("sh /tmp/torn/install.sh", check=False, timeout=300)
    cases.check(torn.returncode == 65 and not exists(guest, "/usr/bin/titian"), "a damaged kit installs nothing",
                torn.stdout + torn.stderr)
    guest.run("rm -rf /tmp/torn")
    start = time.monotonic()
    done = guest.run(f"sh {KIT}/install.sh", check=False, timeout=900)
    cases.check(done.returncode == 0 and "titian setup" in done.stdout, "the kit installs", done.stdout + done.stderr)
    print(f"  kit installed in {time.monotonic() - start:.0f} s", flush=True)
    again = guest.run(f"sh {KIT}/install.sh", check=False, timeout=300)
    cases.check(again.returncode == 0, "installed again, nothing changes", again.stdout + again.stderr)
    guest.run(f"mkdir -p /tmp/server && cp /packages/titian-server_*.deb /tmp/server && dpkg -i /tmp/server/*.deb",
              timeout=600)
    cases.check(guest.run("id -nG titian").stdout.split() == ["titian", "dialout"], "the bridge's user may open ports")
    cases.check(office.show("ActiveState") == "inactive" and office.show("Result") == "success",
                "without a configuration the service waits and does not fail")
    cases.check(office.show("UnitFileState") == "enabled", "it starts with the box")


def units_are_closed(cases, guest, office, place):
    """systemd's own measure of what a unit could do. (The guest has no manual pages.)"""
    for unit in ("titiand.service", "titian-server.service", "titian-server-backup.service"):
        done = guest.run(f"systemd-analyze security --no-pager {unit}", check=False)
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
        level = float(found.group(1)) if found else 10
        print(f"  exposure of {unit}: {level}", flush=True)
        # The backup writes where the operator says, for a minute a night.
        most = MOST_EXPOSED + (unit == "titian-server-backup.service")
        cases.check(level <= most, f"exposure of {unit} is at most {most}", done.stdout)
        said = guest.run(f"systemd-analyze verify --man=no {unit}", check=False)
        cases.check(said.returncode == 0 and not said.stderr.strip(), f"{unit} is understood", said.stderr)


def typed_visit(cases, guest, office, place):
    """From the installed package to the first punch on disk, typed; then the line comes up."""
    prepare_centre(guest)
    plug_terminals(cases, guest, office, place)
    typist = Typist(guest)
    typist.type("")
    typist.wait("# ")
    start = time.monotonic()
    typist.type("titian setup --lang id --server https://127.0.0.1:8443 --code-file /media/stik/kode.txt "
                "--courier /media/stik")
    typist.answer("Nama mesin", "lobi")
    typist.answer("Tulis dan mulai?", "")
    typist.wait("Tempelkan satu jari")
    office.sims[0].control("add", n=1)
    typist.wait("Rekaman pertama ada di disk")
    print(f"  typed visit: {time.monotonic() - start:.0f} s from the command to the first punch on disk", flush=True)
    rest = typist.wait("Bila internet datang")
    cases.check("Lembar serah terima" in rest, "without a line it leaves a courier file and a sheet", rest)
    cases.check("/dev/ttyS0" not in typist.said, "the console is not taken for a terminal", typist.said)
    owners = guest.run("find /var/lib/titian ! -user titian -printf '%u %p\\n'").stdout
    cases.check(not owners, "all in the state folder is the service's", owners)
    line_comes_up(cases, guest, office)


def prepare_centre(guest):
    """The centre knows the office and has made its code; it does not run."""
    guest.write("/etc/titian/server.toml", 'listen = "127.0.0.1:8443"\ndata = "/var/lib/titian-server"\n')
    guest.write("/tmp/offices.csv", "id,name,zone,stage,contact\n"
                f"{OFFICE},UPT Contoh Utara,Asia/Makassar,aktif,Pak Anwar 0812-0000-0001\n")
    guest.run(f"{AS_CENTRE} office import /tmp/offices.csv")
    guest.run(f"mkdir -p /media/stik && {AS_CENTRE} enroll-code --office {OFFICE} > /media/stik/kode.txt")


def plug_terminals(cases, guest, office, place):
    """One terminal on a USB-serial adapter, one with a USB socket of its own; udev does what the package says."""
    office.sims = [terminal(place, SERIAL, 0, 51).start(), terminal(place, USB, 30, 52).start()]
    adapter = FT232R(Wire(office.sims[0].links[0]), (9600, "8N1"), "FT000031")
    office.devices = [adapter, BulkTerminal(Wire(office.sims[1].links[0]), serial="SIM0032")]
    for device in office.devices:
        guest.plug(device)
    guest.until(f"test -c {path_of(serial_link(adapter))}", "udev names the port")
    node = guest.run(f"readlink -f {path_of(serial_link(adapter))}").stdout.strip()
    rights = guest.run(f"stat -c '%G %a' {node}").stdout.strip()
    cases.check(rights == "dialout 660", "the port belongs to the group", rights)
    known = guest.run(f"udevadm info -q property {node}").stdout
    cases.check("ID_MM_PORT_IGNORE=1" in known, "modem probes keep off it", known)


def line_comes_up(cases, guest, office):
    """Nobody says another word, and the punch is receipted."""
    cases.check(office.status()["journal"]["receipted_punches"] == 0, "there is no line yet", office.status())
    guest.run("systemctl start titian-server")
    started = time.monotonic()
    until(lambda: office.status()["journal"]["receipted_punches"] >= 1, "receipted without another word", 180, step=1)
    print(f"  receipted {time.monotonic() - started:.0f} s after the line came up", flush=True)
    # The guest has no network card, and its clock waits for one.
    found = {finding["code"] for report in office.ask("doctor") for finding in report["findings"]}
    cases.check(found == {"box.no-network", "box.clock-not-set-yet"}, "the doctor finds only that there is no network",
                found)


def usb_terminal_added(cases, guest, office, place):
    """A second terminal, on usbfs, added by repeating the visit; the service may open it."""
    link = "usb://1b55:b400?serial=SIM0032"
    done = office.titian("setup", "--yes", "--terminal", f"gudang={link}", "--driver", "anviz", "--courier", "/media/stik",
                         "--json", timeout=300)
    cases.check(done.returncode == 0, "the visit repeated adds the terminal", done.stdout + done.stderr)
    office.check_whole(cases, "over ftdi_sio and libusb, every punch of both")
    rights = guest.run("stat -c '%G %a' $(for d in /sys/bus/usb/devices/*; do grep -qx b400 $d/idProduct 2>/dev/null && "
                       "echo /dev/bus/usb/$(printf %03d $(cat $d/busnum))/$(printf %03d $(cat $d/devnum)); done)").stdout
    cases.check(rights.strip() == "titian 660", "the device belongs to the group", rights)


class VisitedOffice(InstalledOffice):
    """The office that the visit set up: its terminals, and the adapters they hang on."""

    sims, devices = (), ()
    others = 0      # punches of the terminal inside the guest, whose log nobody asks

    def check_whole(self, cases, what):
        """All that the terminals hold is in the journal once, and receipted."""
        total = sum(len(sim.log_rows()) for sim in self.sims) + self.others
        known = {sim.ready["terminal"] for sim in self.sims}
        stored = [row for row in self.until_punches(total, seconds=180) if row[0] in known]
        cases.check(not wrong(self.sims, stored), what, wrong(self.sims, stored))
        until(lambda: (self.status().get("journal") or {}).get("receipted_punches", 0) >= total, f"{total} receipted", 180,
              step=1)


def key_handed_over(cases, guest, office, place):
    """A communication key that root alone may read reaches the daemon through systemd, and nothing else of it does."""
    guest.run("systemd-run --quiet --unit=terminal titian-sim zkteco --listen tcp:127.0.0.1:4371 --records 15 "
              "--comm-key 471100 --serial-number BWXP20126031 --control 127.0.0.1:9001")
    guest.run("umask 077 && echo 471100 > /etc/titian/keys/dapur.key")
    guest.run("printf '[[terminal]]\\nname = \"dapur\"\\ndriver = \"zkteco\"\\nlink = \"tcp://127.0.0.1:4371\"\\n"
              "comm_key_file = \"dapur.key\"\\n' >> /etc/titian/bridge.toml && systemctl restart titiand")
    office.others = 15
    office.check_whole(cases, "with a terminal that wants a key, every punch once")
    cases.check(office.terminals()["dapur"]["state"] == "online", "the terminal with a key is read", office.terminals())
    refused = guest.run("runuser -u titian -- cat /etc/titian/keys/dapur.key", check=False)
    cases.check(refused.returncode != 0, "the daemon's user may not read the key's file")


def cables_pulled(cases, guest, office, place):
    """Both cables out and in again, under the service's own sandbox."""
    for device in office.devices:
        guest.unplug(device)
    pulled = lambda: [office.terminals()[name]["state"] for name in ("lobi", "gudang")]
    until(lambda: pulled() == ["lost", "lost"], "both count as lost", 120, step=1)
    for sim in office.sims:
        sim.control("add", n=3)
    for device in office.devices:
        guest.plug(device)
    office.check_whole(cases, "after both cables came back, every punch once")
    cases.check(office.show("NRestarts") == "0", "without a restart", office.show("NRestarts"))


def killed_and_hung(cases, guest, office, place):
    """kill -9, a stopped process and a hung line: systemd brings the work back each time."""
    guest.run("mkdir -p /run/systemd/system/titiand.service.d")
    guest.write("/run/systemd/system/titiand.service.d/quick.conf", "[Service]\nWatchdogSec=20\nRestartSec=1\n")
    guest.run("systemctl daemon-reload && systemctl restart titiand")
    cases.check(watchdog_works(office), "the watchdog is armed", office.show("WatchdogUSec"))
    faults = [
        ("kill -9", "kill -9 $pid", "signal"),
        ("a stopped process", "kill -STOP $pid", "watchdog"),
        ("a hung line", HANG_A_LINE, "watchdog"),
    ]
    for number, (name, command, result) in enumerate(faults, 1):
        pid = office.show("MainPID")
        office.sims[0].control("add", n=2)
        started = time.monotonic()
        guest.run(f"pid={pid}\n{command}")
        until(lambda: office.show("MainPID") not in ("0", pid), f"{name}: a new process", 180, step=1)
        print(f"  {name}: a new process after {time.monotonic() - started:.0f} s", flush=True)
        said = guest.run("journalctl -u titiand -o cat --no-pager | grep -E 'Main process exited|Failed with result' | tail -2").stdout
        cases.check(f"result '{result}'" in said, f"{name}: systemd says {result}", said)
        office.check_whole(cases, f"{name}: every punch once")
        cases.check(int(office.show("NRestarts")) == number, f"{name}: one restart", office.show("NRestarts"))
    guest.run("rm /run/systemd/system/titiand.service.d/quick.conf; systemctl daemon-reload")


def wrong_owner(cases, guest, office, place):
    """A journal that somebody copied as root is the daemon's again, and no new one begins."""
    journal = [status["id"] for status in office.ask("journal", "status")]
    guest.run("systemctl stop titiand && chown -R root:root /var/lib/titian/* && chmod 600 /var/lib/titian/journal.db")
    office.sims[0].control("add", n=2)
    guest.run("systemctl start titiand")
    office.check_whole(cases, "every punch once, after root took the files")
    same = [status["id"] for status in office.ask("journal", "status")]
    cases.check(same == journal and journal, "it is the same journal", (journal, same))


def centre_hung(cases, guest, office, place):
    """The centre has a watchdog of its own, and bridges bear its absence."""
    guest.run("mkdir -p /run/systemd/system/titian-server.service.d")
    guest.write("/run/systemd/system/titian-server.service.d/quick.conf", "[Service]\nWatchdogSec=20\nRestartSec=1\n")
    guest.run("systemctl daemon-reload && systemctl restart titian-server")
    pid = guest.run("systemctl show titian-server -P MainPID").stdout.strip()
    guest.run(f"kill -STOP {pid}")
    office.sims[0].control("add", n=2)
    guest.until(f"now=$(systemctl show titian-server -P MainPID); test $now != 0 -a $now != {pid}", "a new process", 180)
    result = guest.run("journalctl -u titian-server -o cat --no-pager | grep 'Failed with result' | tail -1").stdout
    cases.check("'watchdog'" in result, "the centre's watchdog fired", result)
    office.check_whole(cases, "every punch once, after the centre hung")
    guest.run("rm /run/systemd/system/titian-server.service.d/quick.conf; systemctl daemon-reload")


def watchdog_works(office):
    return office.show("WatchdogUSec") == "20s" and office.show("ActiveState") == "active"


# One thread that waits for a terminal – poll(2) on two files, between polls half a minute long – stands still, in a frozen cgroup of its own; all
# other threads go on.
HANG_A_LINE = """
hung=/sys/fs/cgroup/system.slice/titiand.service/hung
mkdir $hung && echo threaded > $hung/cgroup.type
for try in $(seq 3000); do
    for task in /proc/$pid/task/*; do
        read -r call files count limit rest < $task/syscall
        if [ "$call $count" = "7 0x2" ] && [ $((limit)) -ge 20000 ] && [ $((limit)) -le 60000 ]; then
            echo ${task##*/} > $hung/cgroup.threads && echo 1 > $hung/cgroup.freeze && exit 0
        fi
    done
done
exit 1
"""


def centre_backed_up(cases, guest, office, place):
    """The nightly unit, asked for now: a backup that the command itself finds whole."""
    guest.run("install -d -o titian-server -g titian-server -m 700 /media/cadangan")
    guest.write("/etc/titian/backup.env", "TITIAN_BACKUP=/media/cadangan")
    guest.run("systemctl start titian-server-backup", timeout=180)
    said = guest.run("journalctl -u titian-server-backup -o cat --no-pager; ls -l /media/cadangan").stdout
    made = guest.run("ls /media/cadangan").stdout.split()
    cases.check(len(made) == 1, "the backup is there", said)
    back = guest.run(f"printf 'listen = \"127.0.0.1:8444\"\\ndata = \"/tmp/back\"\\n' > /tmp/back.toml && "
                     f"titian-server restore /media/cadangan/{made[0]} --config /tmp/back.toml && "
                     "titian-server verify --config /tmp/back.toml", check=False, timeout=300)
    cases.check(back.returncode == 0, "it can be restored, and its books are whole", back.stdout + back.stderr)


def power_cut(cases, guest, office, place):
    """The guest's power goes in the middle of work; it boots into syncing by itself."""
    before = office.status()["journal"]
    for sim in office.sims:
        sim.control("add", n=5)
    until(lambda: office.status()["journal"]["punches"] > before["punches"], "it is in the middle of reading", 60, step=0.2)
    started = time.monotonic()
    guest.power_cut()
    for device in office.devices:
        guest.plug(device)
    for sim in office.sims:
        sim.control("add", n=1)
    guest.run("systemctl enable --now titian-server")
    office.check_whole(cases, "after a power cut, every punch once")
    print(f"  whole again {time.monotonic() - started:.0f} s after the cut, the boot included", flush=True)
    if not swift_libraries():   # else they came only with the shares, after the boot
        cases.check(office.show("NRestarts") == "0", "up at the first try", office.show("NRestarts"))
    books = guest.run(f"{AS_CENTRE} verify", check=False, timeout=300)
    cases.check(books.returncode == 0, "the centre's books are whole", books.stdout + books.stderr)


def exists(guest, path):
    return guest.run(f"test -e {path}", check=False).returncode == 0


if __name__ == "__main__":
    upgrades.other_versions()
    sys.exit(run_checks("packages in a VM", [
        installed_from_the_kit, units_are_closed, typed_visit, usb_terminal_added, key_handed_over,
        cables_pulled, killed_and_hung, wrong_owner, centre_hung,
        centre_backed_up, power_cut,
        upgrades.versions_come_and_go, upgrades.removal_and_purge,
    ], shares={KIT: packages.kit(), "/packages": packages.prepared(), **swift_libraries()}, console="socket",
        box=VisitedOffice))
