import Central
public import Exchange

// The keys of the centre, and how they are changed.
extension Centre {
    /// Lets another key sign receipts; bridges follow by themselves.
    ///
    /// - Returns: The new key. A server that runs uses it once it is started again.
    public func rotateReceiptKey() async throws -> VerifyingKey {
        try await central.rotateReceiptKey(
            in: folder.path, by: Self.commandLine, at: Surroundings.host.now())
    }

    /// Lets the spare TLS key take the current one's place, and makes a new spare.
    ///
    /// - Parameter anyway: Also where bridges have not heard of the spare key yet; they would have to
    ///   be enrolled anew.
    /// - Returns: The pins from now on. A server that runs uses them once it is started again.
    /// - Throws: ``ServerError/bridgesUnaware(_:)``, or ``ServerError/keysNotServed`` where the last
    ///   change is not in use yet, so that nobody can have heard of its spare key; nothing was changed
    ///   then.
    public func rotateTLSKey(anyway: Bool) async throws -> [String] {
        let unaware = try await central.bridgesUnawareOfSpare()
        guard anyway || unaware.isEmpty else {
            throw ServerError.bridgesUnaware(unaware.map { "\($0.office) \($0.id)" })
        }
        // `serve` announces what it uses when it begins.
        let announced = try await central.announcedPins()
        guard anyway || announced == nil || announced == keys.pins else {
            throw ServerError.keysNotServed
        }
        return try TLSKeys.rotate(configuration, in: folder).pins
    }
}
