import CUSB

/// Finds devices by what can be known without opening them.
enum USBSearch {
    /// A device that matches, held until this is let go.
    final class Found {
        let pointer: OpaquePointer

        fileprivate init(_ device: OpaquePointer) {
            pointer = libusb_ref_device(device)
        }

        deinit { libusb_unref_device(pointer) }

        /// nil for a device that has not been configured by the kernel.
        var layout: USBLayout? {
            var configuration: UnsafeMutablePointer<libusb_config_descriptor>?
            guard libusb_get_active_config_descriptor(pointer, &configuration) == 0,
                let configuration
            else { return nil }
            defer { libusb_free_config_descriptor(configuration) }
            return USBLayout(configuration.pointee)
        }

        /// As the kernel read it when the device was plugged in; nil where it has none.
        fileprivate var serial: String? {
            let tree = FileTree(root: "/")
            let folder = "/sys/bus/usb/devices"
            let bus = "\(libusb_get_bus_number(pointer))"
            let number = "\(libusb_get_device_address(pointer))"
            let name = tree.names(in: folder).first {
                tree.line("\(folder)/\($0)/busnum") == bus
                    && tree.line("\(folder)/\($0)/devnum") == number
            }
            return name.flatMap { tree.line("\(folder)/\($0)/serial") }
        }
    }

    /// All that are attached now and have these numbers, and this serial number if one is asked
    /// for; in the order of their sockets as far as libusb keeps it.
    static func devices(of context: USBContext, matching address: USBAddress) -> [Found] {
        var list: UnsafeMutablePointer<OpaquePointer?>?
        let count = libusb_get_device_list(context.pointer, &list)
        guard count >= 0, let list else { return [] }
        defer { libusb_free_device_list(list, 1) }
        return UnsafeBufferPointer(start: list, count: count).compactMap(\.self)
            .filter { hasNumbers($0, of: address) }
            .map(Found.init)
            .filter { address.serial == nil || $0.serial == address.serial }
    }

    private static func hasNumbers(_ device: OpaquePointer, of address: USBAddress) -> Bool {
        var descriptor = libusb_device_descriptor()
        return libusb_get_device_descriptor(device, &descriptor) == 0
            && descriptor.idVendor == address.vendor && descriptor.idProduct == address.product
    }
}

extension USBLayout {
    init(_ configuration: libusb_config_descriptor) {
        interfaces = UnsafeBufferPointer(
            start: configuration.interface, count: Int(configuration.bNumInterfaces)
        ).compactMap { interface in
            interface.num_altsetting > 0
                ? interface.altsetting.map { Interface($0.pointee) } : nil
        }
    }
}

extension USBLayout.Interface {
    init(_ setting: libusb_interface_descriptor) {
        number = setting.bInterfaceNumber
        kind = setting.bInterfaceClass
        subkind = setting.bInterfaceSubClass
        endpoints = UnsafeBufferPointer(
            start: setting.endpoint, count: Int(setting.bNumEndpoints)
        ).map { endpoint in
            USBLayout.Endpoint(
                number: endpoint.bEndpointAddress, isBulk: endpoint.bmAttributes & 0x03 == 0x02,
                // Bits above say something about isochronous endpoints only.
                packet: Int(endpoint.wMaxPacketSize & 0x07FF))
        }
    }
}
