#!/usr/bin/python3
"""Runs the rig's commands inside the guest.

Speaks over a virtio port, one line each way, so that it needs no network and does not hold up a snapshot:

    ask     ID SECONDS BASE64(command)
    answer  ID STATUS BASE64(output) BASE64(errors)     "-" where there is nothing

The ID is the host's and comes back untouched; an answer to an old question is thus never taken for a new
one. STATUS is the shell's, or 124 after SECONDS, as timeout(1) has it.
"""

import base64
import os
import subprocess
import tempfile
import time

PORT = "/dev/virtio-ports/rig"


def run(command, seconds):
    """Runs one shell command; files instead of pipes, so that a left-over child delays nobody."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            ["/bin/sh", "-c", command], cwd="/root", stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
            env=os.environ | {"HOME": "/root", "LANG": "C.UTF-8"}, start_new_session=True,
        )
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()
            status = 124
        output.seek(0)
        errors.seek(0)
        return status, output.read(), errors.read()


def answer(line):
    """The answer to one line; whatever is no question gets none."""
    words = line.split()
    if len(words) != 3:
        return b""
    number, seconds, command = words
    status, output, errors = run(base64.b64decode(command).decode(), float(seconds))
    parts = [number, str(status).encode(), base64.b64encode(output), base64.b64encode(errors)]
    return b" ".join(part or b"-" for part in parts) + b"\n"


def write_all(port, data):
    while data:
        data = data[os.write(port, data):]


def main():
    while not os.path.exists(PORT):
        time.sleep(0.1)
    port = os.open(PORT, os.O_RDWR)
    waiting = b""
    while True:
        piece = os.read(port, 65536)
        if not piece:   # nobody is connected on the host's side
            time.sleep(0.05)
            continue
        *lines, waiting = (waiting + piece).split(b"\n")
        for line in lines:
            write_all(port, answer(line))


if __name__ == "__main__":
    main()
