# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One network that containers hang on is replaced: ours gives back every endpoint, the bare script and the peer do not."""
from __future__ import annotations

import json
import pathlib
import statistics
import tempfile

import timing
from integration.assumptions import image

from . import scale, sdk

NAME = scale.PREFIX + "busy"
BOX = scale.PREFIX + "box"
# The wider one holds the fixed addresses too, else ours would refuse.
BEFORE, AFTER = "10.213.0.0/24", "10.213.0.0/23"


def measure(api, count: int, repeat: int) -> dict:
    """:param api: the SDK's APIClient; :param count: endpoints; :returns: each way's median in seconds"""
    samples = {way: [] for way in (*scale.WAYS, "ours_process", "ours_peak_mb")}
    clean(api)
    try:
        boxes = start(api, count)
        with tempfile.TemporaryDirectory() as folder:
            row = {"name": NAME, "state": "present", "driver": "bridge", "ipam_config": [{"subnet": AFTER}]}
            given = pathlib.Path(folder, "variables.json")
            given.write_text(json.dumps({"bench_networks": [row]}), encoding="utf-8")
            for _round in range(repeat):
                for way in scale.WAYS:
                    remove(api)
                    attach(api, boxes)
                    if way == "ours":
                        whole, process, peak = timing.module(scale.HERE / "ours.yml", str(given))
                        samples["ours_process"].append(process)
                        samples["ours_peak_mb"].append(peak)
                    else:
                        whole = scale.seconds(way, str(given))
                    samples[way].append(whole)
                    print("%3d endpoints, %-4s replace       %6.2f s" % (count, way, samples[way][-1]), flush=True)
    finally:
        clean(api)
    return {"endpoints": count, **{way: round(statistics.median(taken), 2) for way, taken in samples.items()}}


def start(api, count: int) -> list:
    image.ensure(api)
    boxes = []
    for number in range(count):
        made = api.create_container(image.NAME, ["sleep", "3600"], name="%s%02d" % (BOX, number), host_config=api.create_host_config(init=True))
        api.start(made["Id"])
        boxes.append(made["Id"])
    return boxes


def attach(api, boxes: list) -> None:
    """Each box by an alias, every second one by a fixed address."""
    made = sdk.create(api, NAME, BEFORE)["Id"]
    for number, box in enumerate(boxes):
        fixed = "10.213.0.%d" % (100 + number) if number % 2 else None
        api.connect_container_to_network(box, made, aliases=["service%02d" % number], ipv4_address=fixed)


def remove(api) -> None:
    for net in api.networks(names=["^%s$" % NAME]):
        for box in api.inspect_network(net["Id"])["Containers"]:
            api.disconnect_container_from_network(box, net["Id"], force=True)
        api.remove_network(net["Id"])


def clean(api) -> None:
    for box in api.containers(all=True, filters={"name": BOX}):
        api.remove_container(box["Id"], force=True)
    remove(api)
