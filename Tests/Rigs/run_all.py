#!/usr/bin/env python3
"""Runs the heavy tests, a few at a time, and says which failed.

Most of them wait more than they compute. Those of one chain run one after the other: they want the same
ports, or all of a core. What a rig prints is shown when it has ended. WORKERS=1 runs all of them singly.
"""

import concurrent.futures
import os
import pathlib
import signal
import subprocess
import sys
import time

RIGS = pathlib.Path(__file__).resolve().parent
WORKERS = int(os.environ.get("WORKERS", 3))
# The longest first, so that the end is not one that runs alone.
CHAINS = [
    ["vm/check_package_vm.py", "vm/check_serial_vm.py", "vm/check_bulk_vm.py"],
    ["damage.py"],
    # Who makes a view of the mounts of his own holds the disks of the others fast.
    ["doctor.py", "lines.py", "power_cuts.py", "cut_commands.py", "disk_errors.py"], ["crash_points.py"], ["clocks.py"],
    # Each has the usual ports of terminals, or looks for what listens there.
    ["setup.py", "tutorial.py", "scan.py", "commands.py"],
    ["usb/check_usb.py"], ["end_to_end.py"], ["pages.py", "office.py"], ["images.py"], ["sticks.py"],
    ["pyzk/check_pyzk.py"], ["bad_input.py"], ["soyal/check_soyal.py"], ["push/check_push.py"], ["push/check_soap.py"],
    ["decode_fixtures.py"], ["full_disk.py"], ["restore.py"], ["schedules.py"], ["enrolling.py"],
    ["completeness.py"], ["tamper.py"], ["canaries.py"], ["bad_lines.py"],
    ["vectors/check_vectors.py"],
]
# What these measure depends on what else the machine does.
ALONE = ["herd.py"]


def run(name):
    """Runs one to its end; gives its name if it failed."""
    start = time.monotonic()
    done = subprocess.run([sys.executable, str(RIGS / name)], cwd=RIGS, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace")
    word = "failed" if done.returncode else "passed"
    print(f"== {name}\n{done.stdout}== {name}: {word} ({time.monotonic() - start:.0f} s)\n", flush=True)
    return name if done.returncode else None


def chain(names):
    return [name for name in map(run, names) if name]


def main():
    # A shell that starts this in the background has it ignore Ctrl-C, and whom it starts as well: they test it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    chains = [[name] for name in sys.argv[1:]] or CHAINS
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as workers:
        failed = [name for names in workers.map(chain, chains) for name in names]
    failed += chain([] if sys.argv[1:] else ALONE)
    print("rigs failed: " + ", ".join(failed) if failed else "all rigs passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
