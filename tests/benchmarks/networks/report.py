# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks' part of the benchmark: what is measured, and where it is told."""
from __future__ import annotations

import json
import os
import subprocess

import docker

from . import endpoints, footprint, page, scale


def measure(options) -> dict:
    api = docker.APIClient(version="auto", timeout=120)
    clean(api)
    try:
        table = [row for count in options.counts for row in scale.measure(count, options.repeat)]
        busy = endpoints.measure(api, options.endpoints, options.repeat)
        sizes = footprints(options.counts)
    finally:
        clean(api)
    return {"facts": {"engine": api.version()["Version"], "peer": peer()}, "medians": table, "busy": busy, "footprint": sizes}


def text(figures: dict) -> str:
    return page.text(figures["medians"], figures["busy"], figures["footprint"], figures["facts"])


def plot(figures: dict, path) -> None:
    page.plot(figures["medians"], path)


def clean(api) -> None:
    endpoints.clean(api)
    for net in api.networks():
        if net["Name"].startswith(scale.PREFIX):
            api.remove_network(net["Id"])


def footprints(counts: list) -> list:
    socket = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    return [footprint.measure(count, socket) for count in (counts[0], counts[-1])]


def peer() -> str:
    listing = subprocess.run(["ansible-galaxy", "collection", "list", "community.docker", "--format", "json"],
                             capture_output=True, text=True, check=False).stdout
    found = [entry["community.docker"]["version"] for entry in json.loads(listing or "{}").values() if "community.docker" in entry]
    return found[0] if found else "version unknown"
