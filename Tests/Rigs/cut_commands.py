#!/usr/bin/env python3
"""The power is cut while keys are made, a box is enrolled, a backup is written or put back.

On the disks of flaky_mount.py each of these is begun again and again, and the power goes at its first write to
the disk, its second, … until it gets through. Afterwards the identity must be usable: the box is enrolled
by the same code and keeps one key, the centre starts and enrols, a backup that bears its name is whole, a
restore that was cut is begun again; and in the end every punch counts once. Needs root.
In the control nothing is flushed (unheard.c): each of the four must be gone after it has said that it is done.
The short form tries some of the writes (STEPS=4 of each); FULL=1 tries all.
"""

import functools
import os
import random
import shutil
import subprocess
import sys
import time

import flaky_mount
from controls import deaf
from flaky_mount import FlakyDisk
from oracle import Case, settled
from power_cuts import SEED, Box, Centre, Lab
from titian_rig import OFFICE, Server, folder, program, until

FULL = bool(os.environ.get("FULL"))
STEPS = int(os.environ.get("STEPS", 4))
MOST = 400


def cut_in(disk, arguments, writes, dice, stdin="", environment=None):
    """Runs a program on a disk that dies after so many writes: whether it got through before, and whether it said so."""
    disk.doom(writes, dice.random() < 0.5)
    process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.PIPE, text=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | (environment or {}))
    try:
        process.communicate(stdin, timeout=10)
    except subprocess.TimeoutExpired:
        pass
    got_through = process.poll() == 0
    process.kill()
    process.wait()
    died = disk.dropped() is not None
    disk.cut()
    disk.back()
    return got_through and not died, got_through


def steps(dice):
    """The writes at which the power goes."""
    number = 0
    while number < MOST:
        yield number
        number += 1 if FULL else dice.randint(1, 2 * MOST // 100)


def each(dice, what, attempt):
    """Tries one write after another until the command gets through; returns how many cuts there were."""
    cuts = 0
    for writes in steps(dice):
        if attempt(writes):
            break
        cuts += 1
        if not FULL and cuts == STEPS:
            break
    assert cuts, f"{what}: no cut"
    print(f"  {what}: {cuts} cuts", flush=True)
    return cuts


def control(environment, what, attempt):
    """The same, but that nothing is flushed: it gets through, says so, and is gone."""
    try:
        done = attempt(10 * MOST, environment)
    except AssertionError as gone:
        print(f"  control, {what}: {str(gone).splitlines()[0]}", flush=True)
        return 1
    raise AssertionError(f"{what}: nothing is flushed and nothing is gone (got through: {done})")


def enrolments(lab, dice, judged):
    """One code, one key, whenever the power goes."""
    disk = FlakyDisk(lab.place, "new-box").start()
    try:
        def attempt(writes, environment=None):
            shutil.rmtree(disk.folder / "state", ignore_errors=True)
            os.sync()
            home = lab.place / "new-box"
            home.mkdir(exist_ok=True)
            box = Box(home, disk, lab.sim, lab.centre.address)
            code = lab.centre.enrolment_code()
            command = [program("titian"), "enroll", code["url"], "-", *box.where]
            done, _ = cut_in(disk, command, writes, dice, code["code"], environment)
            box.state.mkdir(exist_ok=True)
            again = box.enroll(code, check=False)
            assert again.returncode == 0, f"the code is used, and the key is gone: {again.stderr}"
            key = (box.state / "bridge.key").read_text()
            box.enroll(code)
            assert (box.state / "bridge.key").read_text() == key, "another key"
            return done
        return judged("enrolment", attempt)
    finally:
        disk.stop()


def first_starts(lab, dice, judged):
    """A centre whose first start is cut starts, and enrols a box."""
    disk = FlakyDisk(lab.place, "new-centre").start()
    try:
        def attempt(writes, environment=None):
            shutil.rmtree(disk.folder / "centre", ignore_errors=True)
            os.sync()
            home = lab.place / f"new-centre-{writes}"
            home.mkdir()
            centre = Centre(home, disk)
            rows = lab.centre.folder / "offices.csv"
            done, said = cut_in(disk, [program("titian-server"), "office", "import", rows, "--config", centre.config],
                                writes, dice, environment=environment)
            centre.start()
            try:
                known = centre.command("enroll-code", "--office", OFFICE, check=False)
                assert known.returncode == 0 or not said, "the offices that were said to be kept are gone"
                centre.add_office()
                box = home / "box"
                box.mkdir()
                Box(box, home_disk(box), lab.sim, centre.address).enroll(centre.enrolment_code())
            finally:
                centre.stop()
            return done
        return judged("first start of the centre", attempt)
    finally:
        disk.stop()


def home_disk(place):
    """A folder that is no such disk."""
    class Plain:
        folder = place
    return Plain


def backups(lab, dice, judged):
    """What bears a backup's name is one."""
    place = lab.centre.disk.folder / "backups"
    other = lab.place / "elsewhere"
    other.mkdir()

    def attempt(writes, environment=None):
        lab.centre.stop()
        place.mkdir(exist_ok=True)
        os.sync()
        done, said = cut_in(lab.centre.disk, [program("titian-server"), "backup", place, "--config",
                                             lab.centre.config], writes, dice, environment=environment)
        files = sorted(place.glob("[!.]*")) if place.exists() else []
        assert files or not said, "a backup that was said to be made is gone"
        for file in files:
            centre = Server(other)
            shutil.rmtree(centre.data, ignore_errors=True)
            restored = centre.command("restore", file, check=False)
            assert restored.returncode == 0, f"it bears a backup's name and is none: {restored.stderr}"
            file.unlink()
        lab.centre.start()
        return done
    return judged("backup", attempt)


def restores(lab, dice, judged):
    """A restore that was cut is seen, and begun again."""
    kept = lab.place / "kept"
    kept.mkdir()
    lab.centre.command("backup", kept)
    file = next(kept.glob("[!.]*"))

    def attempt(writes, environment=None):
        lab.centre.stop()
        shutil.rmtree(lab.centre.data)
        os.sync()
        command = [program("titian-server"), "restore", file, "--config", lab.centre.config]
        done, said = cut_in(lab.centre.disk, command, writes, dice, environment=environment)
        again = lab.centre.command("restore", file, check=False)
        whole = "[backup.folder-not-empty]" in again.stderr
        assert again.returncode == 0 or whole, again.stderr
        assert whole or not said, "books that were said to be back are gone"
        lab.centre.start()
        return done
    return judged("restore", attempt)


def controls(place, dice, acts, case):
    place.mkdir()
    unflushed = functools.partial(control, deaf(place, to="flushes"))
    with Lab(place, dice) as lab:
        for act in acts:
            case.bites(act(lab, dice, unflushed))


def cut_each(lab, dice, acts, case):
    settled(lab.box)
    cuts = sum(act(lab, dice, functools.partial(each, dice)) for act in acts)
    start = time.monotonic()
    lab.punch(3)
    lab.confirm()
    lab.box.ask("sync-now")
    until(lambda: lab.box.journal.get("queue") == 0, "all is receipted", 60)
    case.rounds = cuts - 1
    case.round(happened=True, acknowledged=lab.confirmed, issued=lab.issued, server=lab.centre,
               seconds=time.monotonic() - start)


def main():
    if reason := flaky_mount.why_not():
        print(f"cut commands: skipped, {reason}")
        return
    dice = random.Random(SEED)
    print(f"cut commands: SEED={SEED}", flush=True)
    case = Case("cut_commands", "power cut while keys are made, a box enrols, a backup is made or put back", "both")
    acts = (enrolments, first_starts, backups, restores)
    with folder() as place:
        controls(place / "control", dice, acts, case)
        with Lab(place, dice) as lab:
            cut_each(lab, dice, acts, case)
    case.write()
    print("cut commands: 4 passed, 0 failed")


if __name__ == "__main__":
    sys.exit(main())
