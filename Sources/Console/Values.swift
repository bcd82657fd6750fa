/// Values for a template, where what is missing is `false` and not the word of an outer level.
///
/// Mustache looks a missing name up further out, and shows a nested optional as text.
func values(_ pairs: [String: Any?]) -> [String: Any] {
    pairs.mapValues { $0 ?? false }
}
