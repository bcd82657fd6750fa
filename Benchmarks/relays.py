"""What stands between a bridge and a terminal or the centre: counts bytes, or lets them drip."""

import contextlib
import socket
import threading
import time


class Relay:
    """A TCP relay; `target` is (host, port)."""

    def __init__(self, target):
        self.target, self.up, self.down = target, 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def place(self):
        return "127.0.0.1:%d" % self.listener.getsockname()[1]

    def serve(self):
        while True:
            client = self.listener.accept()[0]
            server = socket.create_connection(self.target)
            threading.Thread(target=self.pump, args=(client, server, "up"), daemon=True).start()
            threading.Thread(target=self.pump, args=(server, client, "down"), daemon=True).start()

    def pump(self, source, sink, name):
        with contextlib.suppress(OSError):  # the other direction may have ended the connection
            while data := source.recv(65_536):
                setattr(self, name, getattr(self, name) + len(data))
                self.pass_on(data, sink, name)
        sink.close()

    def pass_on(self, data, sink, name):
        sink.sendall(data)

    def reset(self):
        self.up = self.down = 0


class DrippingRelay(Relay):
    """The terminal's answers come a byte a second."""

    def pass_on(self, data, sink, name):
        if name == "up":
            return sink.sendall(data)
        for byte in data:
            sink.sendall(bytes([byte]))
            time.sleep(1)


class DeadTerminal:
    """Takes connections and never says a word."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.taken = []
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def place(self):
        return "127.0.0.1:%d" % self.listener.getsockname()[1]

    def serve(self):
        while True:
            self.taken.append(self.listener.accept()[0])
