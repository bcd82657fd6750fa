import Attendance
import Central
import Testing

@Suite struct `A terminal's place` {
    let centre: Centre
    let start: WallTime

    /// One terminal, first seen in the north and then, from the tenth second on, in the school.
    init() async throws {
        centre = try await Centre()
        start = try WallTime(year: 2026, month: 11, day: 24, hour: 8)
        var north = try await centre.box(seed: 1)
        for second in 0..<12 { north.write(try punch("17", Int64(second))) }
        _ = try await centre.central.accept(try north.call(0..<12), at: moment())
        var school = try await centre.box(in: Centre.school, seed: 2)
        for second in 8..<20 { school.write(try punch("17", Int64(second))) }
        _ = try await centre.central.accept(try school.call(0..<12), at: moment())
    }

    private func seconds(_ office: String) async throws -> [Int64] {
        try await centre.punches(office).map { $0.time.seconds - start.seconds }
    }

    @Test func `is where it was first seen until an operator says otherwise`() async throws {
        #expect(try await seconds(Centre.north) == Array(0..<12))
        #expect(try await seconds(Centre.school) == [])
    }

    @Test func `is dated: each punch counts where the terminal stood`() async throws {
        try await centre.central.place(
            terminal(), in: OfficeID(Centre.school), from: start.advanced(by: 10), by: tester,
            at: moment(9))
        #expect(try await seconds(Centre.north) == Array(0..<10))
        #expect(try await seconds(Centre.school) == Array(10..<20))
        #expect(try await centre.central.verify().findings == [])
        let detail = try await centre.central.officeDetail(
            OfficeID(Centre.school), at: moment(10))
        #expect(detail?.waiting == 0)
        #expect(detail?.row.punches == 10)
    }

    @Test func `can be corrected for everything it ever recorded`() async throws {
        try await centre.central.place(
            terminal(), in: OfficeID(Centre.school), by: tester, at: moment(9))
        #expect(try await seconds(Centre.north) == [])
        #expect(try await seconds(Centre.school) == Array(0..<20))
        #expect(try await centre.central.verify().findings == [])
    }

    @Test func `cannot be stated for a terminal that nobody has seen`() async throws {
        await #expect(throws: CentralError.unknownTerminal("zkteco:LAIN")) {
            try await centre.central.place(
                terminal("LAIN"), in: OfficeID(Centre.school), by: tester, at: moment(9))
        }
    }
}
