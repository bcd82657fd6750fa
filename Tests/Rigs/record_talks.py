#!/usr/bin/env python3
"""Records talks between `titian` and simulated terminals: Tests/Fixtures/talks/*.talk, each with a
.json beside it that says what has to come out of it.

The unit tests replay every one of them (TalkTests), so run this only when the driver is meant to
ask otherwise, and read the difference. A technician's capture needs no line here: drop it in.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from titian_rig import ROOT, Simulator, folder, program, run, running  # noqa: E402

TALKS = ROOT / "Tests/Fixtures/talks"


def talk(name, make, listen, sim, *options, key=0, fault=None):
    """One talk, and what its replay yields now: the page a reader checks before it is committed."""
    path = TALKS / f"{name}.talk"
    page = TALKS / f"{name}.json"
    with folder() as place:
        if listen == "pty":
            listen = f"pty:{place}/line"
        keys = ["--comm-key", key] if key else []
        simulator = Simulator(make, place, [listen], "--seed", 41, *sim, *keys)
        with running(simulator):
            if fault:
                simulator.control("fault", **fault)
            if key:
                (place / "key").write_text(f"{key}\n")
                options += ("--comm-key-file", place / "key")
            new = place / "new.talk"
            link = simulator.links[0]
            if make == "soyal":
                options += ("--serial-number", "821EF0001")
            run(program("titian"), "trace", "record", link, "--driver", make, "-o", new, *options,
                check=False)
            text = new.read_text()
        path.write_text(text)
    done = run(program("titian"), "trace", "replay", path, "--json", check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    end = lines[-1]
    told = {"driver": make}
    if lines[0]["type"] == "terminal":
        told["terminal"] = lines[0]["terminal"]
    told |= {"punches": end["punches"], "oddities": end["oddities"], "live": end["live"]}
    told |= {key: end[key] for key in ("complete", "code") if key in end}
    page.write_text(json.dumps(told, indent=2) + "\n")
    print(f"{name}: {told}")


def main():
    local = "127.0.0.1:0"
    talk("zkteco-tcp-key", "zkteco", f"tcp:{local}", ["--records", 40], "--read", key=4711)
    talk("zkteco-tcp-live", "zkteco", f"tcp:{local}", ["--records", 12, "--live", 3], "--read",
         "--for", 2)
    talk("zkteco-udp-16", "zkteco", f"udp:{local}", ["--records", 60, "--record-size", 16], "--read")
    talk("zkteco-tcp-8", "zkteco", f"tcp:{local}", ["--records", 30, "--record-size", 8], "--read")
    talk("zkteco-tcp-49", "zkteco", f"tcp:{local}", ["--records", 20, "--record-size", 49], "--read")
    talk("zkteco-tcp-anonymous", "zkteco", f"tcp:{local}", ["--records", 30], "--read",
         "--anonymous", "--hide-serial")
    talk("zkteco-udp-lost", "zkteco", f"udp:{local}", ["--records", 120], "--read",
         fault={"name": "lose-datagram", "every": 5})
    talk("zkteco-tcp-chain", "zkteco", f"tcp:{local}", ["--records", 60, "--fault", "chain"], "--read")
    talk("zkteco-tcp-refuse-1503", "zkteco", f"tcp:{local}",
         ["--records", 30, "--fault", "refuse-1503"], "--read")
    talk("zkteco-tcp-newer", "zkteco", f"tcp:{local}", ["--fault", "vendor-handshake"], "--read")
    talk("anviz-serial", "anviz", "pty", ["--records", 60], "--read")
    talk("anviz-serial-live", "anviz", "pty", ["--records", 10, "--live", 3], "--read", "--for", 2)
    talk("anviz-serial-checksum", "anviz", "pty", ["--records", 60], "--read",
         fault={"name": "wrong-checksum", "every": 5})
    talk("zkteco-tcp-dropped", "zkteco", f"tcp:{local}", ["--records", 60], "--read",
         fault={"name": "drop-in-read", "after": 900})
    talk("anviz-tcp-anonymous", "anviz", f"tcp:{local}", ["--records", 30], "--read", "--anonymous",
         "--hide-serial")
    talk("soyal-serial", "soyal", "pty", ["--records", 8], "--read")
    talk("soyal-tcp-anonymous", "soyal", f"tcp:{local}", ["--records", 8], "--read", "--anonymous")


if __name__ == "__main__":
    sys.exit(main())
