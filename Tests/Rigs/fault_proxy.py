"""What may stand between a bridge and its centre, on loopback: a bad line, a portal, a proxy, a forger.

`FaultProxy` passes bytes on and does to them what its `Fault` says; it can be told otherwise at any time, and
`struck` counts how often the fault happened. Everything here sees only what a wire sees, but `Forger`, which
holds the centre's TLS key.
"""

import base64
import contextlib
import dataclasses
import random
import socket
import ssl
import struct
import threading
import time

UP, DOWN = "up", "down"  # to the centre, to the bridge


@dataclasses.dataclass
class Fault:
    """What happens to the bytes of every connection that is made from now on."""

    kind: str = "none"  # none, refuse, silent, reset, stall, drip, late, loss
    way: str = UP  # for reset, stall and drip: which direction's bytes are counted
    after: int = 0  # … and how many of them pass first
    turn: int | None = None  # … of this turn alone: 0 hello, 1 the server's flight, 2 request, 3 answer
    seconds: float = 0.0  # late and loss: how long a piece is held; drip: between two bytes


def reset(connection):
    """Ends a connection as a router does that has lost it: RST."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RD)  # wakes a thread that reads it
    connection.close()


class Listener:
    """Takes connections on a port of its own, each in a thread of its own."""

    def __init__(self, port=0):
        self.socket = self.bind(port)
        self.port = self.socket.getsockname()[1]
        self.open = set()
        self.lock = threading.Lock()
        self.is_over = False
        threading.Thread(target=self.accept, daemon=True).start()

    @staticmethod
    def bind(port):
        return socket.create_server(("127.0.0.1", port), backlog=64)

    def accept(self):
        while not self.is_over:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                time.sleep(0.02)  # closed for a while: the port refuses
                continue
            self.keep(connection)
            threading.Thread(target=self.guarded, args=(connection,), daemon=True).start()

    def keep(self, connection):
        with self.lock:
            self.open.add(connection)

    def guarded(self, connection):
        with contextlib.suppress(OSError, ValueError):
            self.serve(connection)
        with contextlib.suppress(OSError):
            connection.close()

    def cut(self):
        """Resets whatever is open."""
        with self.lock:
            connections, self.open = self.open, set()
        for connection in connections:
            reset(connection)

    def close(self):
        self.is_over = True
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.cut()


class FaultProxy(Listener):
    """Passes a line on to `target`, with faults."""

    def __init__(self, target):
        self.target, self.fault = target, Fault()
        self.struck = 0
        self.turns = []  # of the newest connection: [way, bytes], as they took turns
        super().__init__()

    def set(self, fault, target=None):
        """From now on; connections that are open are reset, for their bytes are counted otherwise."""
        was_refusing = self.fault.kind == "refuse"
        self.fault, self.target, self.struck = fault, target or self.target, 0
        if fault.kind == "refuse":
            self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()
        elif was_refusing:
            self.socket = self.bind(self.port)
        self.cut()

    def serve(self, connection):
        fault = self.fault
        if fault.kind == "silent":
            self.struck += 1
            return self.wait_for_end(connection)
        if fault.kind == "reset" and fault.after == 0 and fault.way == UP:
            self.struck += 1
            return reset(connection)
        far = socket.create_connection(self.target, timeout=10)
        far.settimeout(None)
        self.keep(far)
        self.turns = turns = []
        back = threading.Thread(target=self.pump, args=(far, connection, DOWN, fault, turns), daemon=True)
        back.start()
        self.pump(connection, far, UP, fault, turns)
        back.join()
        far.close()

    @staticmethod
    def wait_for_end(connection):
        while connection.recv(65_536):
            pass

    def pump(self, source, sink, way, fault, turns):
        passed = 0
        with contextlib.suppress(OSError):
            while piece := source.recv(65_536):
                turn, in_turn = self.note(turns, way, len(piece))
                room = fault.after - (passed if fault.turn is None else in_turn)
                is_there = fault.way == way and fault.turn in (None, turn)
                if is_there and fault.kind in ("reset", "stall", "drip") and len(piece) > room:
                    sink.sendall(piece[:max(0, room)])
                    self.struck += 1
                    if fault.kind == "reset":
                        time.sleep(0.05)  # what has been sent arrives before the end does
                        reset(source)
                        return reset(sink)
                    if fault.kind == "stall":
                        return self.wait_for_end(source)
                    self.drip(piece[max(0, room):], sink, fault)
                else:
                    self.hold(fault)
                    sink.sendall(piece)
                passed += len(piece)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def hold(self, fault):
        if fault.kind == "late" or fault.kind == "loss" and random.random() < 0.3:
            self.struck += 1
            time.sleep(fault.seconds)

    @staticmethod
    def drip(piece, sink, fault):
        for byte in piece:
            sink.sendall(bytes([byte]))
            time.sleep(fault.seconds)

    def note(self, turns, way, count):
        """Which turn of the talk a piece belongs to, and how many bytes of it came before."""
        with self.lock:
            if not turns or turns[-1][0] != way:
                turns.append([way, 0])
            turns[-1][1] += count
            return len(turns) - 1, turns[-1][1] - count


PAGE = b"<html><head><title>Login</title></head><body>Silakan masuk ke WiFi Kantor</body></html>"


def http(status, body, content="text/html"):
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content}\r\nContent-Length: {len(body)}\r\n"
    if status.startswith("302"):
        head += "Location: http://masuk.contoh/\r\n"
    return head.encode() + b"\r\n" + body


class Portal(Listener):
    """The network's own sign-in page in place of the centre, bare or behind TLS."""

    def __init__(self, status="302 Found", certificate=None):
        self.status, self.asked = status, 0
        self.posts = 0  # requests that got as far as being read in the clear
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*certificate)
        super().__init__()

    def serve(self, connection):
        self.asked += 1
        if self.tls:
            connection = self.tls.wrap_socket(connection, server_side=True)
        if connection.recv(65_536):
            self.posts += 1 if self.tls else 0
            connection.sendall(http(self.status, PAGE))


class HTTPProxy(Listener):
    """An office's proxy: CONNECT, and only with the right name and password."""

    def __init__(self, login):
        self.login = login
        self.through = self.refused = 0
        super().__init__()

    def serve(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(4_096)
            if not piece or len(head) > 65_536:
                return
            head += piece
        lines = head.decode("latin-1").split("\r\n")
        verb, address, _ = lines[0].split(" ", 2)
        headers = dict(line.lower().split(": ", 1) if not line.lower().startswith("proxy-auth") else
                       ("proxy-authorization", line.split(": ", 1)[1]) for line in lines[1:] if ": " in line)
        wanted = "Basic " + base64.b64encode(self.login.encode()).decode()
        if verb != "CONNECT" or headers.get("proxy-authorization") != wanted:
            self.refused += 1
            connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic "
                               b"realm=\"kantor\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        host, port = address.rsplit(":", 1)
        far = socket.create_connection((host, int(port)), timeout=10)
        far.settimeout(None)
        self.keep(far)
        self.through += 1
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=self.copy, args=(far, connection), daemon=True)
        back.start()
        self.copy(connection, far)
        back.join()

    @staticmethod
    def copy(source, sink):
        with contextlib.suppress(OSError):
            while piece := source.recv(65_536):
                sink.sendall(piece)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


class Forger(Listener):
    """Speaks with the centre's own TLS key, and answers what it likes.

    `answer` gets the request's head and body, and a function that asks the centre itself; it returns bytes.
    """

    def __init__(self, server, answer):
        self.centre = (server.address.split("//")[1].rsplit(":", 1)[0], int(server.address.rsplit(":", 1)[1].strip("/")))
        self.answer, self.answered = answer, 0
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(server.data / "tls-certificate.pem", server.data / "tls-key.pem")
        super().__init__()

    def serve(self, connection):
        connection = self.tls.wrap_socket(connection, server_side=True)
        while request := read_message(connection):
            head, body = request
            self.answered += 1
            connection.sendall(self.answer(head, body, self.ask))

    def ask(self, head, body):
        """The centre's answer to a request, as (head, body)."""
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(self.centre, timeout=30) as plain, trusting.wrap_socket(plain) as line:
            line.sendall(head + body)
            return read_message(line)


def read_message(connection):
    """One HTTP message with a Content-Length; nil at the end of the line."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            return None
        data += piece
    head, body = data.split(b"\r\n\r\n", 1)
    length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
                   if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        piece = connection.recv(65_536)
        if not piece:
            return None
        body += piece
    return head + b"\r\n\r\n", body
