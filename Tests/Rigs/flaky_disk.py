"""An nbdkit disk with a volatile cache, whose power can be cut and whose sectors can fail.

Run by `nbdkit python`, with file=IMAGE size=BYTES order=FILE. What is written stays in memory until it is
flushed. The file `order` holds one line, `STATE CUT KEEP LEFT`: STATE is ok, eio-write, eio-data (only
behind the first megabytes, where the file system's own journal lies), off (nothing is answered) or dying (off
after LEFT more writes). A CUT that has not been seen before drops what was never
flushed, all of it (KEEP 0) or each 4 KiB with an even chance (KEEP 1), so that writes are torn and reordered; less
than that no disk of today tears, and ext4 itself would not survive it.
What became of it stands in ORDER.cuts: one line a cut, with how many sectors were dropped and kept.
"""

import builtins
import errno
import os
import random

import nbdkit

API_VERSION = 2
SECTOR = 512
BLOCK = 8  # sectors
OWN = 5 << 20

given = {}
cache = {}
image = -1
last = []  # the order that is obeyed
left = 0  # writes, of a disk that dies
done = None  # the cut that has been made


def config(key, value):
    given[key] = value


def get_ready():
    global image, done
    image = os.open(given["file"], os.O_RDWR | os.O_CREAT)
    os.ftruncate(image, int(given["size"]))
    done = order()[1]


def thread_model():
    return nbdkit.THREAD_MODEL_SERIALIZE_ALL_REQUESTS


def open(readonly):
    return 1


def get_size(handle):
    return int(given["size"])


def can_write(handle):
    return True


def can_flush(handle):
    return True


def can_fua(handle):
    return nbdkit.FUA_EMULATE


def can_multi_conn(handle):
    return False


def order():
    with builtins.open(given["order"]) as file:
        return file.read().split()


def settle(cut, keep):
    """What a cut leaves."""
    global done
    done = cut
    blocks = {sector // BLOCK for sector in cache}
    lucky = {block for block in blocks if keep == "1" and random.random() < 0.5}
    kept = [sector for sector in cache if sector // BLOCK in lucky]
    for sector in kept:
        os.pwrite(image, cache[sector], sector * SECTOR)
    with builtins.open(given["order"] + ".cuts", "a") as file:
        file.write(f"{cut} {len(cache) - len(kept)} {len(kept)}\n")
    cache.clear()


def obey(writing=False, offset=0):
    global last, left
    now = order()
    if now != last:
        last, left = now, int(now[3])
    state, cut, keep, _ = now
    if state == "dying" and cut != done:
        left -= writing
        if left >= 0:
            return
    if cut != done:
        settle(cut, keep)
    refuses = state == "eio-write" or (state == "eio-data" and offset >= OWN)
    if state in ("off", "dying") or (writing and refuses):
        nbdkit.set_error(errno.EIO)
        raise RuntimeError(state)


def pread(handle, buffer, offset, flags):
    obey()
    data = bytearray(os.pread(image, len(buffer), offset))
    for start in range(0, len(data), SECTOR):
        newer = cache.get((offset + start) // SECTOR)
        if newer is not None:
            data[start:start + SECTOR] = newer
    buffer[:] = data


def pwrite(handle, buffer, offset, flags):
    obey(True, offset)
    for start in range(0, len(buffer), SECTOR):
        cache[(offset + start) // SECTOR] = bytes(buffer[start:start + SECTOR])


def flush(handle, flags):
    obey(True)
    for sector, data in cache.items():
        os.pwrite(image, data, sector * SECTOR)
    cache.clear()
