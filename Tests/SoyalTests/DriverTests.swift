import Soyal
import TerminalKit
import Testing

@Suite struct `The SOYAL driver` {
    @Test func `knows its make and the port of the factory`() {
        #expect(SoyalDriver().make == "soyal")
        #expect(SoyalDriver.defaultPort == 1621)
    }
}
