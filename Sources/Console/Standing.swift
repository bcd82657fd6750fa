import Attendance

/// How something stands: always a word and a shape beside the colour.
enum Standing: Int, Comparable {
    case good, planned, attention, fault

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

    static func < (left: Standing, right: Standing) -> Bool { left.rawValue < right.rawValue }
}
