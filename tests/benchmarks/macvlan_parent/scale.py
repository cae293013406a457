# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parents with shims: make all of them in one task, find nothing to do, change one, remove them.

Every run happens in namespaces of its own, with a card for each parent, files of its own below /etc, and its own systemd-networkd: no link
and no file outside is touched. Needs root.
"""
from __future__ import annotations

import json
import pathlib
import statistics
import tempfile

import timing
from integration.macvlan_parent.host import Host

HERE = pathlib.Path(__file__).resolve().parent
PHASES = ("create", "nothing to do", "change one", "remove")
# way -> who keeps the links for the next boot; "process" is the module's own part of the first
WAYS = {"ours": "none", "kept": "networkd"}


def rows(count: int, phase: str, persist: str) -> list:
    made = [{"link": "card%d" % n, "persist": persist, "shim": {"addresses": ["10.213.%d.2" % n], "routes": ["10.213.%d.192/26" % n]}}
            for n in range(count)]
    if phase == "change one":
        made[count // 2]["shim"]["routes"] = ["10.213.%d.128/26" % (count // 2)]
    return [{"link": row["link"], "state": "absent"} for row in made] if phase == "remove" else made


def cards(host: Host, count: int) -> None:
    """A card for each parent, with an address, as it would have it from the host."""
    lines = []
    for n in range(count):
        lines += ["link add card%d type veth peer name far%d" % (n, n), "address add 10.213.%d.1/24 dev card%d" % (n, n),
                  "link set card%d up" % n, "link set far%d up" % n]
    batch = host.folder / "cards"
    batch.write_text("\n".join(lines), encoding="utf-8")
    host.run("ip", "-batch", str(batch))


def measure(count: int, repeat: int) -> dict:
    """:returns: medians in seconds: "ours, PHASE" and "kept, PHASE" of whole runs of ansible-playbook, "process, PHASE" and
    "kept process, PHASE" of the module's process
    """
    samples: dict = {}
    for _round in range(repeat):
        for way, persist in WAYS.items():
            for phase, whole, process in _life(count, persist):
                print("%3d parents, kept by %-8s %-13s %6.2f s" % (count, persist, phase, whole), flush=True)
                samples.setdefault("%s, %s" % (way, phase), []).append(whole)
                samples.setdefault("%s, %s" % ("process" if way == "ours" else way + " process", phase), []).append(process)
    return {"parents": count, **{way: round(statistics.median(found), 2) for way, found in samples.items()}}


def _life(count: int, persist: str):
    """:returns: (phase, seconds of the whole run, seconds of the module's process) of each phase"""
    with tempfile.TemporaryDirectory() as folder:
        host = Host(folder)
        try:
            cards(host, count)
            if persist == "networkd":
                host.networkd()
            for phase in PHASES:
                whole, process, _peak = timing.module(HERE / "ours.yml", variables(folder, rows(count, phase, persist)), tuple(host.inside([])))
                yield phase, whole, process
        finally:
            host.close()


def variables(folder: str, parents: list) -> str:
    path = pathlib.Path(folder, "variables.json")
    path.write_text(json.dumps({"bench_parents": parents, "bench_folder": folder + "/state"}), encoding="utf-8")
    return str(path)
