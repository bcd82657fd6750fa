import Attendance
import Central

/// How something stands: always a word and a shape beside the colour.
enum Standing {
    case good, planned, attention, fault

    init(_ severity: Severity) {
        switch severity {
        case .notExpected: self = .planned
        case .fine: self = .good
        case .attention: self = .attention
        case .fault: self = .fault
        }
    }

    /// The class in the style sheet.
    var css: String {
        switch self {
        case .good: "good"
        case .planned: "plan"
        case .attention: "warn"
        case .fault: "bad"
        }
    }

    var mark: String {
        switch self {
        case .good: "●"
        case .planned: "○"
        case .attention: "▲"
        case .fault: "■"
        }
    }

    var word: Text {
        switch self {
        case .good: Text(id: "Normal", en: "Normal")
        case .planned: Text(id: "Tidak diharapkan", en: "Not expected")
        case .attention: Text(id: "Perlu perhatian", en: "Attention")
        case .fault: Text(id: "Gangguan", en: "Fault")
        }
    }
}
