"""Models of USB devices: what a device answers, without a word about how it is carried.

A model has descriptors, answers control requests, takes bulk output and gives bulk input; when it has new
input it calls `when_data`. Who plugs it in (usbredir.py) sets that and calls `plugged` and `unplugged`.
Behind each model is a `Wire` to a simulated terminal (wires.py).
"""

import struct
import threading
import time
from collections import namedtuple

STALL = object()        # the answer of an endpoint that is halted, and of a request that is not known
FULL_SPEED, HIGH_SPEED = 1, 2

Endpoint = namedtuple("Endpoint", "address packet_size")

GET_STATUS, CLEAR_FEATURE, GET_DESCRIPTOR = 0, 1, 6
DEVICE, CONFIGURATION, STRING = 1, 2, 3     # kinds of descriptor


class USBDevice:
    """A device with one configuration and one interface of bulk endpoints."""

    speed, version = FULL_SPEED, 0x0100
    device_class, interface_class = 0x00, 0xFF
    endpoints = ()
    packet_size_0 = 64

    def __init__(self, vendor, product, maker, name, serial):
        self.vendor, self.product = vendor, product
        self.strings = {1: maker, 2: name, 3: serial}
        self.serial = serial
        self.when_data = lambda: None
        self.is_plugged = False
        self.input = bytearray()
        self.lock = threading.Lock()    # the terminal gives and the host takes on threads of their own
        self.halted = set()
        self.sent = 0       # bytes to the host since the plug

    # Descriptors, chapter 9 of USB 2.0.

    def device_descriptor(self):
        return struct.pack("<BBHBBBBHHHBBBB", 18, DEVICE, 0x0200, self.device_class, 0, 0, self.packet_size_0,
                           self.vendor, self.product, self.version, 1, 2, 3, 1)

    def configuration_descriptor(self):
        kind = self.interface_class
        body = struct.pack("<BBBBBBBBB", 9, 4, 0, 0, len(self.endpoints), kind, kind, kind, 0)
        for endpoint in self.endpoints:
            body += struct.pack("<BBBBHB", 7, 5, endpoint.address, 2, endpoint.packet_size, 0)
        return struct.pack("<BBHBBBBB", 9, CONFIGURATION, 9 + len(body), 1, 1, 0, 0x80, 45) + body

    def string_descriptor(self, index):
        text = b"\x09\x04" if index == 0 else self.strings.get(index, "").encode("utf-16-le")
        return bytes([len(text) + 2, STRING]) + text

    def control(self, kind, request, value, index, data, length):
        """Answers a request: bytes for one that reads, b"" for one that writes, or STALL."""
        if kind == 0x80 and request == GET_DESCRIPTOR:
            return self.descriptor(value >> 8, value & 0xFF, length)
        if kind & 0x7F in (0, 1, 2) and request == GET_STATUS:
            return bytes([index in self.halted and kind == 0x82, 0])
        if kind == 0x02 and request == CLEAR_FEATURE:
            self.clear_halt(index & 0xFF)
            return b""
        return STALL if kind & 0x80 else b""

    def descriptor(self, kind, index, length):
        if kind == DEVICE:
            return self.device_descriptor()[:length]
        if kind == CONFIGURATION:
            return self.configuration_descriptor()[:length]
        if kind == STRING:
            return self.string_descriptor(index)[:length]
        return STALL

    # Bulk transfers.

    def bulk_out(self, endpoint, data):
        if endpoint in self.halted:
            return STALL
        self.output(data)
        return len(data)

    def bulk_in(self, endpoint, length):
        """Up to `length` bytes, STALL, or None while there is nothing."""
        if endpoint in self.halted:
            return STALL
        return self.take(length)

    def take(self, length):
        with self.lock:
            data = bytes(self.input[:length])
            del self.input[:length]
        return data or None

    def give(self, data):
        """Input for the host."""
        with self.lock:
            self.input += data
        self.sent += len(data)
        self.when_data()

    def output(self, data):
        """What the host has sent."""

    def halt(self, endpoint):
        """The endpoint stalls from now on, until the host clears it."""
        self.halted.add(endpoint)
        self.when_data()

    def clear_halt(self, endpoint):
        self.halted.discard(endpoint)

    # The plug.

    def plugged(self):
        self.halted.clear()
        with self.lock:
            self.input.clear()
        self.sent = 0
        self.is_plugged = True

    def unplugged(self):
        self.is_plugged = False

    def reset(self):
        self.halted.clear()


class BulkTerminal(USBDevice):
    """A terminal with a USB socket of its own: its protocol goes over two bulk endpoints."""

    speed = HIGH_SPEED
    endpoints = (Endpoint(0x01, 512), Endpoint(0x82, 512))

    def __init__(self, wire, vendor=0x1B55, product=0xB400, serial="SIM0001"):
        super().__init__(vendor, product, "Example", "Terminal simulator", serial)
        self.wire = wire
        self.cleared = 0            # how often the host has cleared a halt
        self.is_stuck = False       # then clearing does not help
        wire.connect(self.received)

    def clear_halt(self, endpoint):
        self.cleared += 1
        if not self.is_stuck:
            super().clear_halt(endpoint)

    def output(self, data):
        self.wire.send(data)

    def received(self, data):
        if self.is_plugged:
            self.give(data)


class FT232R(USBDevice):
    """FTDI's FT232R with a terminal on its serial side, as Linux' ftdi_sio drives it.

    The requests and the divisors are those of the kernel's drivers/usb/serial/ftdi_sio.{c,h}. `far_end` is
    how the terminal's own UART is set, such as (9600, "8E1"): characters at another speed or parity are not
    understood by either side, as on a real line. Characters take their time on the line.
    """

    version = 0x0600    # by which ftdi_sio knows the FT232R
    endpoints = (Endpoint(0x81, 64), Endpoint(0x02, 64))
    packet_size_0 = 8

    SET_MODEM, SET_FLOW, SET_BAUD, SET_DATA, GET_MODEM, GET_LATENCY, READ_EEPROM = 1, 2, 3, 4, 5, 10, 0x90
    STATUS = b"\x31\x60"    # CTS and DSR are on, nothing is being sent: precedes each packet of 64

    def __init__(self, wire, far_end=(9600, "8N1"), serial="FT000001"):
        super().__init__(0x0403, 0x6001, "FTDI", "FT232R USB UART", serial)
        self.wire, self.far_end = wire, far_end
        self.baud, self.format = None, None
        self.settings = []      # every pair (baud, format) in which data went out, in order, once each
        self.garbled = 0        # characters that were not understood
        wire.connect(self.received)

    def plugged(self):
        super().plugged()
        self.baud, self.format = None, None

    def control(self, kind, request, value, index, data, length):
        if kind == 0x40:
            if request == self.SET_BAUD:
                self.baud = baud(value, index)
            elif request == self.SET_DATA:
                self.format = data_format(value)
            return b""
        if kind == 0xC0:
            answers = {self.GET_MODEM: self.STATUS, self.GET_LATENCY: b"\x10", self.READ_EEPROM: b"\xff\xff"}
            return answers.get(request, b"\0")[:length]
        return super().control(kind, request, value, index, data, length)

    @property
    def understood(self):
        """Whether both ends are set alike; a UART bears some three per cent of speed."""
        speed, form = self.far_end
        return self.baud is not None and abs(self.baud - speed) <= 0.03 * speed and self.format == form

    def output(self, data):
        setting = (self.baud, self.format)
        if not self.settings or self.settings[-1] != setting:
            self.settings.append(setting)
        if self.understood:
            self.wire.send(data)
        else:
            self.garbled += len(data)

    def received(self, data):
        """From the terminal: a packet's worth at a time, as fast as the line is."""
        for start in range(0, len(data), 62):
            piece = data[start:start + 62]
            time.sleep(len(piece) * (1 + len_bits(self.far_end[1])) / self.far_end[0])
            if not self.is_plugged:
                return
            if self.understood:
                self.give(piece)
            else:
                self.garbled += len(piece)

    def take(self, length):
        """Each packet of 64 bytes begins with the modem and line status."""
        packets = []
        for _ in range(max(1, length // 64)):
            data = super().take(62)
            if data is None:
                break
            packets.append(self.STATUS + data)
            if len(data) < 62:
                break
        return b"".join(packets) or None


def baud(value, index):
    """The speed from a divisor of 3 MHz in eighths, as ftdi_232bm_baud_base_to_divisor makes it."""
    if (value, index & 1) in ((0, 0), (1, 0)):
        return 3_000_000 if value == 0 else 2_000_000
    eighths = (0, 4, 2, 1, 3, 5, 6, 7)[value >> 14 | (index & 1) << 2]
    return round(3_000_000 / ((value & 0x3FFF) + eighths / 8))


def data_format(value):
    """Data bits, parity and stop bits as people write them: 8N1."""
    return f"{value & 0xFF}{'NOEMS'[min(value >> 8 & 7, 4)]}{('1', '1.5', '2')[min(value >> 11 & 3, 2)]}"


def len_bits(form):
    """Bits of one character after the start bit."""
    return int(form[0]) + (form[1] != "N") + float(form[2:])
