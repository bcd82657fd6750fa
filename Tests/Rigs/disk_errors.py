#!/usr/bin/env python3
"""Disks that refuse writes under the running programs: read-only after an error, and for some seconds.

The disks of flaky_mount.py answer writes with an input/output error. Where the file system cannot write its own
journal it turns read-only for good: the box goes on sending what waits and says so in `titian status`; once
the disk is whole and mounted again it works within 10 s. Where only data are refused, for some seconds, the box
works on by itself within 10 s, and a power cut right after shows that what it has confirmed since is on the disk.
The centre acknowledges nothing meanwhile. Needs root.

The controls are the same programs, but that they do not hear what the disk answers (unheard.c): each must lose.
"""

import random
import sys
import time

import flaky_mount
from controls import deaf
from oracle import Case, settled
from power_cuts import SEED, Lab, lost_at_the_box, lost_at_the_centre
from titian_rig import folder, until

SECONDS = 10


def problems(lab):
    """What `titian status` says is wrong, by its codes."""
    done = lab.box.status()
    found = [(t.get("problem") or {}).get("code", "") for t in done.get("terminals", [])]
    return [code for code in found if code.startswith(("store.", "journal."))]


def is_read_only(lab):
    """Newer kernels have a word of their own for what an error has done."""
    with open("/proc/mounts") as mounts:
        return any(words[1] == str(lab.box.disk.folder) and {"ro", "emergency_ro"} & set(words[3].split(","))
                   for words in map(str.split, mounts))


def refuses(lab, state):
    """Punches wait, the box's disk takes no writes: nothing is confirmed, the status says so, and they are sent."""
    lab.centre.stop()
    lab.punch(40)
    lab.confirm()
    lab.box.disk.tell(state)
    lab.punch(40)
    until(lambda: problems(lab), "the status says what is wrong", 30)
    said = lab.box.journal["punches"]
    assert said < len(lab.issued), "nothing was refused, this rig does not bite"
    # With `eio-data` a first commit may find its place among the blocks that are still written.
    assert state == "eio-data" or said == len(lab.confirmed), "confirmed on a disk that takes no writes"
    lab.centre.start()
    until(lambda: lab.box.journal.get("queue") == 0, "what waits is sent", 90)
    assert lab.box.is_running, lab.box.log.read_text()[-500:]


def works_again(lab, what):
    start = time.monotonic()
    lab.punch(3)
    lab.confirm()
    seconds = time.monotonic() - start
    assert seconds < SECONDS, f"{what}: {seconds:.1f} s"
    return seconds


def judge(lab, case, happened, seconds):
    settled(lab.box)
    case.round(happened=happened, acknowledged=lab.confirmed, issued=lab.issued, server=lab.centre, seconds=seconds,
               bridge=lab.box)


def lost_in_a_cut(lab, process):
    """The power is cut now: how much of what was confirmed was in the system's memory alone."""
    said = lab.box.journal
    process.disk.cut()
    process.kill()
    process.disk.back()
    lost = (lost_at_the_box(lab, said["punches"]) if process is lab.box
            else lost_at_the_centre(lab, said["id"], said["acked_through"]))
    process.start()
    return lost


def cut_now(lab, process):
    lost = lost_in_a_cut(lab, process)
    assert not lost, f"{lost} confirmed after the error are not on the disk"


def read_only(lab, case):
    refuses(lab, "eio-write")
    happened = until(lambda: is_read_only(lab), "the file system turns read-only", 30)
    lab.box.kill()
    lab.box.disk.unmount()
    lab.box.disk.mount()
    lab.box.start()
    judge(lab, case, happened, works_again(lab, "read-only"))


def for_some_seconds(lab, case):
    refuses(lab, "eio-data")
    lab.box.disk.tell("ok")
    seconds = works_again(lab, "for some seconds")
    assert not is_read_only(lab)
    cut_now(lab, lab.box)
    judge(lab, case, True, seconds)


def at_the_centre(lab, case):
    """Nothing is acknowledged while the centre's disk takes no writes; the box asks again, and is answered."""
    settled(lab.box)
    before = lab.box.journal["acked_through"]
    lab.centre.disk.tell("eio-data")
    lab.punch(40)
    lab.confirm()
    code = until(lambda: (lab.box.status()["sync"].get("last_problem") or {}).get("code"), "the call is refused", 30)
    assert lab.box.journal["acked_through"] == before, "acknowledged on a disk that takes no writes"
    assert lab.centre.is_running, lab.centre.log.read_text()[-500:]
    lab.centre.disk.tell("ok")
    start = time.monotonic()
    until(lambda: lab.box.journal["queue"] == 0, "all is receipted", 60)
    seconds = time.monotonic() - start
    cut_now(lab, lab.centre)
    judge(lab, case, bool(code), seconds)
    return code


def controls(lab, cases):
    """Who does not hear that a disk refuses confirms what is gone after the next cut; the terminal has it still."""
    for case, process, state in zip(cases, (lab.box, lab.box, lab.centre), ("eio-write", "eio-data", "eio-data")):
        settled(lab.box)
        before = lab.box.journal["punches"]
        process.disk.tell(state)
        # So many that they do not all find their place among the blocks that are still written.
        lab.sim.control("add", n=2_000)
        lab.note()

        def is_confirmed():
            now = lab.box.journal
            return now["punches"] > before if state == "eio-write" else (
                now["punches"] == before + 2_000 and (process is lab.box or now["queue"] == 0))
        until(is_confirmed, f"{case.fault}, the control: confirmed all the same", 30, step=0.02)
        case.bites(lost_in_a_cut(lab, process))
        print(f"  control: who does not hear of it has lost {case.control} ({case.fault})", flush=True)


def main():
    if reason := flaky_mount.why_not():
        print(f"disk errors: skipped, {reason}")
        return
    cases = [Case("disk_errors", "the disk answers writes with errors: " + words, where) for words, where in (
        ("its file system turns read-only", "bridge"), ("for some seconds", "bridge"), ("for some seconds, taking in", "centre"))]
    dice = random.Random(SEED)
    with folder() as place:
        (place / "control").mkdir()
        with Lab(place / "control", dice, deaf(place, to="errors")) as lab:
            controls(lab, cases)
        with Lab(place, dice) as lab:
            for_some_seconds(lab, cases[1])
            print(f"  the box is told {at_the_centre(lab, cases[2])}", flush=True)
            read_only(lab, cases[0])
    for case in cases:
        case.write()
    print(f"disk errors: {len(cases)} passed, 0 failed")


if __name__ == "__main__":
    sys.exit(main())
