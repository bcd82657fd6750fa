"""Asks a running QEMU for things over its QMP socket."""

import json
import socket
import time


class QMPError(RuntimeError):
    """QEMU refused a command."""


class QMP:
    """One connection; `qmp("query-status")` returns what QEMU returns."""

    def __init__(self, path, process, seconds=30):
        self.socket = connected(path, process, seconds)
        self.stream = self.socket.makefile("rwb")
        self.stream.readline()
        self("qmp_capabilities")

    def __call__(self, command, **arguments):
        question = {"execute": command, "arguments": arguments}
        self.stream.write(json.dumps(question).encode() + b"\n")
        self.stream.flush()
        while line := self.stream.readline():
            answer = json.loads(line)
            if "error" in answer:
                raise QMPError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]
        raise QMPError(f"{command}: QEMU ended")

    def until_status(self, wanted, command="query-status", seconds=120):
        """Polls until the status is one of `wanted`, and returns it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            status = self(command).get("status")
            if status in wanted:
                return status
            time.sleep(0.02)
        raise TimeoutError(f"{command} says {status!r}, not one of {wanted}")

    def add_socket(self, name, path):
        """A character device that connects to a listening Unix socket of ours."""
        address = {"type": "unix", "data": {"path": str(path)}}
        self("chardev-add", id=name, backend={"type": "socket", "data": {"addr": address, "server": False}})


def connected(path, process, seconds):
    """A connection to a socket that QEMU is about to open."""
    end = time.monotonic() + seconds
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(path))
            return connection
        except OSError:
            connection.close()
            if process.poll() is not None:
                raise RuntimeError(f"QEMU ended with {process.returncode}") from None
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
