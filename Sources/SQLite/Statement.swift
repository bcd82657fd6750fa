import CSQLite

/// A value on its way into a statement.
public enum Value: Hashable, Sendable {
    case int(Int64)
    case text(String)
    case blob([UInt8])
    case null

    public static func int(_ value: Int) -> Value { .int(Int64(value)) }
    public static func text(_ value: String?) -> Value { value.map { .text($0) } ?? .null }
    public static func int(_ value: Int64?) -> Value { value.map { .int($0) } ?? .null }
}

/// A prepared statement. Internal: the face is ``Database``.
final class Statement {
    private let handle: OpaquePointer
    private let path: String
    private(set) var isRunning = false

    init(_ sql: String, on database: OpaquePointer, path: String) throws(SQLiteError) {
        var prepared: OpaquePointer?
        let result = sqlite3_prepare_v3(
            database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard result == SQLITE_OK, let prepared else {
            throw SQLiteError(result, of: database, path: path)
        }
        handle = prepared
        self.path = path
    }

    deinit { sqlite3_finalize(handle) }

    var row: Row { Row(handle) }

    func reset() {
        isRunning = false
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// - Returns: Whether there is a row.
    func step() throws(SQLiteError) -> Bool {
        isRunning = true
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let result: throw SQLiteError(result, of: sqlite3_db_handle(handle), path: path)
        }
    }

    func bind(_ values: [Value]) throws(SQLiteError) {
        for (index, value) in values.enumerated() {
            let result = bind(value, at: Int32(index + 1))
            guard result == SQLITE_OK else {
                throw SQLiteError(result, of: sqlite3_db_handle(handle), path: path)
            }
        }
    }

    private func bind(_ value: Value, at index: Int32) -> Int32 {
        // SQLITE_TRANSIENT: SQLite copies the bytes before this returns.
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .int(let number):
            return sqlite3_bind_int64(handle, index, number)
        case .text(var text):
            return text.withUTF8 {
                $0.withMemoryRebound(to: CChar.self) {
                    sqlite3_bind_text(
                        handle, index, $0.baseAddress ?? Self.empty, Int32($0.count), copied)
                }
            }
        case .blob(let bytes):
            return bytes.withUnsafeBytes {
                $0.isEmpty
                    ? sqlite3_bind_zeroblob(handle, index, 0)
                    : sqlite3_bind_blob(handle, index, $0.baseAddress, Int32($0.count), copied)
            }
        case .null:
            return sqlite3_bind_null(handle, index)
        }
    }

    /// An empty text needs an address all the same: a null pointer would bind NULL.
    nonisolated(unsafe) private static let empty: UnsafePointer<CChar> = {
        let byte = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        byte.initialize(to: 0)
        return UnsafePointer(byte)
    }()
}

/// One row while its statement stands on it; not to be kept.
public struct Row {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    public func isNull(_ column: Int) -> Bool {
        sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL
    }

    public func int(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }

    public func optionalInt(_ column: Int) -> Int64? { isNull(column) ? nil : int(column) }

    public func text(_ column: Int) -> String { optionalText(column) ?? "" }

    public func optionalText(_ column: Int) -> String? {
        guard let start = sqlite3_column_text(handle, Int32(column)) else { return nil }
        let count = Int(sqlite3_column_bytes(handle, Int32(column)))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    public func blob(_ column: Int) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, Int32(column)) else { return [] }
        let count = Int(sqlite3_column_bytes(handle, Int32(column)))
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    public func optionalBlob(_ column: Int) -> [UInt8]? { isNull(column) ? nil : blob(column) }
}
