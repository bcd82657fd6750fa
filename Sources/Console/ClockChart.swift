import Attendance
import Central

/// A terminal's clock offset over time as a small drawing, made on the server: no script needed.
///
/// A reading stands as a dot with its error as a line through it; the scale is the terminal's
/// own, because offsets of seconds and of months are both common. Names and figures stand around
/// it as text of the page, so that they grow with the reader's letters.
struct ClockChart {
    /// Oldest first.
    let readings: [ClockPoint]
    let now: UTCTime
    /// What the drawing says, for those who do not see it.
    let label: String

    private static let width = 440.0
    private static let height = 72.0
    private static let margin = 4.0

    /// An `svg` element; nil without a reading.
    var svg: String? {
        guard !readings.isEmpty else { return nil }
        let zero = Self.text(y(0))
        var parts = [
            "<svg class=\"chart\" viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\""
                + " aria-label=\"\(Self.escaped(label))\">",
            "<path d=\"M0 \(zero)H\(Int(Self.width))\" stroke=\"#9fb0b8\" stroke-dasharray=\"3 3\"/>",
            "<path d=\"\(line)\" fill=\"none\" stroke=\"#0b4f5e\" stroke-width=\"1.6\"/>",
        ]
        parts += readings.map(mark)
        return parts.joined() + "</svg>"
    }

    /// Steps: an offset is known from its reading on until the next one.
    private var line: String {
        var path = ""
        for reading in readings {
            let x = Self.text(x(reading.at))
            let point = "\(x) \(Self.text(y(Double(reading.offsetMilliseconds))))"
            path += path.isEmpty ? "M\(point)" : "H\(x)L\(point)"
        }
        return path + "H\(Int(Self.width))"
    }

    private func mark(_ reading: ClockPoint) -> String {
        let x = Self.text(x(reading.at))
        let middle = Double(reading.offsetMilliseconds)
        let error = Double(reading.errorMilliseconds)
        return "<path d=\"M\(x) \(Self.text(y(middle + error)))V\(Self.text(y(middle - error)))\" "
            + "stroke=\"#0b4f5e\" stroke-opacity=\".45\"/>"
            + "<circle cx=\"\(x)\" cy=\"\(Self.text(y(middle)))\" r=\"2.2\" fill=\"#0b4f5e\"/>"
    }

    private func x(_ time: UTCTime) -> Double {
        guard let first = readings.first?.at.milliseconds else { return 0 }
        let span = Double(max(1, now.milliseconds - first))
        let share = Double(time.milliseconds - first) / span
        return Self.margin + min(1, max(0, share)) * (Self.width - 2 * Self.margin)
    }

    private func y(_ offset: Double) -> Double {
        let (low, high) = range
        let room = Self.height - 2 * Self.margin
        return Self.height - Self.margin - (offset - low) / (high - low) * room
    }

    /// From the lowest to the highest, zero always in it, and never finer than five seconds.
    private var range: (low: Double, high: Double) {
        let lows = readings.map { Double($0.offsetMilliseconds) - Double($0.errorMilliseconds) }
        let highs = readings.map { Double($0.offsetMilliseconds) + Double($0.errorMilliseconds) }
        return (min(lows.min() ?? 0, -2_500), max(highs.max() ?? 0, 2_500))
    }

    /// A coordinate with one decimal at most.
    private static func text(_ value: Double) -> String {
        let tenths = Int((min(10_000, max(-10_000, value)) * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
