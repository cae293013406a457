# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between a wished and a real network, and why that is a difference.

Each row of C(FIELDS) says how one field is compared. Nothing that an engine fills in by itself counts
(community.docker#1201, ansible#65815, terraform-provider-docker#54: false differences recreate networks).
"""
from __future__ import annotations

import typing as t
from dataclasses import dataclass
from functools import lru_cache

from ...values import addresses
from ...values.network import Network, Pool

# Written into Options by engines since 28 to mirror EnableIPv4 and EnableIPv6; by Swarm to record the VXLAN ids.
ENGINE_OPTIONS = (
    "com.docker.network.enable_ipv4",
    "com.docker.network.enable_ipv6",
    "com.docker.network.driver.overlay.vxlanid_list",
)
# Docker's own flags that mean "true" by being there: their value is no difference (moby: overlay's "encrypted").
PRESENCE_OPTIONS = ("encrypted",)
MAPPINGS = ("driver_options", "ipam_driver_options", "labels")
EVERY = ""  # in place of a key: all that are not given
# A network made from a configuration network takes these from there; its own answer shows them too.
INHERITED = ("driver_options", "ipam_driver", "ipam_driver_options", "ipam_config", "enable_ipv4", "enable_ipv6", "labels")


@dataclass(frozen=True)
class Difference:
    """:param field: the option's name; :param wanted: and :param found: plain data for people"""

    field: str
    wanted: t.Any
    found: t.Any

    def __str__(self) -> str:
        return "%s is %s, wanted %s" % (self.field, _show(self.found), _show(self.wanted))


# Pure, and asked for the same pair again and again within one plan.
@lru_cache(maxsize=4096)
def differences(wanted: Network, found: Network, exact: bool = False,
                unwanted: t.FrozenSet[t.Tuple[str, str]] = frozenset()) -> t.Tuple[Difference, ...]:
    """:param exact: in no mapping may there be more than is given
    :param unwanted: (field, C(pair_text)) of what may not be there, or EVERY; other keys that are not given may be the engine's own, which adds
        default-network-opts to each new network

    :returns: nothing where the real network is what is wished, else one Difference a field
    """
    unwanted = frozenset((field, EVERY) for field in MAPPINGS) if exact else unwanted
    gaps: t.List[Difference] = []
    for field, compare in FIELDS:
        want, have = getattr(wanted, field), getattr(found, field)
        if want is not None and _governed(wanted, field):
            gaps.extend(compare(field, want, have, unwanted))
    return tuple(gaps)


def _governed(wanted: Network, field: str) -> bool:
    """Of a configuration network the engine always says that its driver is "null"."""
    return not (wanted.config_only and field in ("driver", "scope"))


def pair_text(key: str, value: str) -> str:
    return "%s=%s" % (key, value)


def _equal(field, want, have, unwanted):
    return () if want == have else (Difference(field, want, have),)


def _mapping(field, want, have, unwanted):
    wanted, found = dict(want), dict(have or ())
    missing = {k: v for k, v in wanted.items() if k not in found or not _same_option(k, v, found[k])}
    extra = {k: v for k, v in found.items() if k not in wanted and k not in ENGINE_OPTIONS and unwanted & {(field, pair_text(k, v)), (field, EVERY)}}
    if not missing and not extra:
        return ()
    return (Difference(field, missing, {k: found[k] for k in (*missing, *extra) if k in found}),)


def _same_option(key, wanted, found):
    return key in PRESENCE_OPTIONS or wanted == found


def _ipam(field, want, have, unwanted):
    """Order means nothing; a family that is not asked for is the engine's to fill."""
    found = {pool.subnet: pool for pool in have or ()}
    gaps = [pool for pool in want if not _pool_fits(pool, found.get(pool.subnet))]
    families = {addresses.family(pool.subnet) for pool in want if pool.subnet}
    subnets = {pool.subnet for pool in want}
    extra = [p for s, p in found.items() if s and s not in subnets and addresses.family(s) in families]
    return (Difference(field, pool_texts(want), pool_texts(have or ())),) if gaps or extra else ()


def _pool_fits(want: Pool, have: t.Optional[Pool]) -> bool:
    if have is None:
        return False
    given = ((getattr(want, name), getattr(have, name)) for name in ("ip_range", "gateway", "aux_addresses"))
    return all(wanted is None or wanted == (found or type(wanted)()) for wanted, found in given)


def pool_texts(pools: t.Iterable[Pool]) -> t.List[t.Dict[str, t.Any]]:
    """Pools as plain data with community.docker's keys, only what is set."""
    shown = []
    for pool in pools:
        row = {"subnet": pool.subnet, "iprange": pool.ip_range, "gateway": pool.gateway}
        row["aux_addresses"] = dict(pool.aux_addresses) if pool.aux_addresses else None
        shown.append({key: value for key, value in row.items() if value is not None})
    return shown


def _show(value):
    if isinstance(value, dict):
        return ", ".join("%s=%s" % item for item in sorted(value.items())) or "unset"
    if isinstance(value, list):
        return "[%s]" % "; ".join(_show(item) for item in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "unset" if value in (None, "") else str(value)


FIELDS = (
    ("driver", _equal),
    ("driver_options", _mapping),
    ("ipam_driver", _equal),
    ("ipam_driver_options", _mapping),
    ("ipam_config", _ipam),
    ("enable_ipv4", _equal),
    ("enable_ipv6", _equal),
    ("internal", _equal),
    ("attachable", _equal),
    ("ingress", _equal),
    ("scope", _equal),
    ("config_only", _equal),
    ("config_from", _equal),
    ("labels", _mapping),
)
