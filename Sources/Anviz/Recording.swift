internal import TerminalKit
struct Recording { static func decode(_ talk: Talk) -> [DecodedItem] { [] } }
