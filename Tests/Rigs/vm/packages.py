"""The packages as the guest gets them: a kit for a stick, and the same program under other version numbers.

They are made by `scripts/build-deb` and `scripts/build-kit` from the programs under test ($BIN, else the debug
build) and kept in .build-rigs/packages until those programs change.
"""

import functools
import os
import pathlib
import re
import shutil
import subprocess

from titian_rig import ROOT, binaries

FOLDER = ROOT / ".build-rigs/packages"
MADE_FROM = FOLDER / "made-from"
# What a package is made of beside the programs.
PARTS = ["debian", "systemd", "kit", "config", "desktop", "scripts/build-deb", "scripts/build-kit",
         "scripts/build-release", "scripts/man_pages.py"]


@functools.cache       # what a guest looks at does not change under it
def prepared(say=print):
    """The folder with `titian_*.deb`, `titian-server_*.deb` and the kit `titian-kit_*`."""
    if not is_fresh():
        say("  building the packages and the kit …", flush=True)
        # A debug build is ten times as large; it is packed quickly and not tightly.
        settings = {"BIN": str(binaries().resolve()), "DIST": str(FOLDER.relative_to(ROOT)),
                    "DPKG_DEB_COMPRESSOR_TYPE": "gzip", "DPKG_DEB_COMPRESSOR_LEVEL": "1"}
        shutil.rmtree(FOLDER, ignore_errors=True)
        for script in ("scripts/build-deb", "scripts/build-kit"):
            done = subprocess.run([ROOT / script], cwd=ROOT, env=os.environ | settings, capture_output=True,
                                  text=True, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"{script} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        MADE_FROM.write_text(str(binaries().resolve()))
    return FOLDER


def is_fresh():
    made = sorted(FOLDER.glob("titian-kit_*/SHA256SUMS"))
    if not made or not MADE_FROM.exists() or MADE_FROM.read_text() != str(binaries().resolve()):
        return False
    sources = [binaries().resolve() / name for name in ("titian", "titiand", "titian-server", "titian-sim")]
    for part in PARTS:
        path = ROOT / part
        sources += [path] if path.is_file() else [file for file in path.rglob("*") if "made" not in file.parts]
    return all(file.lstat().st_mtime <= made[0].stat().st_mtime for file in sources
               if file.is_file() and not is_built(file))


def is_built(path):
    """What debhelper leaves in debian/ while it works."""
    place = path.relative_to(ROOT).parts if path.is_relative_to(ROOT) else ()
    return place[:1] == ("debian",) and (len(place) > 2 or re.search(r"substvars|debhelper|files$", path.name))


def kit():
    return next(prepared().glob("titian-kit_*"))


def deb(package):
    return next(prepared().glob(f"{package}_*.deb"))


def version(path):
    return subprocess.run(["dpkg-deb", "-f", path, "Version"], capture_output=True, text=True, check=True).stdout.strip()


def repacked(path, number, into, change=lambda root: None):
    """The package at `path` as version `number`, with `change(root)` made to what it unpacks."""
    root = pathlib.Path(into) / "unpacked"
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-R", path, root], check=True)
    control = root / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: .*", f"Version: {number}", control.read_text()))
    change(root)
    made = pathlib.Path(into) / f"{path.name.split('_')[0]}_{number}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "-b", root, made], check=True,
                   capture_output=True)
    shutil.rmtree(root)
    return made
