# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the role's variables and what is on the host to what is to be written, and how the engine takes it over."""
from __future__ import annotations

import json
import typing as t

from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.engine_config import checks, document, options, pools
from ansible_collections.fleetnet.docker.plugins.module_utils.values.given import flag, number


def plan(wish: dict[str, t.Any], observed: dict[str, t.Any]) -> dict[str, t.Any]:
    """Pure: the same answer in check mode. C(errors) is empty or nothing else counts.

    :param observed: version, path, text, environment, running, interrupted, routes_ipv4, routes_ipv6, own_subnets;
        and after a change that was interrupted: before, "kept" where former is the text before it, or "none" where there was none.
        What the file holds since was never taken over.
    """
    wish = dict(wish, mtu=number(wish.get("mtu")), ipv6=None if wish.get("ipv6") in (None, "") else flag(wish["ipv6"]))
    release = options.version(observed["version"])
    known = pools.routes(observed.get("routes_ipv4", ""), observed.get("routes_ipv6", ""))
    errors = checks.problems(wish, release, known, observed.get("own_subnets") or [])
    former = {"kept": observed.get("former", ""), "none": ""}.get(observed.get("before", ""))
    try:
        there = document.parse(observed.get("text", ""))
        present = there if former is None else document.parse(former)
    except ValueError as error:
        there = present = {}
        errors.append("%s is not valid JSON (%s); repair or remove it, the engine cannot read it either." % (observed["path"], error))
    wanted = document.merge(present, options.wished(wish, release, present))
    variables = options.environment(wish, release)
    keys = document.changed_keys(present, wanted)
    moved = variables is not None and variables != observed.get("environment", "")
    action = _action(keys, wanted, moved, observed)
    if action == "restart" and observed.get("running") and wish.get("restart") == "never":
        errors.append(
            "%s needs a restart of the engine, which engine_restart: never forbids; allow it (auto) when its containers may stop."
            % _reason(keys, moved)
        )
    return {
        "errors": errors,
        "file_differs": there != wanted,
        "differing": keys,
        "text": document.render(wanted) if keys else former or observed.get("text", ""),
        "environment": variables,
        "environment_differs": moved,
        "environment_secret": _has_credentials(variables or "") or _has_credentials(observed.get("environment", "")),
        "secret": present != document.masked(present) or wanted != document.masked(wanted),
        "before_masked": document.masked(present),
        "after_masked": document.masked(wanted),
        "action": action,
    }


def _action(keys: list[str], wanted: dict[str, t.Any], moved: bool, observed: dict[str, t.Any]) -> str:
    if not observed.get("running"):
        # One that systemd is about to start again by itself has read the former file, and "start" would leave it at that.
        return "restart" if keys or moved or observed.get("interrupted") else "start"
    if observed.get("interrupted") or moved:
        return "restart"
    if not keys:
        return "none"
    return "reload" if all(key in options.RELOADED and key in wanted for key in keys) else "restart"


def _reason(keys: list[str], moved: bool) -> str:
    if keys:
        return "Changing %s" % ", ".join("'%s'" % key for key in keys)
    return "Changing the engine's proxies" if moved else "A former run that was interrupted"


def _has_credentials(text: str) -> bool:
    return document.masked_text(text) != text


def not_taken_over(info: dict[str, t.Any], text: str, keys: list[str]) -> list[str]:
    """Keys of the file that the running engine does not show yet, of those that it does show at all.

    A key that went is not looked for: only a restart takes it away, and then for certain. Of an engine that does not answer the client
    of 26.1 ends well with C(docker info --format), and says that nothing is set; then "engine" is all that is told.
    """
    if not info.get("ServerVersion"):
        return ["engine"]
    wanted = document.parse(text)
    registries = info.get("RegistryConfig") or {}
    shown = {
        "debug": info.get("Debug"),
        "labels": info.get("Labels"),
        "live-restore": info.get("LiveRestoreEnabled"),
        "default-runtime": info.get("DefaultRuntime"),
        "registry-mirrors": registries.get("Mirrors"),
        "insecure-registries": _insecure(registries),
    }
    return [key for key in keys if key in shown and key in wanted and _canonical(key, shown[key]) != _canonical(key, wanted.get(key))]


def _insecure(registries: dict[str, t.Any]) -> list[str]:
    hosts = [name for name, entry in (registries.get("IndexConfigs") or {}).items() if not entry.get("Secure")]
    return hosts + [subnet for subnet in registries.get("InsecureRegistryCIDRs") or [] if subnet not in ("127.0.0.0/8", "::1/128")]


def _canonical(key: str, value: t.Any) -> str:
    if key == "registry-mirrors":
        value = [mirror.rstrip("/") for mirror in value or []]
    if isinstance(value, list) or value is None:
        value = sorted(set(value or []))
    return json.dumps(value)
