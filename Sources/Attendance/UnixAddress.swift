package import Glibc

/// The address of a Unix socket; a name that begins with `@` is an abstract one (Linux).
package struct UnixAddress {
    private var address = sockaddr_un()
    private let length: socklen_t

    /// The longest name: 107 bytes, as the kernel has it.
    package static let longest = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// - Returns: nil if the name is empty or too long.
    package init?(_ name: String) {
        var bytes = Array(name.utf8)
        guard (1...Self.longest).contains(bytes.count) else { return nil }
        let isAbstract = bytes[0] == UInt8(ascii: "@")
        if isAbstract { bytes[0] = 0 }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        // An abstract name is as long as it is said to be; a path ends with its zero byte.
        let header = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        length = socklen_t(header + bytes.count + (isAbstract ? 0 : 1))
    }

    /// Calls a function of the C library with this address.
    package func with<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
