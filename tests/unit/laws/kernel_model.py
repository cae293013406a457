# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kernel's links in memory: answers like pyroute2's IPRoute, and refuses what a kernel refuses."""
from __future__ import annotations

import errno
import ipaddress

from pyroute2.netlink.exceptions import NetlinkError

HANGING = ("macvlan", "ipvlan")
UP, LOOPBACK, PROMISCUOUS, RUNNING = 0x1, 0x8, 0x100, 0x40
PERMANENT = 0x80
NUMBERS = ("l2", "l3", "l3s")


class Message(dict):
    """:param attrs: what C(get_attr) knows; :param nested: what C(get_nested) does, by its last name"""

    def __init__(self, fields, attrs, nested=()):
        super().__init__(fields)
        self.attrs, self.nested = attrs, dict(nested)

    def get_attr(self, name):
        return self.attrs.get(name)

    def get_nested(self, *names):
        return self.nested.get(names[-1])


def refuse(code):
    raise NetlinkError(code)


class KernelModel:
    """:ivar links: name -> dictionary; :ivar routes: list of dictionaries; :ivar lacking: kinds it cannot make"""

    def __init__(self, change):
        self.links, self.routes, self.lacking = {}, [], ()
        self._change, self.made = change, 0

    def put(self, name, **row):
        self.made += 1
        self.links[name] = dict({"kind": "", "parent": "", "vlan_id": None, "mode": None, "mtu": 1500, "up": True, "promiscuous": False,
                                 "addresses": [], "leased": [], "master": "", "master_kind": "", "carrier": True, "loopback": False},
                                **dict(row, index=self.made))

    def named(self, index):
        return next((name for name, row in self.links.items() if row["index"] == index), None) or refuse(errno.ENODEV)

    # what is read

    def get_links(self):
        return [self._shown(name) for name in self.links]

    def _shown(self, name):
        row = self.links[name]
        flags = sum(flag for flag, key in ((UP, "up"), (PROMISCUOUS, "promiscuous"), (LOOPBACK, "loopback")) if row[key])
        below = self.links.get(row["parent"], {}).get("index")
        number = NUMBERS.index(row["mode"]) if row["kind"] == "ipvlan" else None
        return Message(
            {"index": row["index"], "flags": flags | (RUNNING if row["carrier"] else 0)},
            {"IFLA_IFNAME": name, "IFLA_MTU": row["mtu"], "IFLA_LINK": below,
             "IFLA_MASTER": self.links.get(row["master"], {}).get("index")},
            {"IFLA_INFO_KIND": row["kind"] or None, "IFLA_INFO_SLAVE_KIND": row["master_kind"] or None, "IFLA_VLAN_ID": row["vlan_id"],
             "IFLA_MACVLAN_MODE": row["mode"], "IFLA_IPVLAN_MODE": number})

    def get_addr(self, index=None):
        return [Message({"index": row["index"], "prefixlen": int(text.split("/")[1]), "flags": flags, "scope": 0},
                        {"IFA_ADDRESS": text.split("/")[0], "IFA_FLAGS": flags})
                for row in self.links.values() if index in (None, row["index"])
                for flags, texts in ((PERMANENT, row["addresses"]), (0, row["leased"])) for text in texts]

    def _dump_routes(self, family, table, oif=None):
        return [Message({"type": 1, "table": table, "family": family, "proto": 2 if row["by_kernel"] else 4,
                         "dst_len": int(row["subnet"].split("/")[1])},
                        {"RTA_DST": row["subnet"].split("/")[0] if not row["subnet"].endswith("/0") else None,
                         "RTA_OIF": self.links[row["interface"]]["index"] if "hops" not in row else None, "RTA_GATEWAY": row["gateway"],
                         "RTA_MULTIPATH": [Message({"oif": self.links[row["interface"]]["index"]}, {"RTA_GATEWAY": text})
                                           for text in row.get("hops", ())] or None})
                for row in self.routes if (":" in row["subnet"]) == (family == 10) and oif in (None, self.links[row["interface"]]["index"])]

    # what changes something

    def link(self, command, **how):
        if command == "get":
            name = how["ifname"] if "ifname" in how else self.named(how["index"])
            return (self._shown(name),) if name in self.links else refuse(errno.ENODEV)
        if command == "add" and "link" not in how:
            return refuse(errno.EOPNOTSUPP if how["kind"] in self.lacking else errno.EINVAL)
        return self._change("link %s" % command, getattr(self, "_link_" + command), how)

    def _link_add(self, how):
        name, kind, below = how["ifname"], how["kind"], self.named(how["link"])
        twins = [row for row in self.links.values() if kind == row["kind"] == "vlan" and (row["parent"], row["vlan_id"]) == (below, how["vlan_id"])]
        if name in self.links or twins:
            refuse(errno.EEXIST)
        if kind in self.lacking:
            refuse(errno.EOPNOTSUPP)
        beside = [row for row in self.links.values() if row["parent"] == below and row["kind"] in HANGING]
        if kind in HANGING and any(row["kind"] != kind for row in beside):
            refuse(errno.EBUSY)
        if kind in HANGING and any(row["mode"] == "passthru" for row in beside):
            refuse(errno.EINVAL)
        most = self.links[below]["mtu"]
        if how.get("mtu", 0) > most:
            refuse(errno.ERANGE if kind == "vlan" else errno.EINVAL)
        mode = how.get("macvlan_mode") if kind == "macvlan" else NUMBERS[how["ipvlan_mode"]] if kind == "ipvlan" else None
        if kind == "ipvlan":
            for row in beside:
                row["mode"] = mode
        self.put(name, kind=kind, parent=below, vlan_id=how.get("vlan_id"), mode=mode, mtu=how.get("mtu", most), up=False)

    def _link_set(self, how):
        name = self.named(how["index"])
        row = self.links[name]
        if "mtu" in how:
            if row["parent"] and how["mtu"] > self.links[row["parent"]]["mtu"]:
                refuse(errno.ERANGE if row["kind"] == "vlan" else errno.EINVAL)
            self._set_mtu(name, how["mtu"])
        change, flags = how.get("change", 0), how.get("flags", 0)
        if change & UP:
            if flags & UP and row["parent"] and not self.links[row["parent"]]["up"]:
                refuse(errno.ENETDOWN)
            row["up"] = bool(flags & UP)
        if change & PROMISCUOUS:
            row["promiscuous"] = bool(flags & PROMISCUOUS)

    def _set_mtu(self, name, mtu):
        self.links[name]["mtu"] = mtu
        for child, row in self.links.items():
            if row["parent"] == name and row["mtu"] > mtu:
                self._set_mtu(child, mtu)

    def _link_del(self, how):
        self.remove(self.named(how["index"]))

    def remove(self, name):
        for child in [child for child, row in self.links.items() if row["parent"] == name]:
            self.remove(child)
        del self.links[name]
        self.routes = [route for route in self.routes if route["interface"] != name]

    def addr(self, command, index, address=None, prefixlen=None, dump_filter=None):
        if command == "dump":
            return self.get_addr(index)
        return self._change("addr %s" % command, self._addr, command, self.named(index), "%s/%d" % (address, prefixlen))

    def _addr(self, command, name, text):
        row = self.links[name]
        subnet = str(ipaddress.ip_interface(text).network)
        if (command == "add") == (text in row["addresses"]):
            refuse(errno.EEXIST if command == "add" else errno.EADDRNOTAVAIL)
        connected = {"subnet": subnet, "interface": name, "gateway": None, "by_kernel": True}
        if command == "add":
            row["addresses"].append(text)
            self.routes += [] if subnet.endswith(("/32", "/128")) else [connected]
        else:
            row["addresses"].remove(text)
            self.routes = [route for route in self.routes if route != connected]

    def route(self, command, oif=None, dst=None, family=None, gateway=None, scope=None, table=None, dump_filter=None):
        if command == "dump":
            return self._dump_routes(family, table, oif)
        return self._change("route %s" % command, self._route, command, self.named(oif), dst, gateway)

    def _route(self, command, name, subnet, gateway):
        same = [route for route in self.routes if route["subnet"] == subnet]
        if command == "add":
            if same:
                refuse(errno.EEXIST)
            if not self.links[name]["up"]:
                refuse(errno.ENETDOWN)
            self.routes.append({"subnet": subnet, "interface": name, "gateway": gateway, "by_kernel": False})
        elif not same:
            refuse(errno.ESRCH)
        else:
            self.routes.remove(same[0])
