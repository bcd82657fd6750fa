/// Who holds a serial port, or is likely to take it: what "busy" means on this machine.
///
/// Source: docs/reference/protocols/serial-lines.md, "Who else takes the port".
public struct PortHolders: Sendable {
    /// A program, as the kernel names it.
    public struct Holder: Hashable, Sendable {
        public let program: String
        public let process: Int
    }

    /// Programs known to open ports that are not theirs.
    public static let suspects = ["ModemManager", "gpsd", "brltty", "agetty"]

    private let tree: FileTree

    /// - Parameter root: Where `/proc` and `/run` are; another folder in tests.
    public init(root: String = "/") {
        tree = FileTree(root: root)
    }

    /// Programs that have the port open, as far as this user may see; those of other users are
    /// seen by root only.
    ///
    /// - Parameter node: The device file itself, not a link to it.
    public func holding(_ node: String) -> [Holder] {
        processes.filter { hasOpen($0, node) }.compactMap(holder) + lockFile(of: node)
    }

    /// Whether somebody has the port open now, or the machine's console is there: what is sent to
    /// it would reach them, and they would answer.
    ///
    /// - Parameter node: The device file itself, not a link to it.
    public func isInUse(_ node: String) -> Bool {
        consoles.contains(node) || processes.contains { hasOpen($0, node) }
    }

    /// The device files of the kernel's consoles.
    private var consoles: [String] {
        tree.line("/sys/class/tty/console/active")?.split(separator: " ").map { "/dev/\($0)" } ?? []
    }

    private func hasOpen(_ process: Int, _ node: String) -> Bool {
        let folder = "/proc/\(process)/fd"
        return tree.names(in: folder).contains { tree.linkTarget("\(folder)/\($0)") == node }
    }

    /// Which of ``suspects`` run at all.
    public func running() -> [Holder] {
        processes.compactMap(holder).filter { Self.suspects.contains($0.program) }
    }

    private var processes: [Int] {
        tree.names(in: "/proc").compactMap { Int($0) }.sorted()
    }

    private func holder(_ process: Int) -> Holder? {
        tree.line("/proc/\(process)/comm").map { Holder(program: $0, process: process) }
    }

    /// The older world of `/var/lock/LCK..ttyUSB0`: read for a friendly word, never relied on,
    /// because it stays behind after a crash.
    private func lockFile(of node: String) -> [Holder] {
        guard let name = node.split(separator: "/").last else { return [] }
        for folder in ["/run/lock", "/var/lock"] {
            if let process = tree.line("\(folder)/LCK..\(name)").flatMap({ Int($0) }),
                let holder = holder(process)
            {
                return [holder]
            }
        }
        return []
    }
}
