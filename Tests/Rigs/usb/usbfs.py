"""Shows devices of `usb_devices.py` to other processes through umockdev.

A process started with LD_PRELOAD=libumockdev-preload.so.0 and UMOCKDEV_DIR sees them in sysfs, opens
their nodes, and its usbfs ioctls are answered here. The way is that of libusb's own test
(libusb `tests/umockdev.c`); the numbers are those of `linux/usbdevice_fs.h`.
"""

import errno
import os
import struct
import threading

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import GLib, UMockdev  # noqa: E402

from usb_devices import PENDING, STALL  # noqa: E402


def _io(number, direction=0, size=0):
    return direction << 30 | size << 16 | ord("U") << 8 | number


SET_INTERFACE, SET_CONFIGURATION, GET_DRIVER = _io(4, 2, 8), _io(5, 2, 4), _io(8, 1, 260)
SUBMIT, DISCARD, REAP, REAP_NOW = _io(10, 2, 56), _io(11), _io(12, 1, 8), _io(13, 1, 8)
CLAIM, RELEASE, DRIVER_IOCTL, RESET = _io(15, 2, 4), _io(16, 2, 4), _io(18, 3, 16), _io(20)
CLEAR_HALT, CONNECT, CAPABILITIES, DISCONNECT_CLAIM = _io(21, 2, 4), _io(23), _io(26, 2, 4), _io(27, 2, 264)
CONTROL_URB = 2
# ZERO_PACKET, NO_PACKET_SIZE_LIM, REAP_AFTER_DISCONNECT.
OFFERED = 0x01 | 0x04 | 0x10
# The node always polls ready; an empty reap is held this long, or libusb would spin.
HOLD_MS = 2
LOCK = threading.RLock()


class Urb:
    """One transfer that the host has submitted."""

    def __init__(self, argument):
        self.data = argument.resolve(0, 56)
        raw = bytes(self.data.retrieve())[:32]
        self.kind, self.endpoint, _, _, _, self.length, _ = struct.unpack("<BBxxiIxxxxQii", raw)
        self.address = self.data.client_addr
        self.buffer = self.data.resolve(16, self.length) if self.length else None
        self.status, self.count, self.is_sent = 0, 0, False

    def attempt(self, device):
        """Tries to carry it out; False while the device has nothing to say."""
        return self.take(*self.answer(device))

    def take(self, answer, offset):
        if answer is PENDING:
            return False
        if answer is STALL:
            self.status = -errno.EPIPE
        elif isinstance(answer, int):
            self.count = answer
        else:
            if answer:
                self.buffer.update(offset, list(answer))
            self.count = len(answer)
        return True

    def answer(self, device):
        if self.kind == CONTROL_URB:
            raw = bytes(self.buffer.retrieve())
            kind, request, value, index, length = struct.unpack("<BBHHH", raw[:8])
            if kind & 0x80:
                return device.control(kind, request, value, index, b"", length), 8
            answer = device.control(kind, request, value, index, raw[8:8 + length], length)
            return (answer if answer is STALL else length), 0
        if self.endpoint & 0x80:
            return device.bulk_in(self.length), 0
        return device.bulk_out(bytes(self.buffer.retrieve())), 0

    def report(self):
        self.data.update(4, list(struct.pack("<i", self.status)))
        self.data.update(28, list(struct.pack("<i", self.count)))


class Node(UMockdev.IoctlBase):
    """The usbfs node of one device."""

    def __init__(self, device):
        super().__init__()
        self.device = device
        self.flying, self.done, self.is_gone, self.reaper = [], [], False, None
        device.changed = lambda: GLib.idle_add(self.pump)

    def pump(self):
        with LOCK:
            for urb in list(self.flying):
                if urb in self.flying and urb.attempt(self.device):
                    self.flying.remove(urb)
                    self.done.append(urb)
            if self.reaper and (self.done or self.is_gone):
                self.reap(self.reaper)
        return False

    def pull_out(self):
        with LOCK:
            self.is_gone = True
            for urb in self.flying:
                urb.status = -errno.ESHUTDOWN
            self.done += self.flying
            self.flying = []
            self.pump()

    def reap(self, client):
        self.reaper = None
        if not self.done:
            client.complete(-1, errno.ENODEV if self.is_gone else errno.EAGAIN)
            return
        urb = self.done.pop(0)
        urb.report()
        client.get_arg().resolve(0, 8).set_ptr(0, urb.data)
        client.complete(0, 0)

    def do_handle_ioctl(self, client):
        with LOCK:
            return self.handle(client, client.get_request(), client.get_arg())

    def handle(self, client, request, argument):
        if self.is_gone and request not in (REAP, REAP_NOW):
            client.complete(-1, errno.ENODEV)
        elif request == CAPABILITIES:
            argument.resolve(0, 4).update(0, [OFFERED, 0, 0, 0])
            client.complete(0, 0)
        elif request in (CLAIM, DISCONNECT_CLAIM):
            self.device.claims += not self.device.is_busy
            client.complete(-1, errno.EBUSY) if self.device.is_busy else client.complete(0, 0)
        elif request == RELEASE:
            self.device.releases += 1
            client.complete(0, 0)
        elif request in (SET_CONFIGURATION, SET_INTERFACE, RESET):
            client.complete(0, 0)
        elif request == CLEAR_HALT:
            self.device.clear_halt()
            client.complete(0, 0)
        elif request == GET_DRIVER:
            client.complete(-1, errno.ENODATA)
        elif request == DRIVER_IOCTL:
            code = struct.unpack("<i", bytes(argument.resolve(0, 16).retrieve())[4:8])[0]
            self.device.reattached += code == CONNECT
            client.complete(-1, errno.ENODATA)
        elif request == SUBMIT:
            self.submit(client, argument)
        elif request in (REAP, REAP_NOW):
            self.wait_for_end(client, request)
        elif request == DISCARD:
            self.discard(client, struct.unpack("<Q", bytes(argument.retrieve())[:8])[0])
        else:
            return False
        return True

    def submit(self, client, argument):
        urb = Urb(argument)
        client.complete(0, 0)
        if urb.attempt(self.device):
            self.done.append(urb)
        else:
            self.flying.append(urb)
        self.pump()

    def wait_for_end(self, client, request):
        if self.done or self.is_gone:
            return self.reap(client)
        self.reaper = client
        if request == REAP_NOW:
            GLib.timeout_add(HOLD_MS, self.give_up, client)

    def give_up(self, client):
        with LOCK:
            if self.reaper is client:
                self.reap(client)
        return False

    def discard(self, client, address):
        urb = next((u for u in self.flying if u.address == address), None)
        if urb is None:
            return client.complete(-1, errno.EINVAL)
        self.flying.remove(urb)
        if urb.endpoint & 0x80:
            urb.take(self.device.at_the_last_moment(urb.length), 0)
        urb.status = -errno.ENOENT
        self.done.append(urb)
        client.complete(0, 0)


class Bed:
    """A bus where devices are plugged in and pulled out."""

    def __init__(self):
        self.testbed = UMockdev.Testbed.new()
        self.root = self.testbed.get_root_dir()
        os.environ["UMOCKDEV_DIR"] = self.root  # for the programs under test
        self.nodes, self.next = {}, 1
        self.loop = GLib.MainLoop()
        threading.Thread(target=self.loop.run, daemon=True).start()

    def do(self, work):
        """Runs `work` where the ioctls are answered, and waits for it."""
        result, done = [], threading.Event()

        def step():
            with LOCK:
                try:
                    result.append(work())
                finally:
                    done.set()
            return False

        GLib.idle_add(step)
        if not done.wait(20) or not result:
            raise RuntimeError("the simulated bus does not answer")
        return result[0]

    def plug(self, device):
        """Returns the device's number on the bus, another one each time as on a real one."""
        number = self.next
        self.next += 1
        self.do(lambda: self._plug(device, number))
        return number

    def _plug(self, device, number):
        node = f"/dev/bus/usb/001/{number:03d}"
        self.nodes[number] = Node(device)
        self.testbed.attach_ioctl(node, self.nodes[number])
        descriptors = (device.device_descriptor() + device.configuration()).hex().upper()
        self.testbed.add_from_string(
            f"P: /devices/pci0000:00/usb1/1-{number}\nN: bus/usb/001/{number:03d}\n"
            f"E: SUBSYSTEM=usb\nE: DRIVER=usb\nE: DEVTYPE=usb_device\nE: BUSNUM=001\nE: DEVNUM={number:03d}\n"
            f"E: DEVNAME={node}\nE: MAJOR=189\nE: MINOR={number}\n"
            f"A: busnum=1\\n\nA: devnum={number}\\n\nA: speed=12\\n\nA: bConfigurationValue=1\\n\n"
            f"A: idVendor={device.vendor:04x}\\n\nA: idProduct={device.product:04x}\\n\n"
            f"A: serial={device.serial}\\n\nH: descriptors={descriptors}\n\n")
        self.testbed.uevent(f"/sys/devices/pci0000:00/usb1/1-{number}", "add")

    def unplug(self, number):
        if number in self.nodes:
            self.do(lambda: self._unplug(number))

    def _unplug(self, number):
        node = self.nodes.pop(number)
        node.pull_out()
        node.device.end()
        path = f"/sys/devices/pci0000:00/usb1/1-{number}"
        self.testbed.uevent(path, "remove")
        self.testbed.remove_device(path)

    def unplug_in_the_middle(self, device, number, after):
        """Pulls the cable when so many bytes have been read."""
        def pull():
            GLib.idle_add(lambda: self._unplug(number) and False)
        device.unplug_at, device.unplugged = after, pull

    def announce_port(self):
        """Tells of a serial port as udev does; there is no node, so nobody can find it by looking."""
        def announce():
            path = self.testbed.add_device("tty", "ttyUSB7", None, [], ["DEVNAME", "/dev/nothing"])
            self.testbed.uevent(path, "add")
            return True
        self.do(announce)

    def node_file(self, number):
        return f"{self.root}/dev/bus/usb/001/{number:03d}"
