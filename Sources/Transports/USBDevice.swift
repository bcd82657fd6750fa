import CUSB
import Synchronization
import TerminalKit

/// An open USB device whose interface is ours, until it is closed: once, and from then on never
/// used again. Everything here may block for a moment and runs on the line's thread.
final class USBDevice: Sendable {
    let pipe: USBLayout.Pipe
    private nonisolated(unsafe) let handle: OpaquePointer
    private let claimed: [UInt8]
    private let isClosed = Atomic(false)

    /// Finds, opens and claims the device; a driver of the kernel that holds it lets go until the
    /// device is closed.
    ///
    /// - Throws: `missing`, `busy`, `forbidden`, `unsettable` or `unreachable`, naming the link.
    static func open(_ address: USBAddress) throws(LinkError) -> USBDevice {
        let context = try USBContext.ready(for: address)
        var trouble = LinkError.missing(path: "\(address)")
        for device in USBSearch.devices(of: context, matching: address) {
            do {
                return try open(device, address)
            } catch {
                // Another one with the same numbers may be free.
                trouble = error
            }
        }
        throw trouble
    }

    private static func open(
        _ device: USBSearch.Found, _ address: USBAddress
    ) throws(LinkError) -> USBDevice {
        let name = "\(address)"
        guard let layout = device.layout else {
            throw .unsettable(path: name, setting: "configuration")
        }
        let pipe: USBLayout.Pipe
        switch layout.pipe(for: address) {
        case .success(let found): pipe = found
        case .failure(let misfit): throw .unsettable(path: name, setting: misfit.option)
        }
        var handle: OpaquePointer?
        let code = libusb_open(device.pointer, &handle)
        guard code == 0, let handle else { throw refusal(code, name) }
        do throws(LinkError) {
            return try USBDevice(handle, pipe, name)
        } catch {
            libusb_close(handle)
            throw error
        }
    }

    private init(
        _ handle: OpaquePointer, _ pipe: USBLayout.Pipe, _ name: String
    ) throws(LinkError) {
        libusb_set_auto_detach_kernel_driver(handle, 1)
        var claimed: [UInt8] = []
        for interface in [pipe.control, pipe.interface].compactMap(\.self) {
            let code = libusb_claim_interface(handle, Int32(interface))
            guard code == 0 else {
                for earlier in claimed { libusb_release_interface(handle, Int32(earlier)) }
                throw Self.refusal(code, name)
            }
            claimed.append(interface)
        }
        self.handle = handle
        self.pipe = pipe
        self.claimed = claimed
    }

    deinit { close() }

    /// Gives the interface back, the kernel's driver its device, and the descriptor to the system.
    func close() {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        for interface in claimed.reversed() { libusb_release_interface(handle, Int32(interface)) }
        libusb_close(handle)
    }

    /// Ends the halt of an endpoint.
    func clearHalt(of endpoint: UInt8) throws(LinkError) {
        guard !isClosed.load(ordering: .acquiring) else { throw .closed(reason: "closed already") }
        let code = libusb_clear_halt(handle, endpoint)
        guard code == 0 else { throw .closed(reason: usbReason(code)) }
    }

    /// - Parameters:
    ///   - endpoint: 0 for a control transfer.
    ///   - bytes: What is sent, or room for what comes.
    ///   - limit: Ends the transfer.
    func transfer(
        _ endpoint: UInt8, _ bytes: [UInt8], within limit: Duration
    ) throws(LinkError) -> USBTransfer {
        guard !isClosed.load(ordering: .acquiring) else { throw .closed(reason: "closed already") }
        let transfer = USBTransfer(handle, endpoint: endpoint, bytes: bytes, within: limit)
        guard let transfer else { throw .closed(reason: "no memory") }
        return transfer
    }

    private static func refusal(_ code: Int32, _ name: String) -> LinkError {
        switch code {
        case LIBUSB_ERROR_ACCESS.rawValue: .forbidden(path: name)
        case LIBUSB_ERROR_BUSY.rawValue: .busy(path: name)
        case LIBUSB_ERROR_NO_DEVICE.rawValue, LIBUSB_ERROR_NOT_FOUND.rawValue: .missing(path: name)
        default: .unreachable(address: name, reason: usbReason(code))
        }
    }
}
