"""A journal of a million entries that wait for a dead line: start to ready, at rest, and while they are sent."""

import os
import pathlib
import socket
import statistics
import time

from titian_rig import Bridge, Server, Simulator, running, until

ENTRIES = 1_000_000
TERMINALS = 4
POLL = 30


def simulators(place):
    """Four terminals that hold all of it together."""
    sims = []
    for number in range(TERMINALS):
        own = place / f"terminal-{number}"
        own.mkdir()
        sims.append(Simulator("zkteco", own, ["tcp:127.0.0.1:0"], "--records", ENTRIES // TERMINALS, "--users", 500,
                              "--seed", 40 + number, "--serial-number", f"BWXP2012604{number}"))
    return sims


def ready(bridge, cold):
    """Seconds from the start of the process to its READY=1, as systemd would see it."""
    if cold:
        for file in bridge.state.glob("journal.db*"):
            with open(file, "rb") as journal:
                os.fsync(journal.fileno())
                os.posix_fadvise(journal.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    place = bridge.folder / "notify"
    place.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(place))
        told.settimeout(60)
        bridge.environment = {"NOTIFY_SOCKET": str(place)}
        start = time.monotonic()
        bridge.start()
        while b"READY=1" not in told.recv(4_096):
            pass
        return time.monotonic() - start


def bytes_written(process):
    text = pathlib.Path(f"/proc/{process.process.pid}/io").read_text()
    return int(dict(line.split(": ") for line in text.splitlines())["write_bytes"])


def at_rest(bridge, settle=45, span=120):
    """Memory, CPU and bytes written where nobody comes and the line stays dead."""
    time.sleep(settle)
    cpu, written, start = bridge.cpu(), bytes_written(bridge), time.monotonic()
    time.sleep(span)
    passed = time.monotonic() - start
    return {"rss": bridge.memory()["VmRSS"], "cpu_percent": (bridge.cpu() - cpu) / passed * 100,
            "written": bytes_written(bridge) - written, "span": passed}


def sent(bridge, server):
    """The whole backlog, receipted on the bridge's disk; the peak is of this time alone."""
    pathlib.Path(f"/proc/{bridge.process.pid}/clear_refs").write_text("5")
    with running(server):
        cpu, start = bridge.cpu(), time.monotonic()
        bridge.titian("sync", "now", check=False)
        until(lambda: bridge.status()["journal"]["queue"] == 0, "all is receipted", 1_800, 1)
        return {"seconds": time.monotonic() - start, "cpu": bridge.cpu() - cpu,
                "peak": bridge.memory()["VmHWM"], "server_peak": server.memory()["VmHWM"]}


def measured(place):
    inside = place / "backlog"
    inside.mkdir()
    sims, server = simulators(inside), Server(inside)
    with running(*sims):
        with running(server):
            server.add_office()
            bridge = Bridge(inside, [
                {"name": f"mesin-{n}", "driver": "zkteco", "link": sim.links[0], "poll_s": POLL}
                for n, sim in enumerate(sims, 1)], server.address)
            bridge.enroll(server.enrolment_code())
        with running(bridge):
            start = time.monotonic()
            until(lambda: bridge.status().get("journal", {}).get("punches", 0) >= ENTRIES, "collected", 1_800, 1)
            figures = {"collected_s": time.monotonic() - start, "collecting_peak": bridge.memory()["VmHWM"]}
        starts = []
        for cold in (True, True, True, False):
            starts.append(ready(bridge, cold))
            if cold:
                bridge.stop()
        figures |= {"ready_cold_s": statistics.median(starts[:3]), "ready_warm_s": starts[3],
                    "bytes": sum(f.stat().st_size for f in bridge.state.glob("journal.db*")),
                    "entries": bridge.status()["journal"]["head_seq"]}
        try:
            figures["rest"] = at_rest(bridge)
            figures["sent"] = sent(bridge, server)
        finally:
            bridge.stop()
    print(f"  backlog: {figures}", flush=True)
    return figures


def section(figures):
    rest, went = figures["rest"], figures["sent"]
    return [
        f"## {figures['entries']:,} entries that wait", "",
        f"Four terminals with {ENTRIES // TERMINALS:,} records each, read while the centre is away "
        f"({figures['collected_s']:.0f} s, {figures['collecting_peak'] / 1024:.1f} MB at most).",
        "*Cold*: nothing of the journal in the system's memory. At rest the terminals are polled every "
        f"{POLL} s and calls fail, for {rest['span']:.0f} s.", "",
        "| what | measured | budget |", "| --- | ---: | ---: |",
        f"| journal on the disk, a punch | {figures['bytes'] / 1e6:.0f} MB, {figures['bytes'] / ENTRIES:.0f} bytes | ≤ 375 bytes |",
        f"| start to ready, cold and warm | {figures['ready_cold_s']:.2f} s and {figures['ready_warm_s']:.2f} s | ≤ 1 s |",
        f"| resident memory at rest | {rest['rss'] / 1024:.1f} MB | ≤ 24 MB |",
        f"| CPU at rest | {rest['cpu_percent']:.2f} % of a core | ≤ 0.3 % |",
        f"| bytes written at rest | {rest['written']:,} | 0 |",
        f"| peak resident while sending | {went['peak'] / 1024:.1f} MB | ≤ 60 MB |",
        f"| sent in | {went['seconds']:.0f} s, {figures['entries'] / went['seconds']:,.0f} a second | |",
        f"| CPU s of the bridge for it; peak of the centre | {went['cpu']:.1f} s; {went['server_peak'] / 1024:.1f} MB | |", "",
    ]
