import Attendance
public import Central

// What the centre keeps of people, and for how long.
extension Centre {
    /// The lines that the centre's own period lets go.
    ///
    /// - Parameters:
    ///   - days: The period; nil for the configuration's.
    ///   - apply: Whether they are forgotten; else nothing changes.
    public func retention(days: Int?, apply: Bool) async throws -> RetentionReport {
        let fewest = ServerConfiguration.fewestDays
        guard let days = days ?? configuration.keepLinesDays, days >= fewest else {
            throw ServerError.retention(minimum: fewest)
        }
        let now = Surroundings.host.now()
        return try await central.retention(
            before: now.advanced(byMilliseconds: -Int64(min(days, 100_000)) * 86_400_000),
            apply: apply, by: Self.commandLine, at: now)
    }

    /// Everything that is stored of a person.
    public func export(_ subject: Subject) async throws -> SubjectExport {
        try await central.export(subject, by: Self.commandLine, at: Surroundings.host.now())
    }

    /// Takes away what is stored of a person, or only counts it.
    public func erase(_ subject: Subject, apply: Bool) async throws -> ErasureReport {
        try await central.erase(
            subject, apply: apply, by: Self.commandLine, at: Surroundings.host.now())
    }
}
