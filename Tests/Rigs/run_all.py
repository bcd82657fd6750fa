#!/usr/bin/env python3
"""Runs the heavy tests one after the other and says which failed."""

import pathlib
import subprocess
import sys
import time

RIGS = pathlib.Path(__file__).resolve().parent
ORDER = [
    "vectors/check_vectors.py", "pyzk/check_pyzk.py", "soyal/check_soyal.py", "decode_fixtures.py", "bad_lines.py",
    "bad_input.py", "scan.py", "doctor.py", "push/check_push.py", "push/check_soap.py",
    "usb/check_usb.py", "commands.py", "setup.py", "tutorial.py", "end_to_end.py", "crash_points.py", "damage.py", "images.py", "full_disk.py",
    "restore.py", "herd.py", "sticks.py", "pages.py", "office.py", "canaries.py", "vm/check_serial_vm.py", "vm/check_bulk_vm.py",
    "vm/check_package_vm.py",
]


def main():
    failed = []
    for name in sys.argv[1:] or ORDER:
        start = time.monotonic()
        print(f"== {name}", flush=True)
        done = subprocess.run([sys.executable, str(RIGS / name)], cwd=RIGS)
        if done.returncode != 0:
            failed.append(name)
        print(f"== {name}: {'failed' if done.returncode else 'passed'} "
              f"({time.monotonic() - start:.0f} s)\n", flush=True)
    print("rigs failed: " + ", ".join(failed) if failed else "all rigs passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
