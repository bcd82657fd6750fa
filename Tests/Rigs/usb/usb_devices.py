"""USB devices that do not exist, whose bulk endpoints lead to a simulated terminal's TCP port.

A device is its descriptors and what it answers to control and bulk transfers; `usbfs.py` shows it
to other processes.
"""

import collections
import socket
import struct
import threading

STALL, PENDING = object(), object()
PACKET = 64
OUT, IN = 0x01, 0x82
GET_DESCRIPTOR, CLEAR_FEATURE = (0x80, 6), (0x02, 1)
SET_LINE_CODING, SET_CONTROL_LINE_STATE = (0x21, 0x20), (0x21, 0x22)


def interface(number, kind, subkind=0, endpoints=(), extra=b""):
    head = struct.pack("<9B", 9, 4, number, 0, len(endpoints), kind, subkind, 0, 0)
    return head + extra + b"".join(
        struct.pack("<4BHB", 7, 5, endpoint, attributes, packet, 0) for endpoint, attributes, packet in endpoints)


BULK_PAIR = ((OUT, 2, PACKET), (IN, 2, PACKET))
# A disk beside the terminal's own interface: it has bulk endpoints too and must be left alone.
VENDOR = [interface(0, 0x08, 6, ((0x03, 2, PACKET), (0x84, 2, PACKET))), interface(1, 0xFF, 0, BULK_PAIR)]
# The functional descriptors of a modem: header, abstract control, union of the interfaces 0 and 1.
MODEM = bytes.fromhex("0524001001" "04240202" "0524060001")
CDC_ACM = [interface(0, 0x02, 2, ((0x83, 3, 8),), MODEM), interface(1, 0x0A, 0, BULK_PAIR)]


class Device:
    """One attached device with a line to a simulated terminal, from plugging in to pulling out."""

    def __init__(self, vendor, product, port, interfaces=VENDOR, serial="SIM0001"):
        self.vendor, self.product, self.serial = vendor, product, serial
        self.interfaces = interfaces
        self.changed = lambda: None  # set by the bed: something may be complete now
        self.given = 0  # bytes handed to the host
        self.stall_at, self.stall_for_good = None, False
        self.unplug_at, self.unplugged = None, lambda: None
        self.silent_at, self.lose_at = None, None
        self.hesitate_at, self.takes_at_most = None, None
        self.asked = b""  # everything the host has written
        self.is_busy = False
        self.is_halted, self.halts_cleared = False, 0
        self.requests, self.claims, self.releases, self.reattached = [], 0, 0, 0
        self.waiting = collections.deque()
        self.socket = socket.create_connection(("127.0.0.1", port)) if port else None
        if self.socket:
            threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        """Cuts what the terminal says into packets."""
        while True:
            try:
                data = self.socket.recv(4096)
            except OSError:
                data = b""
            if not data:
                return
            for start in range(0, len(data), PACKET):
                self.waiting.append(data[start:start + PACKET])
            self.changed()

    def end(self):
        if self.socket:
            self.socket.close()

    # Descriptors

    def device_descriptor(self):
        return struct.pack(
            "<BBHBBBBHHHBBBB", 18, 1, 0x0200, 0, 0, 0, 64, self.vendor, self.product, 0x0100, 1, 2, 3, 1)

    def configuration(self):
        body = b"".join(self.interfaces)
        return struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), len(self.interfaces), 1, 0, 0xC0, 50) + body

    # Transfers

    def control(self, kind, request, value, index, data, length):
        if (kind, request) == GET_DESCRIPTOR:
            found = {1: self.device_descriptor, 2: self.configuration}.get(value >> 8)
            return found()[:length] if found else STALL
        if (kind, request) == CLEAR_FEATURE:
            self.clear_halt()
            return b""
        self.requests.append((kind, request, value, index, data))
        return b"" if (kind, request) in (SET_LINE_CODING, SET_CONTROL_LINE_STATE) else STALL

    def clear_halt(self):
        self.halts_cleared += 1
        self.is_halted = self.stall_for_good

    def bulk_out(self, data):
        data = data[:self.takes_at_most]
        self.asked += data
        if self.socket and not self.is_silent:
            self.socket.sendall(data)
        return len(data)

    @property
    def is_silent(self):
        return self.silent_at is not None and self.given >= self.silent_at

    @property
    def is_hesitating(self):
        return self.hesitate_at is not None and self.given >= self.hesitate_at

    def at_the_last_moment(self, longest):
        """What comes just as the host gives a read up: the packet it hesitated to give."""
        if not self.is_hesitating:
            return PENDING
        self.hesitate_at = None
        return self.bulk_in(longest)

    def bulk_in(self, longest):
        if self.stall_at is not None and self.given >= self.stall_at:
            self.stall_at, self.is_halted = None, True
        if self.is_halted:
            return STALL
        if self.unplug_at is not None and self.given >= self.unplug_at:
            self.unplug_at = None
            self.unplugged()
            return PENDING
        if self.is_silent or self.is_hesitating or not self.waiting:
            return PENDING
        data = self.waiting.popleft()
        if self.lose_at is not None and self.given >= self.lose_at:
            self.lose_at = None  # a broken link: this packet vanishes
            return self.bulk_in(longest)
        if len(data) > longest:
            self.waiting.appendleft(data[longest:])
        self.given += len(data[:longest])
        return data[:longest]
