"""The cable between a device model and a simulated terminal (`titian-sim` on the host)."""

import socket
import threading


class Wire:
    """A connection to one address of a simulator, such as tcp://127.0.0.1:40123.

    It stays up whatever happens to the device: a terminal goes on when the adapter's USB plug is pulled.
    """

    def __init__(self, link):
        host, port = link.removeprefix("tcp://").rsplit(":", 1)
        self.connection = socket.create_connection((host, int(port)))
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connect(self, receive):
        """From now on `receive(bytes)` is called with what the terminal sends, on a thread of its own."""
        threading.Thread(target=self.listen, args=(receive,), daemon=True).start()

    def listen(self, receive):
        while data := self.connection.recv(4096):
            receive(data)

    def send(self, data):
        self.connection.sendall(data)
