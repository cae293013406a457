# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Address management of the engine in memory: what it fills in by itself, and what it refuses."""
from __future__ import annotations

import ipaddress

import docker.errors

POOLS = ["172.%d.0.0/16" % second for second in range(18, 32)]
WHOLE = "0.0.0.0/0"  # what the address driver null answers
BRIDGE_NAME = "com.docker.network.bridge.name"
SWARM_DRIVERS = ("overlay",)


def _refuse(text):
    raise docker.errors.APIError(text, explanation=text)


def answer(body, source, major):
    """:returns: what GET /networks shows of a network created from this body"""
    driver = "null" if body.get("ConfigOnly") else body.get("Driver") or "bridge"
    given = body.get("IPAM") or {}
    net = {
        "Name": body["Name"],
        "Scope": body.get("Scope") or ("swarm" if driver in SWARM_DRIVERS else "local"),
        "Driver": driver,
        "EnableIPv6": bool(body.get("EnableIPv6")),
        "IPAM": {"Driver": given.get("Driver") or "default", "Options": given.get("Options"), "Config": given.get("Config") or []},
        "Internal": bool(body.get("Internal")),
        "Attachable": bool(body.get("Attachable")),
        "Ingress": bool(body.get("Ingress")),
        "ConfigFrom": {"Network": (body.get("ConfigFrom") or {}).get("Network", "")},
        "ConfigOnly": bool(body.get("ConfigOnly")),
        "Containers": {},
        "Options": dict(body.get("Options") or {}),
        "Labels": dict(body.get("Labels") or {}),
    }
    if major >= 28:
        net["EnableIPv4"] = body.get("EnableIPv4", True)
    if driver == "overlay":
        net["Options"].setdefault("com.docker.network.driver.overlay.vxlanid_list", "4097")
    if source:
        if any(body.get(key) for key in ("Labels", "Options", "IPAM", "EnableIPv6")):
            _refuse("user specified configurations are not supported if the network depends on a configuration network")
        net.update({key: source[key] for key in ("IPAM", "Options", "Labels", "EnableIPv6", "EnableIPv4") if key in source})
    return net


def take_subnets(net, others):
    """Fill in what was left to the engine; refuse what another network has."""
    if net["ConfigOnly"]:
        return
    own = net["Options"].get(BRIDGE_NAME) if net["Driver"] == "bridge" else None
    for other in others:
        if own and not other["ConfigOnly"] and own in (other["Options"].get(BRIDGE_NAME), "br-" + other["Id"][:12]):
            _refuse("conflicts with network %s (%s): networks have same bridge name" % (other["Id"], other["Name"]))
    taken = [ipaddress.ip_network(row["Subnet"], strict=False) for other in others if not other["ConfigOnly"]
             for row in other["IPAM"]["Config"] or () if row["Subnet"] != WHOLE]
    rows = [dict(row) for row in net["IPAM"]["Config"]]
    if net["IPAM"]["Driver"] == "null":
        if rows or net["EnableIPv6"]:
            _refuse("null ipam driver does not handle specific address pool requests")
        net["IPAM"] = dict(net["IPAM"], Config=[{"Subnet": WHOLE}])
        return
    versions = [ipaddress.ip_network(row["Subnet"], strict=False).version for row in rows]
    if net["Driver"] == "bridge" and len(versions) > len(set(versions)):
        _refuse("bridge driver doesn't support multiple subnets")
    families = {ipaddress.ip_network(row["Subnet"], strict=False).version for row in rows}
    if 4 not in families and net.get("EnableIPv4", True) and net["Driver"] not in ("null", "host"):
        rows.append({"Subnet": _free(taken)})
    if 6 not in families and net["EnableIPv6"]:
        rows.append({"Subnet": "fd00:%x::/64" % (len(taken) + 1)})
    for row in rows:
        wanted = ipaddress.ip_network(row["Subnet"], strict=False)
        if any(wanted.version == one.version and wanted.overlaps(one) for one in taken):
            _refuse("Pool overlaps with other one on this address space")
        row.setdefault("Gateway", str(wanted[1]))
    net["IPAM"] = dict(net["IPAM"], Config=rows)


def _free(taken):
    for text in POOLS:
        pool = ipaddress.ip_network(text)
        if not any(pool.version == one.version and pool.overlaps(one) for one in taken):
            return text
    return _refuse("all predefined address pools have been fully subnetted")


def check_address(net, asked, taken):
    for key in ("IPv4Address", "IPv6Address"):
        text = asked.get(key)
        if not text:
            continue
        if not any(_holds(row, text) for row in net["IPAM"]["Config"]):
            _refuse("no configured subnet contains IP address %s" % text)
        if text in taken:
            _refuse("Address already in use")


def given_out(net, asked, taken):
    """The addresses an endpoint gets, one of each family: what it asked for, or the first free one."""
    check_address(net, asked, taken)
    return {"IPAddress": asked.get("IPv4Address") or _first_free(net, 4, taken),
            "GlobalIPv6Address": asked.get("IPv6Address") or _first_free(net, 6, taken)}


def _first_free(net, version, taken):
    for row in net["IPAM"]["Config"] or () if net["IPAM"]["Driver"] != "null" else ():
        pool = ipaddress.ip_network(row.get("IPRange") or row["Subnet"], strict=False)
        reserved = {row.get("Gateway"), *(row.get("AuxiliaryAddresses") or row.get("AuxAddress") or {}).values()}
        if pool.version == version:
            return next(str(host) for host in pool.hosts() if str(host) not in taken | reserved)
    return ""


def _holds(row, text):
    return ipaddress.ip_address(text) in ipaddress.ip_network(row["Subnet"], strict=False)
