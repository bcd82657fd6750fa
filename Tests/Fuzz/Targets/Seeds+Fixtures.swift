import FoundationEssentials
import TerminalKit

extension FuzzTarget {
    /// Seeds made of recordings of real terminals, read in place from the folder that
    /// `TITIAN_FIXTURES` names; none without it. They never become part of the kept corpus.
    public var fixtures: [[UInt8]] {
        guard let folder = ProcessInfo.processInfo.environment["TITIAN_FIXTURES"] else { return [] }
        return ["zk", "anviz"].flatMap { make in
            let names = try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(make)")
            return (names ?? []).sorted().flatMap { file -> [[UInt8]] in
                guard let data = FileManager.default.contents(atPath: "\(folder)/\(make)/\(file)")
                else { return [] }
                return seeds(of: [UInt8](data), named: file)
            }
        }
    }

    private func seeds(of bytes: [UInt8], named file: String) -> [[UInt8]] {
        if file.hasSuffix(".hex") { return seeds(ofTalk: bytes) }
        guard file.hasSuffix(".dat") || file.hasSuffix(".KQ") else { return [] }
        switch name {
        case "stick-files": return [[file.hasSuffix(".KQ") ? 1 : 0] + bytes]
        case "push": return [bytes]
        default: return []
        }
    }

    private func seeds(ofTalk bytes: [UInt8]) -> [[UInt8]] {
        if name == "talk" { return [bytes] }
        guard let talk = try? Talk(parsing: String(decoding: bytes, as: UTF8.self)) else {
            return []
        }
        if name.hasSuffix("-recording") { return [Seeds.recording(Array(talk.steps))] }
        if name.hasSuffix("-stream") { return [talk.received] }
        guard name == "zk-datagram" else { return [] }
        return talk.steps.compactMap {
            if case .fromTerminal(let bytes) = $0 { bytes } else { nil }
        }
    }
}
