#!/usr/bin/env python3
"""Us, the peer and the limit on the same work, in one run.

`make bench` builds the release programs and writes docs/benchmarks.md. Ratios are what to read:
absolute figures belong to the machine they were measured on.
"""

import argparse
import hashlib
import os
import pathlib
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
os.environ.setdefault("BIN", str(ROOT / ".build/release"))
sys.path.insert(0, str(ROOT / "Tests/Rigs"))

import backlog  # noqa: E402
import line_cost  # noqa: E402
from relays import Relay  # noqa: E402
from titian_rig import Bridge, Server, Simulator, folder, program, running, until  # noqa: E402

SIZES = [1_000, 10_000, 100_000, 200_000]
DRAIN = 100_000

PYZK = """
import sys
from zk import ZK
host, port = sys.argv[1].rsplit(":", 1)
c = ZK(host, port=int(port), timeout=600, ommit_ping=True).connect()
n = len(c.get_attendance())
c.disconnect()
assert n == int(sys.argv[2]), n
"""


def measured(arguments):
    """CPU seconds and peak kB of one whole process, by GNU time."""
    with tempfile.NamedTemporaryFile("r") as report, open(os.devnull, "w") as nowhere:
        subprocess.run(["/usr/bin/time", "-o", report.name, "-f", "%U %S %M", *map(str, arguments)],
                       stdout=nowhere, check=True)
        user, system, peak = report.read().split()
    return float(user) + float(system), int(peak)


def median(runs, arguments):
    figures = [measured(arguments) for _ in range(runs)]
    return tuple(statistics.median(column) for column in zip(*figures))


def limit_of_reading(count):
    """CPU seconds for taking the same bytes from a loopback socket and doing nothing with them."""
    size = count * 40
    listener = socket.create_server(("127.0.0.1", 0))
    sender = threading.Thread(target=lambda: listener.accept()[0].sendall(bytes(size)))
    sender.start()
    taker = socket.create_connection(listener.getsockname())
    buffer = bytearray(65_536)
    start, got = time.thread_time(), 0
    while got < size:
        got += taker.recv_into(buffer)
    spent = time.thread_time() - start
    sender.join()
    return spent


def reading(place):
    rows = []
    for size in SIZES:
        sim = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", size, "--users", 200, "--seed", 5)
        with running(sim):
            link = sim.links[0]
            runs = 3 if size < 100_000 else 1
            ours = median(3, [program("titian"), "read", link, "--driver", "zkteco", "--json"])
            peer = median(runs, [sys.executable, "-c", PYZK, link.removeprefix("tcp://"), size])
            rows.append((size, *ours, *peer, limit_of_reading(size)))
            print(f"  read {size}: titian {ours}, pyzk {peer}", flush=True)
    return rows


def office(place, server, sims, url=None, **keys):
    bridge = Bridge(place, [
        {"name": f"mesin-{n}", "driver": "zkteco", "link": sim.links[0], "poll_s": 30, **keys}
        for n, sim in enumerate(sims, 1)
    ], url or server.address, server="retry_base_s = 1\n")
    code = server.enrolment_code()
    bridge.enroll({**code, "url": url or server.address})
    return bridge


def drain(place):
    """The whole backlog of a dead line: collected first, then sent while the clock runs."""
    sim = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", DRAIN, "--users", 200, "--seed", 6)
    server = Server(place)
    with running(sim):
        with running(server):
            server.add_office()
            bridge = office(place, server, [sim])
        with running(bridge):
            until(lambda: bridge.status()["journal"]["punches"] >= DRAIN, "collected", 300, 0.5)
            before = bridge.cpu()
            with running(server):
                bridge.titian("sync", "now", check=False)
                start = time.monotonic()
                until(lambda: bridge.status()["journal"]["receipted_punches"] >= DRAIN, "drained", 300, 0.1)
                seconds = time.monotonic() - start
                figures = {"seconds": seconds, "bridge_cpu": bridge.cpu() - before,
                           "server_cpu": server.cpu(), "bridge_peak": bridge.memory()["VmHWM"],
                           "server_peak": server.memory()["VmHWM"]}
    print(f"  drain {DRAIN}: {figures}", flush=True)
    return figures


def limit_of_draining():
    """Seconds for what nobody can avoid: compress, inflate, hash at both ends, and one fdatasync
    a batch at the centre, of as many bytes."""
    lines = [b'{"seq":%d,"at":"2026-11-21T00:02:11.120Z","boot":7,"up":%d,"kind":"punch","terminal":'
             b'"zkteco:BWXP20126001","pin":"%d","time":"2026-11-21T08:02:09","verify":"finger","verify_no":1,'
             b'"state":"in","state_no":0,"work":0,"via":"log"}\n' % (n, 81_000_000 + n, n % 200)
             for n in range(DRAIN)]
    start = time.monotonic()
    with tempfile.TemporaryFile() as out:
        for first in range(0, DRAIN, 5_000):
            batch = lines[first:first + 5_000]
            body = zlib.decompress(zlib.compress(b"".join(batch), 6))
            for _ in range(2):
                head = b""
                for line in batch:
                    head = hashlib.sha256(head + hashlib.sha256(line).digest()).digest()
            out.write(body)
            out.flush()
            os.fdatasync(out.fileno())
    return time.monotonic() - start


def wire(place):
    """Bytes on the line for batches of 50 punches and for a long backlog, TLS included."""
    figures = {}
    for name, count in (("50", 50), ("10,000", 10_000)):
        inside = place / f"wire-{count}"
        inside.mkdir()
        sim = Simulator("zkteco", inside, ["tcp:127.0.0.1:0"], "--records", count, "--users", 200, "--seed", 7)
        server = Server(inside)
        with running(sim, server):
            server.add_office()
            host, port = server.address.removeprefix("https://").rsplit(":", 1)
            relay = Relay((host, int(port)))
            # Without live punches a poll brings them all at once, and they leave in one call.
            bridge = office(inside, server, [sim], f"https://{relay.place}", live=False, poll_s=2)
            server.process.send_signal(signal.SIGSTOP)
            relay.reset()
            with running(bridge):
                until(lambda: bridge.status()["journal"]["punches"] >= count, "on disk", 60, 0.1)
                server.process.send_signal(signal.SIGCONT)
                receipted(bridge, count)
                figures[f"{name}, first calls"] = (relay.up / count, relay.down / count)
                if count == 50:
                    time.sleep(3)
                    relay.reset()
                    sim.control("add", n=count)
                    receipted(bridge, 2 * count)
                    figures["50 more, connection open"] = (relay.up / count, relay.down / count)
    print(f"  wire {figures}", flush=True)
    return figures


def receipted(bridge, count):
    until(lambda: bridge.status()["journal"]["receipted_punches"] >= count, f"{count} receipted", 120, 0.2)


def idle(place):
    """Resident memory, CPU and bytes written of a daemon with four quiet terminals."""
    inside = place / "idle"
    inside.mkdir()
    sims = []
    for number in range(4):
        own = inside / str(number)
        own.mkdir()
        sims.append(Simulator("zkteco", own, ["tcp:127.0.0.1:0"], "--records", 2_000, "--users", 60,
                              "--seed", 10 + number, "--serial-number", f"BWXP2012600{number}"))
    server = Server(inside)
    with running(*sims, server):
        server.add_office()
        bridge = office(inside, server, sims)
        with running(bridge):
            until(lambda: bridge.status()["journal"]["receipted_punches"] >= 8_000, "settled", 120, 0.5)
            time.sleep(35)
            cpu, written, start = bridge.cpu(), backlog.bytes_written(bridge), time.monotonic()
            time.sleep(120)
            span = time.monotonic() - start
            figures = {"rss": bridge.memory()["VmRSS"], "peak": bridge.memory()["VmHWM"],
                       "cpu_percent": (bridge.cpu() - cpu) / span * 100,
                       "written": backlog.bytes_written(bridge) - written, "span": span}
    print(f"  idle: {figures}", flush=True)
    return figures


def page(reads, drained, limit, wired, quiet, few, bad, waiting):
    text = [
        "# Benchmarks", "",
        "Written by `make bench`: us, the peer and the limit on the same work, in one run, on loopback.",
        f"This run: {os.cpu_count()} cores, {platform.machine()}, Linux {platform.release().split('-')[0]}. Ratios travel",
        "between machines; absolute figures do not.", "",
        "## Reading a ZKTeco log (40-byte records, TCP)", "",
        "Whole processes, by GNU time: `titian read LINK --driver zkteco --json`, and pyzk 0.9 `get_attendance()`. The",
        "limit is the CPU time for taking as many bytes from a loopback socket and doing nothing with them.", "",
        "| records | titian CPU s | pyzk CPU s | pyzk / titian | limit CPU s | titian peak MB | pyzk peak MB |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for size, cpu, peak, peer_cpu, peer_peak, floor in reads:
        text.append(f"| {size:,} | {cpu:.2f} | {peer_cpu:.2f} | {peer_cpu / max(cpu, 0.01):.1f} | {floor:.3f} "
                     f"| {peak / 1024:.1f} | {peer_peak / 1024:.1f} |")
    text += [""] + line_cost.section(few, bad)[:-1]
    rate = DRAIN / drained["seconds"]
    text += [
        "", f"## Draining {DRAIN:,} punches, both ends and TLS on the same cores", "",
        "The centre was away while the terminal was read; the clock runs from its return to the last receipt on the",
        "bridge's disk. The limit is one pass of compressing, inflating, hashing at both ends and one `fdatasync` a batch.", "",
        "| what | measured | target |", "| --- | ---: | ---: |",
        f"| punches a second | {rate:,.0f} | ≥ 10,000 |",
        f"| seconds / limit | {drained['seconds']:.2f} / {limit:.2f} = {drained['seconds'] / limit:.1f} | |",
        f"| CPU s, bridge and centre | {drained['bridge_cpu']:.2f} and {drained['server_cpu']:.2f} | |",
        f"| `titiand` peak resident, reading and draining | {drained['bridge_peak'] / 1024:.1f} MB | ≤ 60 MB |",
        "", "## On the wire", "",
        "Bytes in both directions as the network sees them: headers, signature, chain and receipts included. *First calls*",
        "hold the TLS handshake and the greeting of a daemon that has just started.", "",
        "| backlog | bytes up a punch | bytes down a punch | target |", "| ---: | ---: | ---: | ---: |",
    ]
    for name, (up, down) in wired.items():
        text.append(f"| {name} | {up:.1f} | {down:.1f} | {'≤ 45 up' if 'open' in name or '10,000' in name else ''} |")
    text += [
        "", "## `titiand` with four quiet terminals", "",
        f"Polled every 30 s, live events on, watched for {quiet['span']:.0f} s.", "",
        "| what | measured | budget |", "| --- | ---: | ---: |",
        f"| resident memory | {quiet['rss'] / 1024:.1f} MB | ≤ 24 MB |",
        f"| CPU | {quiet['cpu_percent']:.2f} % of a core | ≤ 0.3 % |",
        f"| bytes written | {quiet['written']:,} | 0 |", "",
    ]
    return "\n".join(text + backlog.section(waiting))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()
    with folder() as place:
        reads = reading(place)
        drained = drain(place)
        limit = limit_of_draining()
        wired = wire(place)
        quiet = idle(place)
        few = line_cost.new_records(place)
        bad = line_cost.bad_lines(place)
        waiting = backlog.measured(place)
    text = page(reads, drained, limit, wired, quiet, few, bad, waiting)
    print(text)
    if options.write:
        options.write.write_text(text)


if __name__ == "__main__":
    main()
