#!/usr/bin/env python3
"""Writes down what pyzk and the simulated terminal say to each other: Tests/Fixtures/talks/*.talk.

A proxy between the two notes the bytes of both directions as they pass: `>` to the terminal, `<` from
it, one line a datagram, or what a stream carried one way before the other side spoke. The unit tests hold the simulator and the driver's packets to these
files, so run this only when the simulator is meant to answer otherwise, and read the difference.
"""

import pathlib
import select
import socket
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from titian_rig import ROOT, Simulator, folder, running  # noqa: E402
from zk import ZK  # noqa: E402

TALKS = ROOT / "Tests/Fixtures/talks"
KEY = 4711


class Proxy:
    """Stands between a client and a terminal and notes what passes."""

    def __init__(self, link):
        self.scheme, place = link.split("://")
        host, port = place.rsplit(":", 1)
        self.terminal, self.lines, self.peer = (host, int(port)), [], None
        if self.scheme == "tcp":
            self.inside = socket.create_server(("127.0.0.1", 0))
        else:
            self.inside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.inside.bind(("127.0.0.1", 0))
        self.port = self.inside.getsockname()[1]
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.streams if self.scheme == "tcp" else self.datagrams,
                                       daemon=True)
        self.thread.start()

    def note(self, mark, data):
        text = data.hex(" ").upper()
        if self.scheme == "tcp" and self.lines and self.lines[-1].startswith(mark):
            self.lines[-1] += " " + text  # where a stream was cut is chance
        else:
            self.lines.append(f"{mark} {text}")

    def streams(self):
        """One connection after the other: pyzk first tries whether the port is open."""
        self.inside.settimeout(0.1)
        while not self.ending.is_set():
            try:
                self.stream(self.inside.accept()[0])
            except TimeoutError:
                pass

    def stream(self, client):
        terminal = socket.create_connection(self.terminal)
        while not self.ending.is_set():
            for ready in select.select([client, terminal], [], [], 0.1)[0]:
                data = ready.recv(65_536)
                if not data:
                    return
                self.note(">" if ready is client else "<", data)
                (terminal if ready is client else client).sendall(data)

    def datagrams(self):
        terminal = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        terminal.connect(self.terminal)
        while not self.ending.is_set():
            for ready in select.select([self.inside, terminal], [], [], 0.1)[0]:
                data, sender = ready.recvfrom(65_536)
                if ready is self.inside:
                    self.peer = sender
                    self.note(">", data)
                    terminal.send(data)
                else:
                    self.note("<", data)
                    self.inside.sendto(data, self.peer)

    def end(self):
        self.ending.set()
        self.thread.join()


def talk(name, shows, scheme, options, key=0):
    """One talk: connect, who are you, counters, users, log, good-bye. The clock is not asked, so that
    the same options give the same bytes on every day."""
    with folder() as place:
        sim = Simulator("zkteco", place, [f"{scheme}:127.0.0.1:0"], *options, "--comm-key", key)
        with running(sim):
            proxy = Proxy(sim.links[0])
            connection = ZK("127.0.0.1", port=proxy.port, timeout=20, password=key,
                            force_udp=scheme == "udp", ommit_ping=True).connect()
            connection.get_serialnumber()
            connection.get_firmware_version()
            connection.get_attendance()
            connection.disconnect()
            proxy.end()
    head = [
        "# Terminal: titian-sim zkteco " + " ".join([*options, "--comm-key", str(key)]),
        f"# Client: pyzk 0.9 over {scheme.upper()}",
        f"# Shows: {shows}",
    ]
    TALKS.mkdir(parents=True, exist_ok=True)
    (TALKS / f"{name}.talk").write_text("\n".join(head + proxy.lines) + "\n")
    print(f"{name}: {len(proxy.lines)} lines")


def main():
    talk("pyzk-tcp", "users and a small log, each in one DATA packet", "tcp",
         ["--records", "12", "--users", "5", "--seed", "31"])
    talk("pyzk-tcp-key", "a communication key, then a log that is read in pieces", "tcp",
         ["--records", "40", "--users", "8", "--seed", "32"], KEY)
    talk("pyzk-udp", "a log of several datagrams, each with its index", "udp",
         ["--records", "60", "--users", "6", "--seed", "33"])
    talk("pyzk-udp-16", "records of 16 bytes, users of 28", "udp",
         ["--records", "90", "--users", "6", "--seed", "34", "--record-size", "16"])


if __name__ == "__main__":
    sys.exit(main())
