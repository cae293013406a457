# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs, ours and a peer's side by side on the engine of this machine.

Writes networks.md, .json and .svg under docs/benchmarks/; no figure there is written by hand.
"""
from __future__ import annotations

import argparse
import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys

import docker

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "docs" / "benchmarks"
sys.path.insert(0, str(ROOT / "tests"))

from networks import endpoints, footprint, page, scale  # noqa: E402


def facts(repeat: int) -> dict:
    from ansible import release
    listing = subprocess.run(["ansible-galaxy", "collection", "list", "community.docker", "--format", "json"],
                             capture_output=True, text=True, check=False).stdout
    found = [entry["community.docker"]["version"] for entry in json.loads(listing or "{}").values() if "community.docker" in entry]
    return {"date": datetime.date.today().isoformat(), "engine": docker.from_env().version()["Version"],
            "ansible": release.__version__, "python": platform.python_version(), "cores": os.cpu_count(),
            "repeat": repeat, "peer": found[0] if found else "version unknown"}


def clean(api) -> None:
    endpoints.clean(api)
    for net in api.networks():
        if net["Name"].startswith(scale.PREFIX):
            api.remove_network(net["Id"])


def footprints(counts: list) -> list:
    socket = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    return [footprint.measure(count, socket) for count in (counts[0], counts[-1])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", default="1,10,50,100")
    parser.add_argument("--endpoints", type=int, default=20)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--output", type=pathlib.Path, default=TARGET, help="another folder, for a trial")
    options = parser.parse_args()
    counts = sorted(int(count) for count in options.counts.split(","))
    api = docker.APIClient(version="auto", timeout=120)
    clean(api)
    try:
        table = [row for count in counts for row in scale.measure(count, options.repeat)]
        busy = endpoints.measure(api, options.endpoints, options.repeat)
        sizes = footprints(counts)
    finally:
        clean(api)
    about = facts(options.repeat)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "networks.md").write_text(page.text(table, busy, sizes, about), encoding="utf-8")
    figures = {"facts": about, "medians": table, "busy": busy, "footprint": sizes}
    (options.output / "networks.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    page.plot(table, options.output / "networks.svg")
    print("\nwritten: networks.md, .json and .svg in %s" % options.output)


if __name__ == "__main__":
    main()
