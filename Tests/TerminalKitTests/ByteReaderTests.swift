import TerminalKit
import Testing

@Suite struct `A byte reader` {
    @Test func `reads numbers in both orders`() {
        var reader = ByteReader([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        #expect(reader.u8() == 1)
        #expect(reader.u16LE() == 0x0302)
        #expect(reader.u32LE() == 0x0706_0504)
        #expect(reader.uBE(2) == 0x0809)
        #expect(reader.remaining == 1)
        #expect(reader.rest().elementsEqual([10]))
        #expect(reader.remaining == 0)
    }

    @Test func `consumes nothing when there is too little`() {
        var reader = ByteReader([1, 2, 3])
        #expect(reader.u32LE() == nil)
        #expect(reader.uBE(4) == nil)
        #expect(reader.take(4) == nil)
        #expect(reader.remaining == 3)
        #expect(reader.u16LE() == 0x0201)
        #expect(reader.u16LE() == nil)
        #expect(reader.u8() == 3)
        #expect(reader.u8() == nil)
    }

    @Test func `refuses counts that cannot be`() {
        var reader = ByteReader([UInt8](repeating: 1, count: 20))
        #expect(reader.take(-1) == nil)
        #expect(reader.uBE(9) == nil)
        #expect(reader.take(0)?.isEmpty == true)
        #expect(reader.remaining == 20)
    }

    @Test func `reads a stretch in the middle of others`() {
        let all: [UInt8] = [9, 9, 1, 0, 2, 0, 9]
        var reader = ByteReader(all[2..<6])
        #expect(reader.u16LE() == 1)
        #expect(reader.u16LE() == 2)
        #expect(reader.u8() == nil)
    }

    @Test func `gives back what was written`() {
        var bytes: [UInt8] = []
        bytes.appendLE(UInt16(0x1234))
        bytes.appendLE(UInt32(0xDEAD_BEEF))
        bytes.appendBE(0x0102_0304_0506, count: 6)
        var reader = ByteReader(bytes)
        #expect(reader.u16LE() == 0x1234)
        #expect(reader.u32LE() == 0xDEAD_BEEF)
        #expect(reader.uBE(6) == 0x0102_0304_0506)
    }
}
