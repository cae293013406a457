# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many networks: create them, find nothing to do, change one, remove them."""
from __future__ import annotations

import ipaddress
import json
import pathlib
import statistics
import tempfile

import timing

HERE = pathlib.Path(__file__).resolve().parent
PREFIX = "fleetnet-bench-"
SUPERNET = ipaddress.ip_network("10.213.0.0/16")
# What the one that is changed gets instead; not within the others' reach.
ELSEWHERE = "10.214.0.0/26"
WAYS = ("sdk", "ours", "peer")
PHASES = ("create", "nothing to do", "change one", "remove")


def rows(count: int, phase: str) -> list:
    names = ["%s%03d" % (PREFIX, number) for number in range(count)]
    if phase == "remove":
        return [{"name": name, "state": "absent"} for name in names]
    made = [{"name": name, "state": "present", "driver": "bridge", "ipam_config": [{"subnet": str(subnet)}]}
            for name, subnet in zip(names, SUPERNET.subnets(new_prefix=26))]
    if phase == "change one":
        made[count // 2]["ipam_config"] = [{"subnet": ELSEWHERE}]
    return made


def measure(count: int, repeat: int) -> list:
    """:returns: one row a phase, with each way's median in seconds"""
    samples = {(way, phase): [] for way in WAYS for phase in PHASES}
    with tempfile.TemporaryDirectory() as folder:
        for _round in range(repeat):
            for way in WAYS:
                for phase in PHASES:
                    samples[way, phase].append(seconds(way, variables(folder, count, phase)))
                    print("%3d networks, %-4s %-13s %6.2f s" % (count, way, phase, samples[way, phase][-1]), flush=True)
    return [{"networks": count, "phase": phase, **{way: round(statistics.median(samples[way, phase]), 2) for way in WAYS}}
            for phase in PHASES]


def variables(folder: str, count: int, phase: str) -> str:
    path = pathlib.Path(folder, "variables.json")
    path.write_text(json.dumps({"bench_networks": rows(count, phase)}), encoding="utf-8")
    return str(path)


def seconds(way: str, given: str) -> float:
    if way == "sdk":
        return timing.script(HERE / "sdk.py", given)
    return timing.playbook(HERE / (way + ".yml"), given)
