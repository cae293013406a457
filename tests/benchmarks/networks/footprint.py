# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run with nothing to do asks of the engine, and how much memory the module's process takes."""
from __future__ import annotations

import tempfile

import timing
from integration.networks.proxy import Proxy

from . import scale


class Reads(Proxy):
    """Counts what is asked, not what is changed."""

    def __init__(self, *arguments):
        self.asked = []
        super().__init__(*arguments)

    def _trouble_for(self, head):
        method, path = head.split(b" ", 2)[:2]
        if method == b"GET":
            self.asked.append(path.decode())
        return super()._trouble_for(head)


def measure(count: int, socket: str) -> dict:
    """:param socket: the engine's, as unix:///path"""
    with tempfile.TemporaryDirectory() as folder, Reads(folder, socket) as proxy:
        given = scale.variables(folder, count, "nothing to do")
        timing.playbook(scale.HERE / "ours.yml", given)
        _whole, _process, peak = timing.module(scale.HERE / "ours.yml", given, DOCKER_HOST=proxy.url)
        print("%3d networks: %d reads, %.0f MB" % (count, len(proxy.asked), peak), flush=True)
        return {"networks": count, "reads": len(proxy.asked), "changes": len(proxy.changes), "peak_mb": round(peak, 1)}
