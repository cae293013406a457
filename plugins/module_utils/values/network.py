# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker network as a value. C(None) in a wish means: not managed."""
from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

Pairs = t.Tuple[t.Tuple[str, str], ...]
# Engine 20.10 takes any text, spaces and slashes too. These are what every engine takes and no shell, URL or file name stumbles over.
NAME = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.-]*\Z")


@dataclass(frozen=True)
class Pool:
    """One IPAM pool; every text is canonical (values.addresses).

    :param aux_addresses: sorted (name, address) pairs
    """

    subnet: t.Optional[str] = None
    ip_range: t.Optional[str] = None
    gateway: t.Optional[str] = None
    aux_addresses: t.Optional[Pairs] = None


@dataclass(frozen=True)
class Network:
    """The create options of the engine's API, by the names community.docker gives them.

    :param id: what the engine assigned; no part of equality
    """

    name: str
    driver: t.Optional[str] = None
    driver_options: t.Optional[Pairs] = None
    ipam_driver: t.Optional[str] = None
    ipam_driver_options: t.Optional[Pairs] = None
    ipam_config: t.Optional[t.Tuple[Pool, ...]] = None
    enable_ipv4: t.Optional[bool] = None
    enable_ipv6: t.Optional[bool] = None
    internal: t.Optional[bool] = None
    attachable: t.Optional[bool] = None
    ingress: t.Optional[bool] = None
    scope: t.Optional[str] = None
    config_only: t.Optional[bool] = None
    config_from: t.Optional[str] = None
    labels: t.Optional[Pairs] = None
    id: str = field(default="", compare=False)

    def __str__(self) -> str:
        return "network %s" % self.name

    def answers_to(self, key: str) -> bool:
        """Whether an engine finds this network by C(key): its name, or the beginning of its id."""
        return key == self.name or (len(key) >= 4 and self.id.startswith(key))

    def option(self, key: str) -> t.Optional[str]:
        return dict(self.driver_options or ()).get(key)


def pairs(mapping: t.Optional[t.Mapping]) -> t.Optional[Pairs]:
    """A mapping as sorted pairs of texts; booleans the way the engine spells them (true, false)."""
    if mapping is None:
        return None
    return tuple(sorted((str(key), text(value)) for key, value in mapping.items()))


def text(value: t.Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
