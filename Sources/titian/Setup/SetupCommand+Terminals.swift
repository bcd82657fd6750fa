import ArgumentParser
import Attendance
import Bridge
import Glibc
import Speech
import TerminalKit
import Transports

extension SetupCommand {
    /// Those that are named, else those that are found and not configured yet.
    func terminals(
        _ existing: Configuration?, zone: Zone
    ) async throws -> [Conversation.Planned] {
        guard terminal.isEmpty else { return try await named(existing, zone: zone) }
        // Who repeats a visit adds by name; the lines that are read are left alone.
        if existing.map({ !$0.terminals.isEmpty }) ?? false, subnet.isEmpty { return [] }
        // The lines that titiand reads are left to it.
        let isRunning = (try? await places.daemon.isRunning) ?? false
        var scan = Scan(
            zone: zone, configured: existing?.terminals ?? [], isDaemonRunning: isRunning)
        let progress = Progress(isShown: isatty(STDERR_FILENO) == 1 && !speech.json)
        let ranges = try Scan.ranges(subnet)
        await scan.searchPorts(only: [], isThorough: false, progress)
        try await scan.searchNetwork(ranges, progress)
        progress.end()
        var seen: Set<String> = []
        return scan.report.terminals.filter {
            $0.configuredAs == nil
                && seen.insert($0.identity?.id.description ?? $0.address.description).inserted
        }.map { Conversation.Planned(found: $0, commKeyFile: keyFile) }
    }

    private func named(
        _ existing: Configuration?, zone: Zone
    ) async throws -> [Conversation.Planned] {
        var planned: [Conversation.Planned] = []
        for (index, text) in terminal.enumerated() {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, parts[1].contains("://") else {
                throw CommandError.usage("--terminal \(text): name=link")
            }
            if existing?.terminals.contains(where: { $0.name == parts[0] }) ?? false { continue }
            var options = try TerminalTargetOptions.parse([parts[1]])
            options.driver = driver.count > 1 ? driver[index] : driver.first
            options.commKeyFile = keyFile
            let target = try options.target(configuration: places.config)
            planned.append(
                Conversation.Planned(
                    name: parts[0], found: await met(target, options.driver ?? "", zone),
                    commKeyFile: keyFile))
        }
        return planned
    }

    /// A terminal that does not answer today is configured all the same.
    private func met(_ target: TerminalTarget, _ make: String, _ zone: Zone) async -> FoundTerminal
    {
        var found = FoundTerminal(driver: make, address: target.address)
        do {
            let probe = try await target.talk { session in
                try await Probe(
                    session, link: target.address.description, zone: zone, host: .system)
            }
            found.identity = probe.identity
            found.clock = probe.clock
            found.counters = probe.counters
        } catch {
            found.problem = Problem(explaining: error)
        }
        return found
    }

    /// Says of a terminal who it is and what its clock shows.
    ///
    /// - Parameter isZoneKnown: Without a zone nobody can say how wrong a clock is.
    func remark(_ planned: Conversation.Planned, isZoneKnown: Bool) {
        let found = planned.found
        var words = [
            planned.name, found.identity?.id.description ?? found.driver, found.address.shortest,
        ]
        .compactMap { $0 }
        if let clock = found.clock {
            let shown =
                isZoneKnown
                ? Format.offset(clock.offsetMilliseconds, error: clock.errorMilliseconds)
                : clock.device.description.replacing("T", with: " ")
            words.append(say(id: "jam ", en: "clock ") + shown)
        }
        if let problem = found.problem { words.append(problem.line(Speech.language)) }
        Output.remark(
            "\(Words.mark(found.problem == nil ? .good : .attention)) \(words.joined(separator: "  "))"
        )
    }
}
