# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many rules: put in force, and found in force, by one task, by a loop, and by the kernel's own tools alone."""
from __future__ import annotations

import json
import pathlib
import statistics
import tempfile

import timing

from . import room

HERE = pathlib.Path(__file__).resolve().parent
FIRST_PORT, ADDRESSES = 10000, 10000
BACKENDS = ("nftables", "iptables")
PHASES = ("apply", "nothing to do")
FAMILIES = ("iptables", "ip6tables")
NETWORKS = {"ipv4": "192.0.2.0/24", "ipv6": "2001:db8:1::/48"}


def policy(folder: str, rules: int, addresses: int, backend: str) -> str:
    """:returns: path of a file with what our playbook needs, and nothing else, for reading it is a part of the run"""
    crowd = ["10.%d.%d.%d" % (n // 31250, n // 125 % 250, n % 125 * 2) for n in range(addresses)]
    sources = ["@crowd"] if addresses else list(NETWORKS.values())
    return _written(folder, "policy.json", {
        "bench_backend": backend, "bench_folder": folder, "bench_sets": [{"name": "crowd", "elements": crowd}] if addresses else [],
        "bench_published": {"default": "drop", "rules": [{"action": "accept", "ports": [port], "sources": sources} for port in _ports(rules)]}})


def loop(folder: str, rules: int) -> str:
    """:returns: path of a file with what the peer's playbook needs"""
    return _written(folder, "loop.json", {"bench_rules": {
        family: [{"chain": "FORWARD", "protocol": "tcp", "ip_version": family, "source": network, "destination_port": port, "jump": "ACCEPT"}
                 for port in _ports(rules)] for family, network in NETWORKS.items()}})


def _ports(rules: int) -> list:
    return [str(FIRST_PORT + number) for number in range(rules)]


def _written(folder: str, name: str, values: dict) -> str:
    path = pathlib.Path(folder, name)
    path.write_text(json.dumps(values), encoding="utf-8")
    return str(path)


def measure(rules: int, addresses: int, repeat: int, peer: bool) -> dict:
    """:returns: medians in seconds, all but those of the tools alone of whole runs of ansible-playbook"""
    samples: dict = {}
    with tempfile.TemporaryDirectory() as folder:
        for _round in range(repeat):
            for backend in BACKENDS:
                room.empty()
                twice(samples, "ours, " + backend, policy(folder, rules, addresses, backend))
                commands = dumped(backend)
                room.empty()
                note(samples, "alone, " + backend, room.seconds(*commands))
            if peer:
                room.empty()
                loops(samples, loop(folder, rules))
    return {"rules": rules, "addresses": addresses, **{way: round(statistics.median(found), 2) for way, found in samples.items()}}


def twice(samples: dict, way: str, given: str) -> None:
    for phase in PHASES:
        whole, process, _peak = timing.module(HERE / "ours.yml", given, inside=room.INSIDE)
        note(samples, "%s, %s" % (way, phase), whole)
        note(samples, "%s, %s, process" % (way, phase), process)


def loops(samples: dict, given: str) -> None:
    """A run for each family; both together are what one policy of ours does."""
    for phase in PHASES:
        first, second = (timing.playbook(HERE / "peer.yml", given, inside=room.INSIDE, BENCH_FAMILY=family) for family in NETWORKS)
        note(samples, "peer IPv4, " + phase, first)
        note(samples, "peer, " + phase, first + second)


def dumped(backend: str) -> list:
    """:returns: the commands that load what is there now into an empty kernel"""
    if backend == "nftables":
        return [(("nft", "-f", "-"), room.run(["nft", "list", "ruleset"]))]
    return [(("ipset", "restore"), room.run(["ipset", "save"])),
            *(((family + "-restore",), room.run([family + "-save"])) for family in FAMILIES)]


def note(samples: dict, way: str, seconds: float) -> None:
    samples.setdefault(way, []).append(seconds)
    print("%-40s %7.2f s" % (way, seconds), flush=True)
