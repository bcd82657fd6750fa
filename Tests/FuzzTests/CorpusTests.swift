import Foundation
import FuzzTargets
import TestSupport
import Testing

@Suite struct `Hostile input` {
    /// Everything that ever broke a decoder is in the corpus, and stays there.
    @Test(arguments: FuzzTarget.all.map(\.name))
    func `that was kept does no harm`(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let kept = try inputs(of: name)
        #expect(!kept.isEmpty, "no corpus for \(name); make it with 'scripts/fuzz.py keep'")
        for (file, input) in kept {
            _ = target.decode(target.prepare(input))
            do { try target.check(input) } catch { Issue.record("\(name)/\(file): \(error)") }
        }
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func `begins with seeds that hold`(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        for seed in target.seeds() {
            do { try target.check(seed) } catch { Issue.record("\(name): \(error), \(seed)") }
        }
    }

    /// A finding must be the same on the next day.
    @Test(arguments: FuzzTarget.all.map(\.name).filter { $0.contains("dialogue") })
    func `plays the same talk every time`(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        for seed in target.seeds().prefix(20) {
            let given = target.prepare(seed)
            #expect(target.decode(given) == target.decode(given))
        }
    }

    private func inputs(of name: String) throws -> [(String, [UInt8])] {
        let folder = try projectFixture("corpus/\(name)")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return try files.map { file in
            (file, [UInt8](try Data(contentsOf: folder.appendingPathComponent(file))))
        }
    }
}
