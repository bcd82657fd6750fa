import Exchange

/// JSON that is put together from, or cut into, pieces whose bytes must stay as they are.
enum JSONText {
    /// The objects of the array under `"lines"` in an answer of the daemon, byte for byte.
    ///
    /// A journal's lines are hashed as they stand, so they must not go through a JSON decoder.
    static func lines(in answer: [UInt8]) -> [ArraySlice<UInt8>] {
        let mark = Array("\"lines\":[".utf8)
        guard let start = answer.firstRange(of: mark)?.upperBound else { return [] }
        var objects: [ArraySlice<UInt8>] = []
        var scanner = JSONNesting()
        var begin = start
        for index in start..<answer.endIndex {
            let byte = answer[index]
            if scanner.isOutside {
                if byte == UInt8(ascii: "]") { break }
                begin = index
            }
            scanner.take(byte)
            if byte == UInt8(ascii: "}"), scanner.isOutside {
                objects.append(answer[begin...index])
            }
        }
        return objects
    }
}
