# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container of the engine in memory, as the two calls show it."""
from __future__ import annotations

SHOWN = ("Aliases", "Links", "DriverOpts", "GwPriority", "IPAMConfig", "NetworkID", "EndpointID", "IPAddress", "GlobalIPv6Address")


def copied(value):
    """What an answer holds is the asker's own; quicker than copy.deepcopy, for the laws ask very often."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


class Box:
    """:param mode: HostConfig.NetworkMode; :param crashes: it ends right after each start, and its policy starts it again

    :ivar ends: network name -> endpoint configuration as the engine keeps it
    """

    def __init__(self, ident, name, state, mode, crashes=False, mac=None, published=(), random=(), sysctls=None,
                 labels=None):
        self.id, self.name, self.state, self.mode = ident, name, state, mode
        self.crashes, self.mac, self.published, self.random = crashes, mac, published, random
        self.sysctls, self.labels = sysctls, labels or {}
        self.ends = {}

    def endpoint_on(self, network_id):
        return self.state in ("running", "paused") and any(end["NetworkID"] == network_id for end in self.ends.values())

    def _networks(self, short_id_alias):
        shown = {}
        for name, end in self.ends.items():
            shown[name] = {key: copied(end.get(key)) for key in SHOWN}
            if short_id_alias and self.state in ("running", "paused"):
                shown[name]["Aliases"] = (shown[name]["Aliases"] or []) + [self.id[:12]]
            shown[name]["MacAddress"] = self._mac_on(name, end)
        return shown

    def _mac_on(self, name, end):
        """What was asked for until it is stopped; what was not is assigned while it runs."""
        if self.state == "created":
            return end.get("MacAddress") or ""
        own = self.mac if name == self.mode else None
        return end.get("MacAddress") or own or "02:42:ac:11:00:02" if self.state in ("running", "paused") else ""

    def listed(self):
        ports = [{"PublicPort": int(host), "PrivatePort": int(inner.split("/")[0]), "Type": inner.split("/")[1]}
                 for host, inner in (text.split(":") for text in self.published)]
        return {"Id": self.id, "Names": ["/" + self.name], "State": self.state, "Ports": ports,
                "HostConfig": {"NetworkMode": self.mode}, "Labels": self.labels, "NetworkSettings": {"Networks": self._networks(False)}}

    def details(self, short_id_alias, container_mac=True):
        bindings = {text.split(":")[1]: [{"HostIp": "", "HostPort": text.split(":")[0]}] for text in self.published}
        bindings.update({port: [{"HostIp": "", "HostPort": ""}] for port in self.random})
        running = self.state in ("running", "paused", "restarting")
        config = {"MacAddress": self.mac} if self.mac and container_mac else {}
        return {"Id": self.id, "Name": "/" + self.name, "State": {"Status": self.state, "Running": running},
                "Config": config, "HostConfig": {"NetworkMode": self.mode, "PortBindings": bindings, "Sysctls": self.sysctls},
                "NetworkSettings": {"Networks": self._networks(short_id_alias)}}
