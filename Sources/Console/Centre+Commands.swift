public import Attendance
public import Central
public import Exchange
import FoundationEssentials
import Glibc

// What the commands beside `serve` do.
extension Centre {
    /// Makes a code that carries the pins of this centre's keys.
    public func enrolmentCode(for office: OfficeID, days: Int) async throws -> EnrolmentCode {
        let code = try await central.makeCode(
            office: office, days: days, by: Self.commandLine, at: Surroundings.host.now())
        return EnrolmentCode(
            secret: code.secret, office: code.office.id, zone: code.office.zone, pins: keys.pins,
            expires: code.expires)
    }

    /// Makes an account.
    public func addUser(_ name: String, role: User.Role, password: String) async throws {
        try await central.addUser(
            name, role: role, passwordHash: Password.hash(password), by: Self.commandLine,
            at: Surroundings.host.now())
    }

    /// Takes a CSV file of offices in; none is removed.
    @discardableResult
    public func importOffices(file: String) async throws -> OfficeImport {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw ServerError.offices(file)
        }
        return try await central.importOffices(
            csv: Array(bytes), by: Self.commandLine, at: Surroundings.host.now())
    }

    /// Shuts a bridge out.
    ///
    /// - Returns: Whether it was in force until now.
    public func revoke(bridge id: String, because reason: String) async throws -> Bool {
        try await central.revoke(
            bridge: id, because: reason, by: Self.commandLine, at: Surroundings.host.now())
    }

    /// Every punch the centre counts for an office, which has to exist.
    public func punches(
        of office: OfficeID, format: PunchExport.Format
    ) async throws -> PunchExport {
        guard try await central.office(office) != nil else {
            throw CentralError.unknownOffice(office.description, nearest: nil)
        }
        return PunchExport(central: central, office: office, format: format)
    }

    /// Whoever ran the command, as the system knows them.
    static var commandLine: Doer {
        let name = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) }
        return Doer(name: name ?? "uid \(getuid())", address: "command")
    }
}
