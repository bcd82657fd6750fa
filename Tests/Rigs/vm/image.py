"""Keeps one booted guest ready in .build-rigs/vm.

Building the image and booting it take a minute or two; that is done once for each version of what goes in:
the build script, the parts inside, the virtual computer, Debian's kernel and QEMU. `prepared()` returns
the folder, at once when it is there:

    vmlinuz initrd.img base.img     from build-image
    snapshot.qcow2 state.zst        disk and memory of the guest after its boot, to be restored for each test
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from machine import COMPUTER, KERNEL_WORDS, Machine

HERE = pathlib.Path(__file__).resolve().parent
CACHE = HERE.parent.parent.parent / ".build-rigs/vm"
BUILDER = HERE / "build-image"


def prepared(say=print):
    """The folder of the image for this version of everything; builds it if it is not there."""
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / fingerprint()
    with only_one():
        if not (folder / "state.zst").exists():
            forget_others()
            build(folder, say)
    return folder


def fingerprint():
    """Changes with everything that a saved state depends on."""
    digest = hashlib.sha256()
    digest.update(repr((COMPUTER, KERNEL_WORDS)).encode())
    for path in [BUILDER, *sorted((HERE / "in-guest").iterdir())]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for command in (["apt-cache", "depends", "linux-image-amd64"], ["qemu-system-x86_64", "--version"]):
        digest.update(subprocess.run(command, capture_output=True, check=False).stdout)
    return digest.hexdigest()[:16]


def build(folder, say):
    start = time.monotonic()
    say("  building the guest from Debian packages (once) …", flush=True)
    work = folder.with_suffix(".new")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    built = subprocess.run([*as_root, BUILDER, work], capture_output=True, text=True, check=False)
    if built.returncode != 0:
        raise RuntimeError(f"build-image ended with {built.returncode}\n{built.stdout}{built.stderr}")
    say(f"  image after {time.monotonic() - start:.0f} s; booting it …", flush=True)
    boot_once(work)
    work.rename(folder)
    say(f"  guest ready after {time.monotonic() - start:.0f} s", flush=True)


def boot_once(folder):
    """Boots the image until systemd has settled, then keeps disk and memory."""
    disk = folder / "snapshot.qcow2"
    overlay(folder / "base.img", "raw", disk)
    with tempfile.TemporaryDirectory(prefix="titian-vm-") as place:
        machine = Machine(folder, disk, place).start()
        try:
            machine.run("systemctl is-system-running --wait", timeout=200, check=False)
            failed = machine.run("systemctl --failed --no-legend --plain").stdout
            if failed.strip():
                raise RuntimeError(f"units that failed in the guest:\n{failed}")
            machine.run("sync; echo 3 > /proc/sys/vm/drop_caches")
            machine.save(folder / "state.zst")
        finally:
            machine.kill9()


def overlay(base, form, path):
    """A disk that holds what differs from `base`. The base is named relative to it where it can be."""
    path = pathlib.Path(path)
    path.unlink(missing_ok=True)
    name = base.name if base.parent == path.parent else base
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", name, "-F", form, path], check=True)


def forget_others():
    """Images of older versions: they are large and nobody asks for them again."""
    for path in CACHE.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


@contextlib.contextmanager
def only_one():
    """Two rigs that start together must not both build."""
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
