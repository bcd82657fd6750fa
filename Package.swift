// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "titian",
    products: [
        .executable(name: "titiand", targets: ["titiand"]),
        .executable(name: "titian", targets: ["titian"]),
        .executable(name: "titian-server", targets: ["titian-server"]),
        .executable(name: "titian-sim", targets: ["titian-sim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        // The words, and what a driver promises.
        .target(name: "Attendance"),
        .target(name: "TerminalKit", dependencies: ["Attendance"]),

        // One make each.
        .target(
            name: "ZKTeco", dependencies: ["Attendance", "TerminalKit"], exclude: ["README.md"]),
        .target(
            name: "Anviz", dependencies: ["Attendance", "TerminalKit"], exclude: ["README.md"]),
        .target(
            name: "Soyal", dependencies: ["Attendance", "TerminalKit"], exclude: ["README.md"]),

        // What terminals write to a USB stick.
        .target(
            name: "StickFiles", dependencies: ["Attendance", "TerminalKit", "ZKTeco", "Anviz"]),

        // Lines to terminals, and terminals that do not exist.
        .target(
            name: "Transports",
            dependencies: ["Attendance", "TerminalKit", "CTermios", "CUSB", "CCurl"]),
        .target(
            name: "Simulator",
            dependencies: [
                "Attendance", "TerminalKit", "ZKTeco", "Anviz", "Soyal", "Transports",
            ]),

        // The contract between bridge and centre, and the office's disk.
        .target(name: "Exchange", dependencies: ["Attendance", .crypto]),
        .target(name: "SQLite", dependencies: ["Attendance", "CSQLite"]),
        .target(name: "TOML", dependencies: ["CTOML"]),
        .target(name: "Journal", dependencies: ["Attendance", "Exchange", "SQLite"]),
        .target(
            name: "Bridge",
            dependencies: [
                "Attendance", "TerminalKit", "ZKTeco", "Anviz", "Soyal", "StickFiles", "Transports",
                "Exchange", "SQLite", "Journal", "CCurl", "CZlib", "TOML", .serviceLifecycle,
                .logging,
            ]),

        // The centre.
        .target(
            name: "Central",
            dependencies: ["Attendance", "Exchange", "SQLite"]),
        .target(
            name: "Console",
            dependencies: [
                "Attendance", "Exchange", "Central", "CZlib",
                .hummingbird, .hummingbirdTLS, .x509, .crypto, .cryptoExtras, .mustache, "TOML",
                .logging,
            ],
            resources: [.embedInCode("Pages")]),

        // What all programs need before they know their arguments.
        .target(name: "Speech", dependencies: ["Attendance", .argumentParser]),

        // Arguments and wiring only.
        .executableTarget(
            name: "titiand", dependencies: ["Attendance", "Bridge", "Speech", .argumentParser]),
        .executableTarget(
            name: "titian",
            dependencies: [
                "Attendance", "TerminalKit", "ZKTeco", "Anviz", "Soyal", "StickFiles", "Transports",
                "Exchange", "Journal", "Bridge", "Speech", .argumentParser,
            ]),
        .executableTarget(
            name: "titian-server",
            dependencies: [
                "Attendance", "Exchange", "Central", "Console", "Speech", .argumentParser,
            ]),
        .executableTarget(
            name: "titian-sim",
            dependencies: ["Attendance", "Simulator", "Speech", .argumentParser]),

        // C libraries of the distribution.
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CUSB", pkgConfig: "libusb-1.0", providers: [.apt(["libusb-1.0-0-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CTermios"),
        .target(name: "CTOML"),

        // Tests.
        .target(name: "FaultVFS", dependencies: ["CSQLite"], path: "Tests/FaultVFS"),
        .target(
            name: "TestSupport",
            dependencies: ["Attendance", "TerminalKit", "SQLite", "FaultVFS", "CZlib"],
            path: "Tests/TestSupport"),
        .testTarget(name: "AttendanceTests", dependencies: ["Attendance", "TestSupport"]),
        .testTarget(
            name: "TerminalKitTests", dependencies: ["Attendance", "TerminalKit", "TestSupport"]),
        .testTarget(
            name: "ZKTecoTests",
            dependencies: ["Attendance", "TerminalKit", "ZKTeco", "TestSupport"]),
        .testTarget(
            name: "AnvizTests", dependencies: ["Attendance", "TerminalKit", "Anviz", "TestSupport"]),
        .testTarget(
            name: "SoyalTests",
            dependencies: [
                "Attendance", "TerminalKit", "Soyal", "Simulator", "TestSupport",
            ]),
        // The driver that docs/tutorials/writing-a-driver.md builds.
        .testTarget(
            name: "TutorialTests", dependencies: ["Attendance", "TerminalKit", "TestSupport"]),
        .testTarget(
            name: "StickFilesTests",
            dependencies: ["Attendance", "TerminalKit", "StickFiles", "TestSupport"]),
        .testTarget(
            name: "TransportsTests",
            dependencies: ["Attendance", "TerminalKit", "Transports", "TestSupport"]),
        .testTarget(
            name: "SimulatorTests",
            dependencies: [
                "Attendance", "TerminalKit", "ZKTeco", "Anviz", "Soyal", "Transports", "Simulator",
                "TestSupport",
            ]),
        .testTarget(
            name: "ExchangeTests", dependencies: ["Attendance", "Exchange", "TestSupport"]),
        .testTarget(
            name: "SQLiteTests", dependencies: ["Attendance", "SQLite", "TestSupport"]),
        .testTarget(
            name: "JournalTests",
            dependencies: ["Attendance", "Exchange", "SQLite", "Journal", "TestSupport"]),
        .testTarget(
            name: "BridgeTests",
            dependencies: [
                "Attendance", "TerminalKit", "ZKTeco", "Anviz", "StickFiles", "Soyal",
                "Transports", "Exchange", "Journal", "Bridge", "Simulator", "TOML", "TestSupport",
            ]),
        .testTarget(
            name: "TitianCommandTests",
            dependencies: [
                "Attendance", "TerminalKit", "Transports", "Exchange", "Journal", "Bridge",
                "Simulator", "Speech", "titian", "TestSupport",
            ]),
        .testTarget(
            name: "CentralTests",
            dependencies: ["Attendance", "Exchange", "SQLite", "Central", "TestSupport"]),
        .testTarget(
            name: "ConsoleTests",
            dependencies: [
                "Attendance", "Exchange", "Central", "Console", "Soyal", "TOML", "TestSupport",
                .hummingbirdTesting,
            ]),
        // Office and centre together: a real server, real lines, real journals.
        .testTarget(
            name: "OfficeAndCentreTests",
            dependencies: [
                "Attendance", "TerminalKit", "Transports", "Exchange", "SQLite", "Journal",
                "Bridge",
                "Central", "Console", "TestSupport", .logging,
            ]),
        // Hostile input: what is tried, and its own tests; the fuzzer itself stands below.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Attendance", "TerminalKit", "ZKTeco", "Anviz", "Soyal", "StickFiles", "Transports",
                "Simulator", "Exchange", "CZlib",
            ],
            path: "Tests/Fuzz/Targets"),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["TerminalKit", "ZKTeco", "Anviz", "FuzzTargets", "TestSupport"]),
    ],
    cxxLanguageStandard: .cxx17
)

// libFuzzer is linked into one program, and only where it is asked for: see `make fuzz`.
if Context.environment["TITIAN_FUZZ"] == "1" {
    package.products.append(.executable(name: "titian-fuzz", targets: ["titian-fuzz"]))
    package.targets += [
        .target(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .executableTarget(
            name: "titian-fuzz", dependencies: ["FuzzTargets", "CFuzzer"],
            path: "Tests/Fuzz/Runner",
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
    ]
}

// The same rules for every target of ours; dependencies keep their own.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}

extension Target.Dependency {
    static let argumentParser = product(
        name: "ArgumentParser", package: "swift-argument-parser")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let cryptoExtras = product(name: "CryptoExtras", package: "swift-crypto")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdTesting = product(name: "HummingbirdTesting", package: "hummingbird")
    static let hummingbirdTLS = product(name: "HummingbirdTLS", package: "hummingbird")
    static let logging = product(name: "Logging", package: "swift-log")
    static let mustache = product(name: "Mustache", package: "swift-mustache")
    static let serviceLifecycle = product(
        name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let x509 = product(name: "X509", package: "swift-certificates")
}
