"""Carries a device model to QEMU: the usbredir protocol, as far as control and bulk transfers go.

QEMU's `usb-redir` device is the guest's side of a USB port; a device announced here appears in the guest as
if it had been plugged in. Written from the protocol description of usbredir 0.7 (usbredirproto.txt): a
header of type, length and id, then the packet; little-endian throughout.
"""

import contextlib
import socket
import struct
import threading

from devices import STALL

# Packet types.
HELLO, DEVICE_CONNECT, DEVICE_DISCONNECT, RESET, INTERFACE_INFO, ENDPOINT_INFO = range(6)
SET_CONFIGURATION, GET_CONFIGURATION, CONFIGURATION_STATUS = 6, 7, 8
SET_ALTERNATE, GET_ALTERNATE, ALTERNATE_STATUS = 9, 10, 11
CANCEL, DISCONNECT_ACK = 21, 24
CONTROL, BULK = 100, 101

# Capabilities: the device's version, acknowledged disconnects, packet sizes, 64-bit ids, 32-bit lengths.
DEVICE_VERSION, ACKNOWLEDGED, PACKET_SIZES, LONG_IDS, LONG_BULK = 1 << 1, 1 << 3, 1 << 4, 1 << 5, 1 << 6
OURS = DEVICE_VERSION | ACKNOWLEDGED | PACKET_SIZES | LONG_IDS | LONG_BULK

SUCCESS, CANCELLED, STALLED = 0, 1, 4
INPUT = 0x80    # in an endpoint's address: towards the host


class RedirectedDevice:
    """One USB port with a device model in it. QEMU connects to `path` and stays connected."""

    def __init__(self, device, path):
        self.device, self.path = device, path
        self.lock = threading.RLock()
        self.ready = threading.Event()
        self.acknowledged = threading.Event()
        self.plugged = False
        self.capabilities = 0
        self.reads = []     # bulk reads that wait for data: (id, endpoint, length, stream)
        self.configuration = 0
        self.connection = None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(1)
        device.when_data = self.answer_reads
        threading.Thread(target=self.serve, daemon=True).start()

    # What happens to the plug.

    def plug(self, seconds=30):
        """Announces the device; the guest enumerates it."""
        if not self.ready.wait(seconds):
            raise TimeoutError("QEMU said no hello on the USB port")
        with self.lock:
            self.reads.clear()
            self.configuration = 0
            self.announce()
            self.plugged = True
            self.device.plugged()

    def unplug(self, seconds=30):
        """Takes the device away at once; what was under way is lost."""
        with self.lock:
            self.plugged = False
            self.reads.clear()
            self.device.unplugged()
            self.acknowledged.clear()
            self.send(DEVICE_DISCONNECT, 0, b"")
        if not self.acknowledged.wait(seconds):
            raise TimeoutError("QEMU did not acknowledge that the device is gone")

    def close(self):
        self.device.unplugged()
        for end in (self.connection, self.listener):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def announce(self):
        """Tells of interfaces, endpoints and the device, in this order: the last makes it appear."""
        one = lambda value: bytes([value]) + bytes(31)
        kind = self.device.interface_class
        self.send(INTERFACE_INFO, 0, struct.pack("<I", 1) + one(0) + one(kind) + one(kind) + one(kind))
        types, intervals, sizes = [255] * 32, [0] * 32, [0] * 32
        types[0] = types[16] = 0
        sizes[0] = sizes[16] = 64
        for endpoint in self.device.endpoints:  # 0 to 15 are outputs, 16 to 31 inputs
            index = endpoint.address & 15 | (16 if endpoint.address & INPUT else 0)
            types[index], sizes[index] = 2, endpoint.packet_size
        self.send(ENDPOINT_INFO, 0,
                  bytes(types) + bytes(intervals) + bytes(32) + struct.pack("<32H", *sizes))
        device = self.device
        self.send(DEVICE_CONNECT, 0, struct.pack(
            "<BBBBHHH", device.speed, device.device_class, 0, 0, device.vendor, device.product, device.version))

    # The connection.

    def serve(self):
        with contextlib.suppress(OSError, EOFError):
            self.connection, _ = self.listener.accept()
            self.send(HELLO, 0, b"titian rig".ljust(64, b"\0") + struct.pack("<I", OURS))
            while True:
                header = "<IIQ" if self.has(LONG_IDS) else "<III"
                kind, length, number = struct.unpack(header, self.receive(struct.calcsize(header)))
                body = self.receive(length)
                with self.lock:
                    self.packet(kind, number, body)

    def has(self, capability):
        return bool(self.capabilities & OURS & capability)

    def receive(self, count):
        data = b""
        while len(data) < count:
            piece = self.connection.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def send(self, kind, number, body):
        header = "<IIQ" if self.has(LONG_IDS) else "<III"
        with self.lock:
            self.connection.sendall(struct.pack(header, kind, len(body), number) + body)

    def packet(self, kind, number, body):
        if kind == HELLO:
            self.capabilities = struct.unpack("<I", body[64:68])[0] if len(body) >= 68 else 0
            self.ready.set()
        elif kind == DISCONNECT_ACK:
            self.acknowledged.set()
        elif not self.plugged:
            return      # a question to a device that is gone
        elif kind == CONTROL:
            self.control(number, body)
        elif kind == BULK:
            self.bulk(number, body)
        elif kind == CANCEL:
            self.cancel(number)
        elif kind in (SET_CONFIGURATION, GET_CONFIGURATION):
            self.configuration = body[0] if kind == SET_CONFIGURATION else self.configuration
            self.send(CONFIGURATION_STATUS, number, bytes([SUCCESS, self.configuration]))
        elif kind in (SET_ALTERNATE, GET_ALTERNATE):
            alternate = body[1] if kind == SET_ALTERNATE else 0
            self.send(ALTERNATE_STATUS, number, bytes([SUCCESS, body[0], alternate]))
        elif kind == RESET:
            self.device.reset()

    # Transfers.

    def control(self, number, body):
        endpoint, request, kind, _, value, index, length = struct.unpack("<BBBBHHH", body[:10])
        answer = self.device.control(kind, request, value, index, body[10:], length)
        status, data = (STALLED, b"") if answer is STALL else (SUCCESS, answer)
        count = len(data) if endpoint & INPUT else length
        header = struct.pack("<BBBBHHH", endpoint, request, kind, status, value, index, count)
        self.send(CONTROL, number, header + (data if endpoint & INPUT else b""))

    def bulk(self, number, body):
        endpoint, _, length, stream = struct.unpack("<BBHI", body[:8])
        start = 8
        if self.has(LONG_BULK):
            length |= struct.unpack("<H", body[8:10])[0] << 16
            start = 10
        if endpoint & INPUT:
            self.reads.append((number, endpoint, length, stream))
            self.answer_reads()
        else:
            taken = self.device.bulk_out(endpoint, body[start:])
            self.finish(number, endpoint, STALLED if taken is STALL else SUCCESS, length, stream)

    def answer_reads(self):
        """Gives waiting reads what the device has; the model calls this when it has something."""
        with self.lock:
            while self.plugged and self.reads:
                number, endpoint, length, stream = self.reads[0]
                data = self.device.bulk_in(endpoint, length)
                if data is None:
                    return
                self.reads.pop(0)
                if data is STALL:
                    self.finish(number, endpoint, STALLED, 0, stream)
                else:
                    self.finish(number, endpoint, SUCCESS, len(data), stream, data)

    def cancel(self, number):
        for read in [read for read in self.reads if read[0] == number]:
            self.reads.remove(read)
            self.finish(number, read[1], CANCELLED, 0, read[3])

    def finish(self, number, endpoint, status, length, stream, data=b""):
        header = struct.pack("<BBHI", endpoint, status, length & 0xFFFF, stream)
        if self.has(LONG_BULK):
            header += struct.pack("<H", length >> 16)
        self.send(BULK, number, header + data)
