/// Finds what somebody meant to type.
enum NearestWord {
    /// The word of `known` with the fewest letters to change; the first such in the order given.
    ///
    /// - Returns: nil if `known` is empty.
    static func to(_ text: String, in known: [String]) -> String? {
        known.min { distance(text, $0) < distance(text, $1) }
    }

    /// Letters to insert, remove or replace to make one text of the other.
    static func distance(_ first: String, _ second: String) -> Int {
        let target = Array(second.utf8.prefix(64))
        var row = Array(0...target.count)
        for (line, letter) in first.utf8.prefix(64).enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in target.indices {
                let replaced = diagonal + (letter == target[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[target.count]
    }
}
