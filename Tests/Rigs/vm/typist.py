"""Somebody who sits at the guest's console: types as quickly as a clerk, and reads what stands there."""

import re
import select
import socket
import time

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Typist:
    """Types on the serial console that `Guest(console="socket")` opened, where a root shell waits."""

    def __init__(self, guest):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(guest.folder / "console.sock"))
        self.seen = ""
        self.said = ""      # everything, for messages

    def type(self, text):
        for letter in text + "\n":
            time.sleep(0.04)
            self.socket.sendall(letter.encode())

    def wait(self, text, seconds=120):
        """Until `text` stands there; what stood before it is forgotten."""
        end = time.monotonic() + seconds
        while text not in self.seen:
            if time.monotonic() > end:
                raise TimeoutError(f"never said {text!r}:\n{self.said[-3000:]}")
            if select.select([self.socket], [], [], 0.5)[0]:
                piece = ESCAPES.sub("", self.socket.recv(65_536).decode(errors="replace"))
                self.seen += piece
                self.said += piece
        before, self.seen = self.seen.split(text, 1)
        return before

    def answer(self, question, text, seconds=120):
        self.wait(question, seconds)
        self.type(text)
