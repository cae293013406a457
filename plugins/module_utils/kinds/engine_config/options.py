# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's variables in the engine's own words, as far as this version of the engine understands them."""
from __future__ import annotations

import typing as t

# Keys that SIGHUP takes over while they stay in the file, on every engine from 20.10 to 29
# (moby: daemon/reload.go). A key that goes keeps its old value until a restart. "features" is listed there too,
# but what most features switch is only read at start.
RELOADED = frozenset(
    [
        "authorization-plugins",
        "debug",
        "default-runtime",
        "insecure-registries",
        "labels",
        "live-restore",
        "max-concurrent-downloads",
        "max-concurrent-uploads",
        "max-download-attempts",
        "registry-mirrors",
        "runtimes",
        "shutdown-timeout",
    ]
)

# Variable of the role -> key in daemon.json
PLAIN = {
    "address_pools": "default-address-pools",
    "bridge_address": "bip",
    "mtu": "mtu",
    "insecure_registries": "insecure-registries",
    "registry_mirrors": "registry-mirrors",
    "ipv6": "ipv6",
    "ipv6_subnet": "fixed-cidr-v6",
    "log_driver": "log-driver",
}
PROXIES = {"http_proxy": "http-proxy", "https_proxy": "https-proxy", "no_proxy": "no-proxy"}
MTU_OPTION = "com.docker.network.driver.mtu"

DEFAULT_LOG_DRIVER = "json-file"
PROXIES_IN_FILE = (23, 0)
DEFAULT_NETWORK_OPTIONS = (24, 0)
AUTOMATIC_IPV6_POOL = (27, 0)


def version(text: str) -> tuple[int, int]:
    """(26, 1) of "26.1.5+dfsg1"."""
    parts = text.split(".")
    return int(parts[0]), int(parts[1])


def wished(wish: dict[str, t.Any], release: tuple[int, int], present: dict[str, t.Any]) -> dict[str, t.Any]:
    """What is to be merged into the present document."""
    result: dict[str, t.Any] = {}
    for name, key in PLAIN.items():
        if wish.get(name) is not None:
            result[key] = wish[name] if wish[name] != "" else None
    if wish.get("mtu") is not None and release >= DEFAULT_NETWORK_OPTIONS:
        result["default-network-opts"] = {"bridge": {MTU_OPTION: str(wish["mtu"])}}
    if release >= PROXIES_IN_FILE:
        proxies = {key: wish[name] or None for name, key in PROXIES.items() if wish.get(name) is not None}
        if proxies:
            result["proxies"] = proxies
    result.update(wish.get("daemon_options") or {})
    if wish.get("log_opts") is not None:
        result["log-opts"] = {key: _text(value) for key, value in wish["log_opts"].items()}
    return _without_options_of_another_driver(result, present)


def _without_options_of_another_driver(result: dict[str, t.Any], present: dict[str, t.Any]) -> dict[str, t.Any]:
    """They would keep the engine from starting. Whichever variable brought the driver and its options."""
    if "log-driver" not in result or (result["log-driver"] or DEFAULT_LOG_DRIVER) == present.get("log-driver", DEFAULT_LOG_DRIVER):
        return result
    given = result.get("log-opts", {})
    if isinstance(given, dict):
        foreign = set(present.get("log-opts") or {}) - set(given)
        result["log-opts"] = dict(given, **{key: None for key in foreign})
    return result


def _text(value: t.Any) -> t.Any:
    """Log options are texts for the engine; YAML makes numbers and booleans of them."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def environment(wish: dict[str, t.Any], release: tuple[int, int]) -> str | None:
    """Lines of the environment file for engines below 23; empty: remove it; None: nothing is said about it."""
    given = {name: wish[name] for name in PROXIES if wish.get(name) is not None}
    if not given:
        return None
    if release >= PROXIES_IN_FILE:
        return ""
    return "".join('%s="%s"\n' % (name.upper(), _escaped(value)) for name, value in sorted(given.items()) if value)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
