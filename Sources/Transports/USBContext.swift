import CUSB
import Glibc
import Synchronization
import TerminalKit

/// libusb, begun with the first usb:// line that is opened and kept until the process ends.
///
/// There is one for the life of the process: after a sudden unplug `libusb_exit` may wait for
/// transfers that nobody will ever report (NUT, `drivers/libusb1.c`), so it is never called and
/// the end of the process waits for nothing. It needs a netlink socket and fails without: a unit
/// with `RestrictAddressFamilies` must name `AF_NETLINK`. A box without usb:// lines has no context, no thread
/// and no memory for it.
final class USBContext: Sendable {
    private static let only = Mutex<USBContext?>(nil)
    private static let bells = Mutex<[@Sendable () -> Void]>([])
    private static let stackSize = 256 * 1_024

    nonisolated(unsafe) let pointer: OpaquePointer

    private init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    /// Begins, or gives what has begun; after a failure the next call tries again.
    ///
    /// - Parameter address: Named in what is thrown: `missing` on a box without USB, `unreachable`
    ///   where libusb may not do its work.
    static func ready(for address: USBAddress) throws(LinkError) -> USBContext {
        let context = only.withLock { only in
            if only == nil { only = begin() }
            return only
        }
        if let context { return context }
        guard FileTree(root: "/").exists("/dev/bus/usb") else { throw .missing(path: "\(address)") }
        throw .unreachable(address: "\(address)", reason: "libusb cannot begin")
    }

    /// Rings when a device comes or goes, once there is a context. Never taken back.
    static func onPlug(_ ring: @escaping @Sendable () -> Void) {
        bells.withLock { $0.append(ring) }
    }

    private static func begin() -> USBContext? {
        var pointer: OpaquePointer?
        guard libusb_init(&pointer) == 0, let pointer else { return nil }
        let context = USBContext(pointer)
        guard context.startEvents() else {
            // Nothing has been submitted yet, so this one returns.
            libusb_exit(pointer)
            return nil
        }
        context.watchPlugs()
        return context
    }

    /// One thread of our own: it reports the end of every transfer.
    private func startEvents() -> Bool {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Self.stackSize)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
            USBContext.handleEvents(of: $0.map(OpaquePointer.init))
            return nil
        }
        return pthread_create(&thread, &attributes, body, UnsafeMutableRawPointer(pointer)) == 0
    }

    private static func handleEvents(of context: OpaquePointer?) {
        while true {
            let code = libusb_handle_events_completed(context, nil)
            // A trouble that stays must not take the whole processor.
            if code != 0, code != LIBUSB_ERROR_INTERRUPTED.rawValue { usleep(20_000) }
        }
    }

    /// In the callback nothing of libusb may be called but opening and asynchronous transfers
    /// (libusb `hotplug.c`); it rings and is done.
    private func watchPlugs() {
        guard libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG.rawValue) != 0 else { return }
        let events =
            LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED.rawValue | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT.rawValue
        let any = Int32(LIBUSB_HOTPLUG_MATCH_ANY)
        libusb_hotplug_register_callback(
            pointer, Int32(events), 0, any, any, any,
            { _, _, _, _ in
                for ring in USBContext.bells.withLock({ $0 }) { ring() }
                return 0
            }, nil, nil)
    }
}
