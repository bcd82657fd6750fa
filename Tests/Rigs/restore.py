#!/usr/bin/env python3
"""The centre's disk dies; an old backup brings it back, and the office's bridge brings the rest.

A simulated terminal makes punches all the while. `titian-server backup` is run beside `serve` as punches
arrive; hours of punches with receipts follow; the data folder is lost and restored; then the TLS key is lost.
In the end the centre's `punches` equal the terminal's log exactly and `verify` finds nothing.
"""

import json
import shutil
import time

from oracle import Case, confirmed_rows, counted_rows
from titian_rig import OFFICE, Bridge, Server, Simulator, differences, folder, running, until

CASE = Case("restore", "centre's disk lost, an old backup restored; then its TLS key lost", "centre")


def expected_rows(sim):
    return [(sim.ready["terminal"], pin.lstrip("0") or "0", when) for pin, when in sim.log_rows()]


def all_arrived(server, sim):
    wanted = expected_rows(sim)
    until(lambda: len(server.punches()) >= len(wanted), f"{len(wanted)} punches arrive", seconds=180, step=0.5)
    wrong = {what: rows[:3] for what, rows in differences(wanted, counted_rows(server)).items() if rows}
    assert not wrong, wrong
    found = json.loads(server.command("verify", "--json").stdout)
    assert found["whole"] and found["lost"] == 0, found
    return len(wanted)


def journal(bridge):
    return json.loads(bridge.titian("journal", "status", "--json").stdout)


def refusals(server, place, good):
    """A backup that cannot be made, or put back, says so and changes nothing."""
    failed = server.command("backup", "/no/such/folder/x", "--json", check=False)
    assert failed.returncode == 2 and "[backup.unwritable]" in failed.stderr, failed
    inside = server.command("backup", server.data / "x", "--lang", "en", check=False)
    assert inside.returncode == 2 and "[backup.inside-data]" in inside.stderr, inside
    occupied = server.command("restore", good, check=False)
    assert occupied.returncode == 2 and "[backup.folder-not-empty]" in occupied.stderr, occupied
    damaged = place / "damaged.backup"
    content = bytearray(good.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    return damaged


def main():
    with folder() as place:
        sim = Simulator("zkteco", place, ["tcp:127.0.0.1:0"], "--records", 400, "--seed", 7)
        server = Server(place)
        backups = place / "backups"
        backups.mkdir()
        with running(sim, server):
            server.add_office()
            bridge = Bridge(place, [{"name": "lobi", "driver": "zkteco", "link": sim.links[0], "poll_s": 1}],
                            server.address, server="retry_base_s = 1\n")
            bridge.enroll(server.enrolment_code())
            with running(bridge):
                until(lambda: server.punches(), "punches arrive", step=0.2)
                sim.control("add", n=50)
                made = json.loads(server.command("backup", backups, "--keep", 5, "--json").stdout)
                print(f"  backup beside serve: {made['entries']} entries, {made['bytes']} bytes", flush=True)
                assert made["files"][:1] == ["receipt.key"] and made["same_disk"], made
                all_arrived(server, sim)
                bridge.titian("sync", "now", check=False)
                safe = until(lambda: journal(bridge)["safe_through"], "the bridge hears of the backup", step=0.5)
                assert safe == made["entries"], (safe, made)
                good = place / "backups" / made["file"].rsplit("/", 1)[-1]
                damaged = refusals(server, place, good)
                for _ in range(6):
                    sim.control("add", n=60)
                    all_arrived(server, sim)
                until(lambda: journal(bridge)["queue"] == 0, "receipts for everything", step=0.5)
                assert journal(bridge)["safe_through"] == safe, "no other backup was made"

                server.kill()
                shutil.rmtree(server.data)
                refused = server.command("restore", damaged, check=False)
                assert refused.returncode == 2 and "[backup.damaged]" in refused.stderr, refused
                restored = json.loads(server.command("restore", good, "--json").stdout)
                assert restored["sha256"] == made["sha256"], restored
                held = len(server.punches())
                sim.control("add", n=5)
                missing = len(expected_rows(sim)) - held
                CASE.bites(missing)
                assert missing > 300, "hundreds were punched since the backup"
                acknowledged = confirmed_rows(bridge)
                start = time.monotonic()
                server.start()
                count = all_arrived(server, sim)
                CASE.round(happened=held < count, acknowledged=acknowledged, issued=expected_rows(sim), server=server,
                           bridge=bridge, seconds=time.monotonic() - start)
                print(f"  restored with {held} of {count} punches; the bridge brought {missing}", flush=True)

                server.stop()
                (server.data / "tls-key.pem").unlink()
                start = time.monotonic()
                server.start()
                sim.control("add", n=5)
                all_arrived(server, sim)
                CASE.round(happened=True, acknowledged=acknowledged, issued=expected_rows(sim), server=server,
                           bridge=bridge, seconds=time.monotonic() - start)
                CASE.write()
                pins = json.loads((bridge.state / "centre.json").read_text())["pins"]
                code = server.enrolment_code()
                assert code["pin"].split(";") == pins, "the bridge has learnt the new spare"
                print("  the TLS key was lost: the spare one serves, the next is known", flush=True)

                privacy(server, sim)
    print("restore: passed")


def privacy(server, sim):
    """One person's data is given out and erased; old lines are forgotten; everything still verifies."""
    pin = server.punches()[0]["pin"]
    who = ["--office", OFFICE, "--pin", pin]
    told = [json.loads(line) for line in server.command("subject", "export", *who).stdout.splitlines()]
    mine = [p for p in server.punches() if p["pin"] == pin]
    assert len([row for row in told if row["kind"] == "punch"]) == len(mine), told[:3]
    before = len(server.punches())
    plan = json.loads(server.command("subject", "erase", *who, "--json").stdout)
    assert plan["punches"] == len(mine) and not plan["applied"] and len(server.punches()) == before, plan
    done = json.loads(server.command("subject", "erase", *who, "--apply", "--json").stdout)
    assert done["applied"] and len(server.punches()) == before - len(mine), done
    assert server.command("subject", "export", *who, check=False).returncode == 1
    none = server.command("retention", check=False)
    assert none.returncode == 2 and "[server.retention-period]" in none.stderr, none
    kept = json.loads(server.command("retention", "--days", "90", "--apply", "--json").stdout)
    assert kept["lines"] == 0, "everything was written today"
    found = json.loads(server.command("verify", "--json").stdout)
    assert found["whole"] and found["purged"] >= len(mine), found
    print(f"  {len(mine)} punches of one person erased; all chains verify", flush=True)


if __name__ == "__main__":
    main()
