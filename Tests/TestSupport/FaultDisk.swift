import FaultVFS
import Foundation
import SQLite

/// A disk that fails when it is told to, for files opened within ``run(_:)``.
///
/// The files are real ones. One database at a time, closed before ``settle(_:)``.
public final class FaultDisk {
    public enum Fault: CaseIterable, Sendable {
        /// The power goes; see ``FaultDisk/settle(_:)`` for what it leaves.
        case power
        /// The step answers EIO.
        case inputOutput
        /// The step answers ENOSPC.
        case full
        /// A write stops half way and answers ENOSPC.
        case shortWrite
    }

    struct NoMemory: Error {}
    struct Unwritable: Error {}

    private let disk: OpaquePointer
    private let name: String

    public init() throws {
        name = "titian-fault-\(UUID().uuidString)"
        guard let disk = fault_disk_create(name) else { throw NoMemory() }
        self.disk = disk
    }

    deinit { fault_disk_destroy(disk) }

    /// Opens databases on this disk while `body` runs.
    public func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        try Database.$vfs.withValue(name, operation: body)
    }

    /// The fault comes at the `nth` write, sync, truncation or deletion from now on.
    ///
    /// - Parameters:
    ///   - count: How many steps it lasts.
    ///   - lasting: It lasts until ``heal()``.
    public func arm(_ fault: Fault, at nth: Int, for count: Int = 1, lasting: Bool = false) {
        let kind =
            switch fault {
            case .power: FAULT_POWER
            case .inputOutput: FAULT_EIO
            case .full: FAULT_FULL
            case .shortWrite: FAULT_SHORT
            }
        fault_disk_arm(disk, kind, Int64(nth), lasting ? .max : Int64(count))
    }

    /// Nothing fails any more; steps are counted anew.
    public func heal() { fault_disk_arm(disk, FAULT_NONE, 0, 0) }

    /// Writes, syncs, truncations and deletions since the disk was armed or healed.
    public var steps: Int { Int(fault_disk_steps(disk)) }

    /// Whether the fault came.
    public var isStruck: Bool { fault_disk_struck(disk) > 0 }

    /// Puts on the files what a power cut may leave.
    ///
    /// - Parameter seed: 0 drops all unsynced writes, 1 keeps all, others keep a choice of their
    ///   own, some writes torn.
    public func settle(_ seed: UInt64) throws {
        guard fault_disk_settle(disk, seed) == 0 else { throw Unwritable() }
    }
}
