import Attendance
import Exchange

extension Metrics {
    init(_ report: StatusReport) {
        families =
            Self.bridge(report) + Self.terminals(report.terminals) + Self.journal(report.journal)
            + Self.sync(report.sync) + Self.host(report.host) + Self.guests(report)
    }

    private static func bridge(_ report: StatusReport) -> [Family] {
        [
            Family(
                "titian_build_info", "Always 1: version, office and key of this bridge.",
                [
                    Sample(
                        [
                            Label(name: "version", value: report.version),
                            Label(name: "office", value: report.office),
                            Label(name: "bridge", value: report.bridge),
                        ], .count(Int64(1)))
                ]),
            Family("titian_start_time_seconds", "When titiand started.", .time(report.startedAt)),
        ]
    }

    private static func terminals(_ terminals: [TerminalStatus]) -> [Family] {
        func family(
            _ name: String, _ help: String, kind: Family.Kind = .gauge,
            _ value: (TerminalStatus) -> Sample.Value?
        ) -> Family {
            Family(
                name, help, kind: kind,
                terminals.compactMap { terminal in
                    value(terminal).map {
                        Sample([Label(name: "name", value: terminal.name)], $0)
                    }
                })
        }
        return [
            info(terminals),
            family("titian_terminal_up", "Whether the terminal answers and its log is read.") {
                .flag($0.state == .online)
            },
            states(terminals),
            family("titian_terminal_last_contact_timestamp_seconds", "Its last answer.") {
                .time($0.lastContact)
            },
            family("titian_terminal_last_read_timestamp_seconds", "Its last complete read.") {
                .time($0.lastRead)
            },
            family(
                "titian_terminal_complete_through_timestamp_seconds",
                "Through when its log is known to be complete."
            ) { .time($0.coverage?.through) },
            family("titian_terminal_clock_offset_seconds", "Its clock minus the box's.") {
                $0.offsetMilliseconds.map { .milliseconds($0) }
            },
            family("titian_terminal_clock_error_seconds", "How far off that may be.") {
                $0.errorMilliseconds.map { .milliseconds($0) }
            },
            family("titian_terminal_records", "Records in its log.") {
                $0.records.map { .count($0) }
            },
            family("titian_terminal_record_capacity", "Records its log can hold.") {
                $0.recordCapacity.map { .count($0) }
            },
            family("titian_terminal_users", "People it knows.") { $0.users.map { .count($0) } },
            family(
                "titian_terminal_new_punches", "Punches stored since titiand started.",
                kind: .counter
            ) { .count($0.newPunches) },
        ]
    }

    private static func info(_ terminals: [TerminalStatus]) -> Family {
        Family(
            "titian_terminal_info", "Always 1: who the terminal is, as far as it has said so.",
            terminals.map { terminal in
                let labels = [
                    ("name", terminal.name), ("driver", terminal.driver),
                    ("terminal", terminal.terminal ?? ""), ("model", terminal.model ?? ""),
                    ("firmware", terminal.firmware ?? ""),
                ]
                return Sample(
                    labels.map { Label(name: $0.0, value: $0.1) }, .count(Int64(1)))
            })
    }

    private static func states(_ terminals: [TerminalStatus]) -> Family {
        Family(
            "titian_terminal_state", "1 for the state the terminal is in, 0 for the others.",
            terminals.flatMap { terminal in
                TerminalStatus.State.allCases.map { state in
                    Sample(
                        [
                            Label(name: "name", value: terminal.name),
                            Label(name: "state", value: state.rawValue),
                        ], .flag(state == terminal.state))
                }
            })
    }

    private static func journal(_ journal: JournalReport) -> [Family] {
        [
            Family("titian_journal_entries", "Entries in the journal.", .count(journal.headSeq)),
            Family(
                "titian_journal_receipted_entries", "Entries the centre has receipted.",
                .count(journal.ackedThrough)),
            Family(
                "titian_journal_safe_entries", "Entries in the centre's backup.",
                .count(journal.safeThrough)),
            Family("titian_journal_punches", "Distinct punches.", .count(journal.punches)),
            Family(
                "titian_journal_receipted_punches", "Distinct punches the centre has receipted.",
                .count(journal.receiptedPunches)),
            Family("titian_journal_oddities", "Damaged records.", .count(journal.oddities)),
            Family(
                "titian_journal_queue_entries", "Entries that wait for a receipt.",
                .count(journal.queue)),
            Family(
                "titian_journal_oldest_unsent_timestamp_seconds",
                "When the oldest waiting entry was written.", .time(journal.oldestUnsent)),
            Family(
                "titian_journal_size_bytes", "Size of the journal's files.", .count(journal.bytes)),
        ]
    }

    private static func sync(_ sync: SyncStatus) -> [Family] {
        [
            Family(
                "titian_sync_state", "1 for the state sending is in, 0 for the others.",
                SyncStatus.State.allCases.map { state in
                    Sample(
                        [Label(name: "state", value: state.rawValue)], .flag(state == sync.state))
                }),
            Family(
                "titian_sync_last_receipt_timestamp_seconds", "The centre's last receipt.",
                .time(sync.lastReceiptAt)),
            Family(
                "titian_sync_failing_since_timestamp_seconds", "Since when calls fail.",
                .time(sync.failingSince)),
        ]
    }

    private static func host(_ host: HostReport) -> [Family] {
        [
            Family(
                "titian_host_clock_synced", "Whether something keeps the box's clock right.",
                .flag(host.synced)),
            Family("titian_disk_free_bytes", "Free on the journal's disk.", .count(host.diskFree)),
            Family("titian_disk_size_bytes", "Size of that disk.", .count(host.diskTotal)),
        ]
    }

    /// The box's clock against the centre's, and what waits for somebody.
    private static func guests(_ report: StatusReport) -> [Family] {
        let callers = report.refusedCallers ?? []
        return [
            Family(
                "titian_host_clock_offset_seconds", "The box's clock minus the centre's.",
                report.sync.hostOffsetMilliseconds.map { .milliseconds($0) }),
            Family(
                "titian_host_clock_error_seconds", "How far off that may be.",
                report.sync.hostErrorMilliseconds.map { .milliseconds($0) }),
            Family(
                "titian_held_files", "Stick files that wait for somebody.",
                report.sticks.map { .count($0.held.count) }),
            Family(
                "titian_push_refused_requests", "Pushes refused since titiand started.",
                kind: .counter, report.push.map { .count($0.refusedRequests) }),
            Family(
                "titian_refused_callers", "Terminals and others that dialled in and are not read.",
                .count(callers.count)),
        ]
    }
}
