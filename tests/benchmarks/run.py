# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs of ansible-playbook, ours and a peer's side by side on the engine of this machine.

Writes docs/benchmarks/networks.md and networks.json; no figure there is written by hand.
"""
from __future__ import annotations

import argparse
import datetime
import ipaddress
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import docker

HERE = pathlib.Path(__file__).resolve().parent
TARGET = HERE.parent.parent / "docs" / "benchmarks"
PREFIX = "fleetnet-bench-"
SUPERNET = ipaddress.ip_network("10.213.0.0/16")
WAYS = ("sdk", "ours", "peer")
PHASES = ("create", "nothing to do", "remove")


def rows(count: int, state: str) -> list:
    subnets = SUPERNET.subnets(new_prefix=26)
    present = [{"name": "%s%03d" % (PREFIX, n), "state": state, "driver": "bridge",
                "ipam_config": [{"subnet": str(next(subnets))}]} for n in range(count)]
    return present if state == "present" else [{"name": row["name"], "state": state} for row in present]


def seconds(way: str, variables: str) -> float:
    command = [sys.executable, str(HERE / "networks" / "sdk.py"), variables]
    if way != "sdk":
        command = ["ansible-playbook", "-i", "localhost,", "-c", "local", "-e", "ansible_python_interpreter=" + sys.executable,
                   "-e", "@" + variables, str(HERE / "networks" / (way + ".yml"))]
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit("The %s run failed:\n%s%s" % (way, done.stdout, done.stderr))
    return time.monotonic() - start


def measure(count: int, repeat: int) -> list:
    samples = {(way, phase): [] for way in WAYS for phase in PHASES}
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for state in ("present", "absent"):
            files[state] = os.path.join(folder, state + ".json")
            pathlib.Path(files[state]).write_text(json.dumps({"bench_networks": rows(count, state)}), encoding="utf-8")
        for _round in range(repeat):
            for way in WAYS:
                for phase in PHASES:
                    samples[way, phase].append(seconds(way, files["absent" if phase == "remove" else "present"]))
                    print("%3d networks, %-4s %-13s %6.2f s" % (count, way, phase, samples[way, phase][-1]), flush=True)
    return [{"networks": count, "phase": phase, **{way: round(statistics.median(samples[way, phase]), 2) for way in WAYS}}
            for phase in PHASES]


def page(table: list, facts: dict) -> str:
    lines = ["# Networks: whole runs of ansible-playbook", "",
             "Written by `./dev bench` on %(date)s: engine %(engine)s, ansible-core %(ansible)s, Python %(python)s, %(cores)d "
             "cores. Medians of %(repeat)d runs in seconds, taken in turns. *Peer* is a loop over "
             "`community.docker.docker_network` (%(peer)s), *SDK* a bare script that only calls the engine and keeps nothing."
             % facts, "",
             "| networks | what | SDK | fleetnet.docker | peer | times faster than the peer |", "|---|---|---|---|---|---|"]
    lines += ["| %d | %s | %.2f | %.2f | %.2f | %.1f |" % (r["networks"], r["phase"], r["sdk"], r["ours"], r["peer"], r["peer"] / r["ours"])
              for r in table]
    return "\n".join(lines) + "\n"


def facts(repeat: int) -> dict:
    from ansible import release
    listing = subprocess.run(["ansible-galaxy", "collection", "list", "community.docker", "--format", "json"],
                             capture_output=True, text=True, check=False).stdout
    found = [entry["community.docker"]["version"] for entry in json.loads(listing or "{}").values() if "community.docker" in entry]
    return {"date": datetime.date.today().isoformat(), "engine": docker.from_env().version()["Version"],
            "ansible": release.__version__, "python": platform.python_version(), "cores": os.cpu_count(),
            "repeat": repeat, "peer": found[0] if found else "version unknown"}


def clean() -> None:
    client = docker.from_env()
    for network in client.networks.list():
        if network.name.startswith(PREFIX):
            network.remove()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", default="1,10,50,100")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    clean()
    try:
        table = [row for count in options.counts.split(",") for row in measure(int(count), options.repeat)]
    finally:
        clean()
    about = facts(options.repeat)
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "networks.md").write_text(page(table, about), encoding="utf-8")
    (TARGET / "networks.json").write_text(json.dumps({"facts": about, "medians": table}, indent=1) + "\n", encoding="utf-8")
    print("\nwritten: docs/benchmarks/networks.md")


if __name__ == "__main__":
    main()
