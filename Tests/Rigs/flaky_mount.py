"""A folder on a disk whose power can be cut: nbdkit with flaky_disk.py, nbdfuse, a loop device, ext4."""

import contextlib
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile

from titian_rig import run, until

PLUGIN = pathlib.Path(__file__).resolve().parent / "flaky_disk.py"
TOOLS = ["nbdkit", "nbdfuse", "fusermount3", "losetup", "mke2fs"]


def why_not():
    """What this machine lacks for such disks; None if nothing."""
    if os.geteuid() != 0:
        return "it needs root"
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        return f"there is no {', '.join(missing)}"
    if missing := [path for path in ("/dev/fuse", "/dev/loop-control") if not os.path.exists(path)]:
        return f"there is no {', '.join(missing)}"
    return None


class FlakyDisk:
    """One such disk; `folder` is where it is mounted.

    Its file system turns read-only when it cannot write its journal, and goes on where it can: the journal and
    all tables lie in the first megabytes, which `eio-data` spares.
    """

    def __init__(self, place, name, megabytes=96):
        self.home = place / f"disk-{name}"
        self.folder = self.home / "mounted"
        self.folder.mkdir(parents=True)
        self.fuse = self.home / "fuse"
        self.fuse.mkdir()
        self.image, self.order = self.home / "image", self.home / "order"
        self.size = megabytes << 20
        self.cuts = 0
        self.state = "ok"
        self.loop = self.process = None

    def start(self):
        self.tell("ok")
        with open(self.image, "wb") as file:
            file.truncate(self.size)
        run("mke2fs", "-q", "-t", "ext4", "-b", "4096", "-N", "1024", "-J", "size=4",
            "-E", "lazy_itable_init=0,nodiscard,packed_meta_blocks=1", self.image)
        self.process = subprocess.Popen(
            ["nbdfuse", self.fuse / "disk", "[", "nbdkit", "python", PLUGIN, f"file={self.image}",
             f"size={self.size}", f"order={self.order}", "]"],
            stdout=subprocess.DEVNULL, stderr=open(self.home / "log", "ab"))
        until((self.fuse / "disk").exists, "the disk is there", step=0.02)
        self.mount()
        return self

    def stop(self):
        self.unmount()
        run("fusermount3", "-u", self.fuse)
        self.process.wait(20)

    def tell(self, state, keep=False, left=0):
        self.state = state
        draft = self.order.with_suffix(".new")
        draft.write_text(f"{state} {self.cuts} {int(keep)} {left}\n")
        draft.rename(self.order)

    def mount(self):
        self.tell("ok")
        self.loop = run("losetup", "--show", "-f", self.fuse / "disk").stdout.strip()
        run("mount", "-t", "ext4", "-o", "errors=remount-ro", self.loop, self.folder)

    def unmount(self):
        """Takes the device away as well: its memory of the disk must not outlive the cut."""
        until(lambda: run("umount", self.folder, check=False).returncode == 0, f"{self.folder} is given free", 20)
        run("losetup", "-d", self.loop)
        until(lambda: not run("losetup", "-j", self.fuse / "disk").stdout, f"{self.loop} is given free", 20)

    def doom(self, writes, keep=False):
        """The power goes after so many more writes, in the middle of whatever they are."""
        self.cuts += 1
        self.tell("dying", keep, writes)

    def cut(self, keep=False):
        """The power goes, if it has not gone: nothing that was not flushed is certain, nothing is answered."""
        if self.state != "dying":
            self.cuts += 1
        self.tell("off", keep)

    def back(self):
        """The power comes back, after whoever used the disk has died."""
        self.unmount()
        self.mount()
        assert self.dropped(), f"cut {self.cuts} did not happen"

    def dropped(self):
        """(dropped, kept) sectors of the last cut; None if it has not happened."""
        with contextlib.suppress(FileNotFoundError):
            for line in (self.home / "order.cuts").read_text().splitlines():
                cut, dropped, kept = map(int, line.split())
                if cut == self.cuts:
                    return dropped, kept
        return None


def rows(path, query):
    """What a database on such a disk holds, read in a copy: nothing there is changed."""
    with tempfile.TemporaryDirectory() as place:
        for suffix in ("", "-wal"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(f"{path}{suffix}", f"{place}/copy.db{suffix}")
        with contextlib.closing(sqlite3.connect(f"{place}/copy.db")) as copy:
            return copy.execute(query).fetchall()
