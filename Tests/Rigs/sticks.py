#!/usr/bin/env python3
"""Files of sticks beside a terminal that is read over its line: every punch counts once.

`titiand` reads a simulated ZKTeco terminal; exports of the same log, longer and longer, are
imported by hand, by four commands at once, by a stick that is mounted, while the daemon is killed,
and at last without a daemon. A file whose terminal is not clear waits and is assigned. The part
with real mounts needs root and says so where it is missing.
"""

import contextlib
import datetime
import json
import os
import subprocess
import sys
import time

from titian_rig import Bridge, Simulator, folder, program, run, running, until

SERIAL = "BWXP20126001"
TERMINAL = f"zkteco:{SERIAL}"
RECORDS = int(os.environ.get("RECORDS", 400))
LARGE = int(os.environ.get("LARGE", 20_000))


def att_log(rows):
    """A ZKTeco terminal's export: PIN padded to 9, tabs, device number, state, verify, work code."""
    return "".join(f"{pin:>9}\t{when.replace('T', ' ')}\t1\t0\t1\t0\r\n" for pin, when in rows)


def invented(count, start="2025-01-06T00:00:00"):
    """Punches that the terminal has made but does not hold any more."""
    first = datetime.datetime.fromisoformat(start)
    return [(str(n % 60 + 1), (first + datetime.timedelta(seconds=37 * n)).isoformat())
            for n in range(count)]


def backup(rows):
    """An Anviz terminal's BAK.KQ: its seconds count from 2000-01-02."""
    def row(pin, when):
        seconds = (datetime.datetime.fromisoformat(when) - datetime.datetime(2000, 1, 2)).total_seconds()
        return int(pin).to_bytes(5, "big") + int(seconds).to_bytes(4, "big") + b"\1\0\0\0\0"
    return len(rows).to_bytes(3, "big") + b"".join(row(*one) for one in rows)


class Office:
    def __init__(self, place, sim, driver="zkteco"):
        self.place = place
        self.media = place / "media"
        self.media.mkdir()
        self.bridge = Bridge(
            place, [{"name": "lobi", "driver": driver, "link": sim.links[0], "poll_s": 1}],
            "https://127.0.0.1:9",
            server=f"[stick]\nwatch = [{json.dumps(str(self.media))}]\n")

    def take(self, *arguments, code=0):
        done = self.bridge.titian("import", *arguments, "--json", check=False)
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return [json.loads(line) for line in done.stdout.splitlines()]

    def write(self, name, content):
        path = self.place / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    @property
    def punches(self):
        return json.loads(self.bridge.titian("journal", "status", "--json").stdout)["punches"]

    @property
    def log(self):
        return self.bridge.log.read_text()


def by_hand(office, rows):
    """An export that is longer than what the line brought, twice, and by four commands at once."""
    older = invented(50)
    file = office.write("hand/1_attlog.dat", att_log(older + rows))
    [report] = office.take(file)
    assert (report["terminal"], report["found_by"]) == (TERMINAL, "overlap"), report
    assert (report["read"], report["new"]) == (len(rows) + 50, 50), report
    [again] = office.take(file.parent)
    assert (again["new"], again["known"]) == (0, len(rows) + 50), again
    more = invented(900, "2025-03-03T00:00:00")
    file.write_text(att_log(more + older + rows))
    command = [program("titian"), "import", str(file), "--json", *map(str, office.bridge.where)]
    many = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    reports = [json.loads(one.communicate()[0]) for one in many]
    assert sum(r["new"] for r in reports) == 900, reports
    assert office.punches == len(rows) + 950
    return older + more


def refused(office):
    for name in ("user.dat", "template.fp10.1", "ssrface.dat"):
        office.take(office.write(f"people/{name}", b"\0" * 72), code=65)
    office.take(office.place / "people", code=66)
    office.take(office.write("other/1_attlog.dat", "hello\n"), code=65)


def may_mount(place):
    point = place / "probe"
    point.mkdir()
    if run("mount", "-t", "tmpfs", "tmpfs", point, check=False).returncode != 0:
        return False
    run("umount", point)
    return True


@contextlib.contextmanager
def plugged(source, point):
    """The stick: `source` appears at `point` all at once, as a mounted one does."""
    point.mkdir(exist_ok=True)
    run("mount", "--bind", source, point)
    run("mount", "-o", "remount,ro,bind", source, point)
    try:
        yield
    finally:
        run("umount", point)


def mounted(office, rows, before):
    """A stick in the slot: its logs are taken in by themselves, once, and it may be pulled out."""
    stick = office.place / "tmpfs"
    stick.mkdir()
    run("mount", "-t", "tmpfs", "tmpfs", stick)
    try:
        newer = invented(30, "2025-06-02T00:00:00")
        (stick / "1_attlog.dat").write_text(att_log(newer + rows))
        (stick / "user.dat").write_bytes(b"\0" * 72)
        (stick / "000001").mkdir()
        (stick / "000001/BAK.KQ").write_bytes(backup(invented(25, "2025-09-01T00:00:00")))
        with plugged(stick, office.media / "STIK"):
            until(lambda: "file waits" in office.log and "taken in" in office.log, "both files")
        assert office.punches == before + 30
        lines = [line for line in office.log.splitlines() if "stick file" in line]
        assert len(lines) == 2, lines
        seen = len(office.log)
        with plugged(stick, office.media / "STIK"):
            time.sleep(1.5)
        assert office.log[seen:] == "", "the same stick again is nothing new"
    finally:
        run("umount", stick)
    [held] = office.bridge.status()["sticks"]["held"]
    assert (held["file"], held["rows"], held["reason"]) == ("BAK.KQ", 25, "unknown-terminal"), held
    [report] = office.take("--held", held["id"][:8], "--terminal", "anviz:3005000012345678")
    assert report["new"] == 25, report
    assert office.bridge.status()["sticks"]["held"] == []
    return 30 + 25


def torn(office):
    """A stick that ends in the middle of a file gives one clear line and nothing else; whole, it is taken."""
    source, image = office.place / "source", office.place / "stick.img"
    source.mkdir()
    (source / "9_attlog.dat").write_text(att_log(invented(60_000, "2012-01-02T00:00:00")))
    if run("mkfs.ext4", "-q", "-d", source, image, "8M", check=False).returncode != 0:
        return print("  SKIPPED the torn stick: no mkfs.ext4", flush=True)
    whole = image.read_bytes()
    for size, line in ((2 << 20, "import.broken"), (len(whole), "9_attlog.dat held=")):
        image.write_bytes(whole)
        loop = run("losetup", "-f", "--show", "-r", image, check=False).stdout.strip()
        if not loop:
            return print("  SKIPPED the torn stick: no loop device", flush=True)
        os.truncate(image, size)
        point = office.media / "TORN"
        point.mkdir(exist_ok=True)
        try:
            run("mount", "-o", "ro,noload", loop, point)
            try:
                until(lambda: line in office.log, line)
            finally:
                run("umount", point)
        finally:
            run("losetup", "-d", loop)
        held = office.bridge.status()["sticks"]["held"]
        assert len(held) == (line != "import.broken"), held
    for left in (office.bridge.state / "held").iterdir():
        left.unlink()  # as the page says: that is how a file is forgotten
    assert office.bridge.status()["sticks"]["held"] == []


def killed(office, rows):
    """The daemon dies in the middle of a large file; the same file again ends in the same."""
    large = invented(LARGE, "2020-01-06T00:00:00")
    file = office.write("large/1_attlog.dat", att_log(large + rows))
    before = office.punches
    command = [program("titian"), "import", str(file), "--json", *map(str, office.bridge.where)]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: before < office.punches, "the first rows", step=0.01)
    office.bridge.kill()
    assert first.wait(60) != 0, "the command says that the daemon is gone"
    office.bridge.start()
    until(lambda: office.bridge.titian("journal", "status", "--json", check=False).returncode == 0,
          "the daemon answers")
    half = office.punches - before
    [report] = office.take(file)
    assert report["new"] + half == LARGE, (report, half)
    left = [p.name for p in (office.bridge.state / "held").iterdir()]
    assert left == [], left
    print(f"  killed after {half} of {LARGE} rows, {report['new']} came with the second import")
    return LARGE, file


def before_the_line(place):
    """The stick comes first, without a daemon; then the same terminal is reached over its line."""
    place.mkdir()
    sim = Simulator("anviz", place, ["tcp:127.0.0.1:0"], "--records", "300", "--users", "20",
                    "--seed", "9", "--serial-number", "3005000012345678")
    with running(sim):
        rows = sim.log_rows()
        office = Office(place, sim, "anviz")
        file = office.write("000001/BAK.KQ", backup(rows))
        terminal = sim.ready["terminal"]
        [short] = office.take(office.write("cut/BAK.KQ", file.read_bytes()[:1_000]),
                              "--terminal", terminal, code=1)
        assert (short["doubts"], short["new"]) == (["cut short"], (1_000 - 3) // 14), short
        [report] = office.take(file)
        assert (report["found_by"], report["read"]) == ("overlap", 300), report
        count = office.punches
        assert count == len({(int(pin), when) for pin, when in rows}), count
        with running(office.bridge):
            until(lambda: office.bridge.socket.exists(), "the control socket")
            until(lambda: office.bridge.status()["terminals"][0].get("coverage"), "a whole read")
            assert office.punches == count, (office.punches, count)
    print(f"  {count} punches of an Anviz stick, none new over the line afterwards")


def main():
    print(f"sticks: {RECORDS} records on the line, {LARGE} in the large file", flush=True)
    with folder() as place:
        sim = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", str(RECORDS), "--users", "40",
                        "--seed", "7", "--serial-number", SERIAL)
        with running(sim):
            rows = sim.log_rows()
            distinct = len({(pin.lstrip("0") or "0", when) for pin, when in rows})
            assert distinct == len(rows), "the terminal's own log has no repetitions"
            office = Office(place, sim)
            with running(office.bridge):
                until(lambda: office.bridge.socket.exists(), "the control socket")
                until(lambda: office.punches == len(rows), "the terminal's log")
                expected = len(rows) + len(by_hand(office, rows))
                refused(office)
                if may_mount(place):
                    expected += mounted(office, rows, expected)
                    torn(office)
                else:
                    print("  SKIPPED the mounted stick: mounting needs root", flush=True)
                count, file = killed(office, rows)
                expected += count
                assert office.punches == expected, (office.punches, expected)
            assert office.bridge.stop() == 0
            [report] = office.take(file)
            assert report["new"] == 0 and report["known"] == report["read"], report
            assert office.punches == expected
            whole = office.bridge.titian("journal", "verify", "--json")
            assert json.loads(whole.stdout)["whole"]
        before_the_line(place / "anviz")
    print("sticks: 1 passed, 0 failed")


if __name__ == "__main__":
    sys.exit(main())
