internal import TOML

extension Configuration {
    /// Every key there is, by section.
    static let keys = [
        "": [
            SettingKey("office", .text, "needed"),
            SettingKey("timezone", .text, "needed"),
            SettingKey("server", .section, "none"),
            SettingKey("stick", .section, "below"),
            SettingKey("page", .section, "below"),
            SettingKey("metrics", .section, "below"),
            SettingKey("terminal", .sections, "none"),
            SettingKey("push", .section, "none"),
        ],
        "server": [
            SettingKey("url", .text, "none"),
            SettingKey("pin", .texts, "none"),
            SettingKey("proxy", .text, "none"),
            SettingKey("proxy_login_file", .text, "none"),
            SettingKey("retry_base_s", .number(1...900), "30"),
            SettingKey("heartbeat_s", .number(10...3_600), "300"),
        ],
        "stick": [
            SettingKey("import", .flag, "true"),
            SettingKey("watch", .texts, #"["/media", "/run/media", "/mnt"]"#),
        ],
        "page": [
            SettingKey("file", .text, #""/run/titian/status.html""#),
            SettingKey("contact", .text, "none"),
        ],
        "metrics": [SettingKey("file", .text, #""/run/titian/titian.prom""#)],
        "terminal": [
            SettingKey("name", .text, "needed"),
            SettingKey("driver", .text, "needed"),
            SettingKey("link", .text, "needed"),
            SettingKey("poll_s", .number(1...3_600), "30; 300 for http://"),
            SettingKey("live", .flag, "true"),
            SettingKey("comm_key_file", .text, "none"),
            SettingKey("serial_number", .text, "none"),
            SettingKey("confirm", .text, #""never""#),
            SettingKey("station", .number(0...0xFFFF_FFFF), "none"),
            SettingKey("record_size", .number(8...64), "none"),
            SettingKey("pause_ms", .number(0...5_000), "200, 20 or 0"),
        ],
        "push": [
            SettingKey("listen", .text, "needed"),
            SettingKey("set_clock", .flag, "false"),
            SettingKey("terminal", .sections, "none"),
        ],
        "push.terminal": [
            SettingKey("name", .text, "needed"),
            SettingKey("serial_number", .text, "needed"),
        ],
    ]
}
