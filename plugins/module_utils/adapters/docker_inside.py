# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only GET /networks/{id} tells: endpoints that no container has, and the other nodes that a swarm's network spans now."""
from __future__ import annotations

import re
import typing as t

from ..values.endpoint import Orphan

# A swarm's own endpoints (lb-..., ingress-sbox) and those of a build have other keys.
OF_A_CONTAINER = re.compile(r"(ep-)?[0-9a-f]{64}\Z")
# While a container starts, or crashes, its endpoint is nobody's for a moment.
LOOKS = 20
PAUSE_SECONDS = 0.25


class Inside:
    """:param client: the SDK's APIClient; :param pause: sleeps"""

    def __init__(self, client, pause: t.Callable[[float], None]):
        self._client, self._pause = client, pause

    def look(self, ids: t.Mapping[str, str], boxes: t.Collection[str], own: str) -> t.Tuple[t.Tuple[Orphan, ...], t.Tuple]:
        """:param ids: of the networks, by name; :param boxes: ids of all containers; :param own: this node's address in its swarm

        :returns: endpoints that nobody has, and (network, address) pairs of other nodes
        """
        found = {name: self._inspected(ident) for name, ident in ids.items()}
        peers = {(name, peer["IP"]) for name, raw in found.items() for peer in raw.get("Peers") or () if peer.get("IP") != own}
        orphans = _orphans(found, boxes)
        for _look in range(LOOKS if orphans else 0):
            self._pause(PAUSE_SECONDS)
            found = {name: self._inspected(ids[name]) for name in {orphan.network for orphan in orphans}}
            orphans &= _orphans(found, {row["Id"] for row in self._client.containers(all=True)})
            if not orphans:
                break
        return tuple(sorted(orphans, key=lambda one: (one.network, one.name))), tuple(sorted(peers))

    def _inspected(self, ident: str) -> t.Mapping[str, t.Any]:
        try:
            return self._client.inspect_network(ident)
        except Exception as reason:
            if getattr(getattr(reason, "response", None), "status_code", None) == 404:
                return {}  # it went away between the list and the look at it
            raise


def _orphans(found: t.Mapping[str, t.Mapping[str, t.Any]], boxes: t.Collection[str]) -> t.Set[Orphan]:
    return {Orphan(name, end.get("Name") or key) for name, raw in found.items() for key, end in (raw.get("Containers") or {}).items()
            if OF_A_CONTAINER.match(key) and key not in boxes}
