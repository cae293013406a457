# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine as a world of endpoints: the networks' adapter with another look; executes the same steps."""
from __future__ import annotations

import typing as t

from ..values.endpoint import Endpoint
from . import docker_read
from .docker_client import explained
from .docker_network import DockerNetworks


class DockerEndpoints(DockerNetworks):
    """:param observed: the kind's type for an observation, :param engine: its type for the engine's facts"""

    def observe(self, scope) -> t.Any:
        """Two lists, and one closer look at each container that the scope names."""
        with explained("reading networks"):
            networks = tuple(docker_read.network(raw) for raw in self._patiently(self.client.networks))
        self._ids = {net.name: net.id for net in networks}
        containers, endpoints, held = [], [], []
        with explained("reading containers"):
            for raw in self.client.containers(all=True):
                details = self._inspect(raw) if _concerned(raw, scope) else None
                containers.append(docker_read.container(raw, details, self._clock))
                held += docker_read.held(raw, self._ids)
                endpoints += self._endpoints(details, self._ids) if details else []
        return self._observed(
            networks=networks,
            containers=tuple(sorted(containers, key=lambda box: (box.name, box.id))),
            endpoints=tuple(sorted(endpoints, key=_order)),
            held=tuple(sorted(held, key=lambda one: (one.network, one.container))),
            engine=self._engine_facts(),
        )


def _concerned(raw, scope) -> bool:
    ident = raw["Id"]
    names = {ident, *(name.lstrip("/") for name in raw.get("Names") or () if name.count("/") == 1)}
    on = set((raw.get("NetworkSettings") or {}).get("Networks") or ())
    by_prefix = any(len(key) >= 12 and ident.startswith(key) for key in scope.containers)
    return bool(names & scope.containers or on & scope.networks) or by_prefix


def _order(end: Endpoint):
    return end.network, end.container
