import CFuzzer
import FoundationEssentials
import FuzzTargets
import Glibc

/// One program for all targets: `titian-fuzz TARGET …` is libFuzzer with its own options.
@main enum Main {
    nonisolated(unsafe) private static var target: FuzzTarget?

    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        if let name = ProcessInfo.processInfo.environment[chosen],
            let found = FuzzTarget.named(name)
        {
            target = found
            exit(fuzz(CommandLine.argc, CommandLine.unsafeArgv))
        }
        switch words.first {
        case "list": for target in FuzzTarget.all { print(target.name, target.longest) }
        case "seeds" where words.count == 3: writeSeeds(of: words[1], to: words[2])
        case "memory": exit(measureAll() ? 0 : 1)
        case let name?:
            guard let found = FuzzTarget.named(name) else { fallthrough }
            target = found
            setenv(chosen, name, 1)
            // libFuzzer reads the name of the program, then its own options and folders.
            let rest = CommandLine.unsafeArgv.advanced(by: 1)
            rest[0] = CommandLine.unsafeArgv[0]
            exit(fuzz(CommandLine.argc - 1, rest))
        default:
            print("titian-fuzz list | seeds TARGET FOLDER | memory | TARGET libFuzzer's options")
            exit(64)
        }
    }

    /// When libFuzzer merges it starts this program again, with its own options only.
    private static let chosen = "TITIAN_FUZZ_TARGET"

    private static func fuzz(
        _ count: CInt, _ values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    ) -> CInt {
        var count = count
        var values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = values
        return LLVMFuzzerRunDriver(&count, &values) { start, count in
            Main.tryOne(Array(UnsafeBufferPointer(start: start, count: count)))
            return 0
        }
    }

    /// An input that takes longer is a hang. This is time of the processor: on a busy machine a
    /// second on the wall says nothing.
    private static let longest = clock_t(CLOCKS_PER_SEC)

    private static func tryOne(_ input: [UInt8]) {
        guard let target else { return }
        let start = clock()
        defer {
            if clock() - start > longest { stop("\(target.name) takes longer than a second") }
        }
        let (most, given) = Memory.most(of: target, input)
        if most > Memory.limit(of: target, given: given) {
            stop("\(target.name) holds \(most) bytes for \(given)")
        }
        do {
            try target.check(input)
        } catch {
            stop("\(target.name): \(error)")
        }
    }

    private static func stop(_ reason: String) -> Never {
        let line = Array("BROKEN: \(reason)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        abort()
    }

    private static func writeSeeds(of name: String, to folder: String) {
        let target = FuzzTarget.named(name)
        let seeds = (target?.seeds() ?? []) + (target?.fixtures ?? [])
        for (number, seed) in seeds.enumerated() {
            let path = "\(folder)/seed-\(number)"
            guard FileManager.default.createFile(atPath: path, contents: Data(seed)) else {
                stop("cannot write \(path)")
            }
        }
    }

    /// Large inputs, many seeds long, for every target.
    private static func measureAll() -> Bool {
        var isGood = true
        for target in FuzzTarget.all {
            for line in Memory.lines(of: target) {
                print(line.text)
                isGood = isGood && line.isGood
            }
        }
        return isGood
    }
}
