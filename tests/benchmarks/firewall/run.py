# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A firewall's rules: one task for all of them, a loop over ansible.builtin.iptables, and nft alone.

Every run happens in a network namespace of its own, which only the engine's socket reaches into: no packet filter outside is touched.
Writes firewall.md and .json under docs/benchmarks/; no figure there is written by hand.
"""
from __future__ import annotations

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent
TARGET = ROOT / "docs" / "benchmarks"
NAMESPACE = "fleetnet-bench"
FIRST_PORT, ADDRESSES = 10000, 10000
INSIDE = ("ip", "netns", "exec", NAMESPACE)


def variables(folder, rules, addresses, state="present"):
    """:returns: path of a file with what both playbooks need"""
    crowd = ["10.%d.%d.%d" % (n // 31250, n // 125 % 250, n % 125 * 2) for n in range(addresses)]
    sources = ["@crowd"] if addresses else ["192.0.2.0/24"]
    ports = [str(FIRST_PORT + number) for number in range(rules)]
    path = pathlib.Path(folder, "variables.json")
    path.write_text(json.dumps({
        "bench_state": state, "bench_folder": folder, "bench_sets": [{"name": "crowd", "elements": crowd}] if addresses else [],
        "bench_published": {"default": "drop", "rules": [{"action": "accept", "ports": [port], "sources": sources} for port in ports]},
        "bench_rules": [{"chain": "FORWARD", "protocol": "tcp", "source": "192.0.2.0/24", "destination_port": port, "jump": "ACCEPT"}
                        for port in ports]}), encoding="utf-8")
    return str(path)


def playbook(name, given):
    return run(["ansible-playbook", "-i", "localhost,", "-c", "local", "-e", "ansible_python_interpreter=" + sys.executable,
                "-e", "@" + given, str(HERE / name)])


def run(argv, text=None):
    begun = time.monotonic()
    done = subprocess.run([*INSIDE, *argv], input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit("The run of %s failed:\n%s%s" % (" ".join(argv), done.stdout, done.stderr))
    return time.monotonic() - begun


def anew():
    subprocess.run(["ip", "netns", "del", NAMESPACE], check=False, capture_output=True)
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)


def measure(rules, addresses, repeat, peer):
    """:returns: medians in seconds of whole runs"""
    samples = {}
    for _round in range(repeat):
        with tempfile.TemporaryDirectory() as folder:
            given = variables(folder, rules, addresses)
            anew()
            note(samples, "ours, apply", playbook("ours.yml", given))
            note(samples, "ours, nothing to do", playbook("ours.yml", given))
            printed = subprocess.run([*INSIDE, "nft", "list", "ruleset"], capture_output=True, text=True, check=True).stdout
            anew()
            note(samples, "nft alone", run(["nft", "-f", "-"], printed))
            if peer:
                anew()
                note(samples, "peer, apply", playbook("peer.yml", given))
                note(samples, "peer, nothing to do", playbook("peer.yml", given))
    return {"rules": rules, "addresses": addresses, **{way: round(statistics.median(found), 2) for way, found in samples.items()}}


def note(samples, way, seconds):
    samples.setdefault(way, []).append(seconds)
    print("%-20s %7.2f s" % (way, seconds), flush=True)


def page(rows, facts):
    lines = ["# Firewall: whole runs of ansible-playbook", "",
             "Written by `python tests/benchmarks/firewall/run.py` on %(date)s: nft %(nft)s, ansible-core %(ansible)s, Python %(python)s, %(cores)d cores. "
             "Medians of %(repeat)d runs in seconds. *Peer* is a loop over `ansible.builtin.iptables`, *nft* is `nft -f` alone with the "
             "same rules." % facts, "",
             "| rules | addresses in a set | nft | fleetnet.docker | again, nothing to do | peer | again | times faster than the peer |",
             "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        peer = row.get("peer, apply")
        told = ("%.2f" % peer, "%.2f" % row["peer, nothing to do"], "%.0f" % (peer / row["ours, apply"])) if peer else ("-",) * 3
        lines.append("| %d | %d | %.2f | %.2f | %.2f | %s | %s | %s |" % (
            row["rules"], row["addresses"], row["nft alone"], row["ours, apply"], row["ours, nothing to do"], *told))
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", default="10,50,200")
    parser.add_argument("--large", type=int, default=1000, help="rules beside a set of 10,000 addresses, without the peer")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--output", type=pathlib.Path, default=TARGET, help="another folder, for a trial")
    options = parser.parse_args()
    from ansible import release
    version = subprocess.run(["nft", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    try:
        rows = [measure(int(count), 0, options.repeat, True) for count in options.counts.split(",")]
        rows.append(measure(options.large, ADDRESSES, options.repeat, False))
    finally:
        subprocess.run(["ip", "netns", "del", NAMESPACE], check=False, capture_output=True)
    facts = {"date": datetime.date.today().isoformat(), "nft": version, "ansible": release.__version__,
             "python": platform.python_version(), "cores": os.cpu_count(), "repeat": options.repeat}
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "firewall.md").write_text(page(rows, facts), encoding="utf-8")
    (options.output / "firewall.json").write_text(json.dumps({"facts": facts, "medians": rows}, indent=1) + "\n", encoding="utf-8")
    print("\nwritten: firewall.md and .json in %s" % options.output)


if __name__ == "__main__":
    main()
