# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parents with shims: make all of them in one task, find nothing to do, change one, remove them.

Every run happens in a network namespace of its own, which has a card for each parent: no link outside is touched. Needs root.
"""
from __future__ import annotations

import json
import pathlib
import statistics
import subprocess
import tempfile

import timing

HERE = pathlib.Path(__file__).resolve().parent
NAMESPACE = "fleetnet-bench-links"
PHASES = ("create", "nothing to do", "change one", "remove")


def rows(count: int, phase: str) -> list:
    made = [{"link": "card%d" % n, "persist": "none", "shim": {"addresses": ["10.213.%d.2" % n], "routes": ["10.213.%d.192/26" % n]}}
            for n in range(count)]
    if phase == "change one":
        made[count // 2]["shim"]["routes"] = ["10.213.%d.128/26" % (count // 2)]
    return [{"link": row["link"], "state": "absent"} for row in made] if phase == "remove" else made


def cards(count: int) -> None:
    """A card for each parent, with an address, as it would have it from the host."""
    remove()
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    lines = ["link set lo up"]
    for n in range(count):
        lines += ["link add card%d type veth peer name far%d" % (n, n), "address add 10.213.%d.1/24 dev card%d" % (n, n),
                  "link set card%d up" % n, "link set far%d up" % n]
    subprocess.run(["ip", "-netns", NAMESPACE, "-batch", "-"], input="\n".join(lines), check=True, text=True)


def remove() -> None:
    subprocess.run(["ip", "netns", "del", NAMESPACE], check=False, capture_output=True)


def measure(count: int, repeat: int) -> dict:
    """:returns: medians in seconds: "ours, PHASE" of whole runs of ansible-playbook, "process, PHASE" of the module's process"""
    samples: dict = {}
    for _round in range(repeat):
        with tempfile.TemporaryDirectory() as folder:
            cards(count)
            for phase in PHASES:
                whole, process, _peak = timing.module(HERE / "ours.yml", variables(folder, count, phase), ("ip", "netns", "exec", NAMESPACE))
                print("%3d parents, %-13s %6.2f s" % (count, phase, whole), flush=True)
                samples.setdefault("ours, " + phase, []).append(whole)
                samples.setdefault("process, " + phase, []).append(process)
    return {"parents": count, **{way: round(statistics.median(found), 2) for way, found in samples.items()}}


def variables(folder: str, count: int, phase: str) -> str:
    path = pathlib.Path(folder, "variables.json")
    path.write_text(json.dumps({"bench_parents": rows(count, phase), "bench_folder": folder + "/state"}), encoding="utf-8")
    return str(path)
