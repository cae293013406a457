# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a policy says besides its rules, read back from a ruleset: what is kept open, the mark, the swarm's ports."""
from __future__ import annotations

import typing as t

from ...values import ranges
from ...values.firewall import Line, Ruleset
from .compile import CLUSTER, GOSSIP, KEPT_SSH

JUDGING = ("published", "host")


def aside(ruleset: Ruleset) -> t.Dict[str, t.Any]:
    """Named like the options; C(allow_lockout) only where something could lock out."""
    ports = [match.values[0] for row in _commented(ruleset, KEPT_SSH) for match in row.matches if match.key == "dport"]
    found: t.Dict[str, t.Any] = {"ssh_port": int(ports[0])} if ports else {}
    if ports or any(chain.name in JUDGING for chain in ruleset.chains):
        found["allow_lockout"] = not ports
    found["mark"] = ruleset.mark
    members = [text for each in ruleset.sets if each.name.startswith("cluster_") for text in each.elements]
    if members:
        found["cluster"] = {"members": members, "data_path_port": _data_path_port(ruleset), "encrypted": _encrypted(ruleset)}
    return found


def _commented(ruleset: Ruleset, comment: str) -> t.Iterator[Line]:
    return (row for _chain, row in ruleset.lines if row.comment == comment)


def _values(row: Line, key: str) -> t.Tuple[str, ...]:
    return next((match.values for match in row.matches if match.key == key), ())


def _data_path_port(ruleset: Ruleset) -> t.Optional[int]:
    """C(None) where somebody changed the lines that tell."""
    udp = [row for row in _commented(ruleset, CLUSTER) if _values(row, "l4proto") == ("udp",)]
    try:
        found = {port for row in udp for begin, end in map(ranges.ports, _values(row, "dport")) for port in range(begin, end + 1)}
    except ValueError:  # a set somebody put there
        return None
    return min(found - {int(GOSSIP)} or found, default=None)


def _encrypted(ruleset: Ruleset) -> bool:
    return any(_values(row, "l4proto") == ("esp",) for row in _commented(ruleset, CLUSTER))
