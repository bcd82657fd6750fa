import Attendance
import Exchange

/// The metrics of one bridge as text, for node_exporter's textfile collector.
///
/// The text is OpenMetrics and can be read as the older Prometheus format too: both know it by
/// `# TYPE` and `# HELP`, and to the older one `# EOF` is a comment. Names are a promise
/// (`docs/reference/metrics.md`): they are added, never changed. What is not known has no sample.
struct Metrics {
    /// One name with what it says.
    struct Family: Hashable {
        enum Kind: String { case gauge, counter }

        let name: String
        let kind: Kind
        let help: String
        let samples: [Sample]

        init(_ name: String, _ help: String, kind: Kind = .gauge, _ samples: [Sample]) {
            self.name = name
            self.kind = kind
            self.help = help
            self.samples = samples
        }

        init(_ name: String, _ help: String, kind: Kind = .gauge, _ value: Sample.Value?) {
            self.init(name, help, kind: kind, value.map { [Sample([], $0)] } ?? [])
        }
    }

    struct Sample: Hashable {
        enum Value: Hashable {
            case count(Int64)
            /// Shown in seconds.
            case milliseconds(Int64)
        }

        let labels: [Label]
        let value: Value

        init(_ labels: [Label], _ value: Value) {
            self.labels = labels
            self.value = value
        }
    }

    struct Label: Hashable {
        let name: String
        let value: String
    }

    let families: [Family]

    /// The whole file.
    var text: String {
        families.filter { !$0.samples.isEmpty }.map(Self.text).joined() + "# EOF\n"
    }

    private static func text(_ family: Family) -> String {
        let suffix = family.kind == .counter ? "_total" : ""
        let head =
            "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
        return head
            + family.samples.map { sample in
                let labels = sample.labels.map { "\($0.name)=\"\(escaped($0.value))\"" }
                let group = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
                return "\(family.name)\(suffix)\(group) \(text(sample.value))\n"
            }.joined()
    }

    private static func text(_ value: Sample.Value) -> String {
        switch value {
        case .count(let count): return String(count)
        case .milliseconds(let count):
            let rest = String(count.magnitude % 1_000)
            let zeros = String(repeating: "0", count: 3 - rest.utf8.count)
            return "\(count < 0 ? "-" : "")\(count.magnitude / 1_000).\(zeros)\(rest)"
        }
    }

    /// Backslash, quote and newline are the three that a label's value cannot hold as they are.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n")
    }
}

extension Metrics.Sample.Value {
    static func flag(_ flag: Bool) -> Self { .count(flag ? 1 : 0) }
    static func count(_ count: Int) -> Self { .count(Int64(count)) }
    static func time(_ time: UTCTime) -> Self { .milliseconds(time.milliseconds) }

    /// - Returns: nil if there is no time.
    static func time(_ text: String?) -> Self? { text.flatMap { UTCTime($0) }.map { .time($0) } }
}
