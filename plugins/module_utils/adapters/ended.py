# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps connections ended that were: what the kernel has only forgotten begins again with the next packet of either side.

Of TCP it takes a packet from the middle for a first one (nf_conntrack_tcp_loose, on by default), of UDP any. Where the server's comes
first, the server is taken for who began, and the client's are replies, which are let through. So their packets are dropped before the
kernel takes notice of them, in a place of their own: what loads, takes back or follows a policy leaves it alone.
"""
from __future__ import annotations

import re
import typing as t

from ..core.errors import EnvironmentFault
from ..values.flow import Flow
from .command import run

# TCP sends again for 924 s what nobody acknowledges (net.ipv4.tcp_retries2 as the kernel has it); UDP goes on as long as it likes.
SECONDS = {"tcp": 1200, "sctp": 1200, "udp": 86400}
NUMBERS = {"tcp": "6", "udp": "17", "sctp": "132"}
POLICY = re.compile(r"fleetnet\.docker sha256:[0-9a-f]{64}")
NFTABLES, IPTABLES = "nftables", "iptables"
FAMILIES = (4, 6)

TABLE = ("inet", "fleetnet_ended")
SET = "\tset %s%d {\n\t\ttype inet_proto . ipv%d_addr . inet_service . ipv%d_addr . inet_service\n\t\tflags timeout\n\t\ttimeout %ds\n\t}\n"
PACKETS = {"from": "meta l4proto . {0} saddr . th sport . {0} daddr . th dport", "to": "meta l4proto . {0} daddr . th dport . {0} saddr . th sport"}
CHAINS = {"ended_in": ("prerouting", ("from", "to")), "ended_out": ("output", ("to",))}

# Client's address and port and server's address; client's address, server's port and address: ipset has no set for all of it at once.
IPSETS = ("fleetnet-ended%d", "fleetnet-served%d")
COMMANDS = {4: ("iptables", "inet"), 6: ("ip6tables", "inet6")}
RULES = (("PREROUTING", "src,src,dst", "src,dst,dst"), ("PREROUTING", "dst,dst,src", "dst,src,src"), ("OUTPUT", "dst,dst,src", "dst,src,src"))
TWICE = 10  # what saved and restored the rules may have put in as often


def keep(backend: str, flows: t.Sequence[Flow]) -> None:
    """:raises EnvironmentFault: where the kernel cannot; nothing is kept then"""
    sides = list(_sides(flows))
    if sides and backend == NFTABLES:
        _well(["nft", "-f", "-"], _table() + _elements("add", sides))
    elif sides:
        families = sorted({flow.family for flow, _server, _port in sides})
        _well(["ipset", "restore", "-exist"], "".join(
            "create %s hash:ip,port,ip family %s timeout %d maxelem 1048576\n" % (name % family, COMMANDS[family][1], SECONDS["tcp"])
            for family in families for name in IPSETS))
        for family in families:
            for rule in _rules(family):
                if not run(_command(family, "-C", rule)).well:
                    _well(_command(family, "-I", rule))
        _well(["ipset", "restore", "-exist"], _members("add", sides))


def release(backend: str, flows: t.Sequence[Flow]) -> None:
    """What is not kept is as good."""
    sides = list(_sides(flows))
    if backend == NFTABLES:
        run(["nft", "-f", "-"], _elements("delete", sides))
    else:
        run(["ipset", "restore", "-exist"], _members("del", sides))


def kept() -> t.Tuple[str, ...]:
    """:returns: the back ends that have something made for this, whether a connection is in it or not"""
    nft = (NFTABLES,) if run(["nft", "-t", "list", "table", *TABLE]).well else ()
    return nft + ((IPTABLES,) if any(map(_is_ours, _families())) else ())


def has_sets() -> bool:
    """:returns: whether there are any of ipset, ours to take away or not"""
    return bool(_families())


def forget(backend: str) -> None:
    """All of it goes."""
    if backend == NFTABLES:
        _well(["nft", "-f", "-"], "table {0} {1}\ndelete table {0} {1}\n".format(*TABLE))
        return
    for family in _families():
        for rule in _rules(family):
            for _time in range(TWICE):
                if not run(_command(family, "-D", rule)).well:
                    break
        for name in IPSETS:
            run(["ipset", "flush", name % family])  # a rule of somebody else may hold it
            run(["ipset", "destroy", name % family])


def renew(backend: str, there: str, wanted: str) -> None:
    """Another policy may let clients in that use a port again, as those of UDP do; what of TCP was ended does not go on by that.

    :param there: the text of the policy so far; :param wanted: of the one that was loaded
    """
    if set(POLICY.findall(there)) in (set(), set(POLICY.findall(wanted))):
        return
    if backend == NFTABLES:
        run(["nft", "-f", "-"], "".join("flush set %s %s udp%d\n" % (*TABLE, family) for family in FAMILIES))
        return
    for name in [name % family for family in _families() for name in IPSETS]:
        gone = [row.split(" ")[2] for row in run(["ipset", "save", name]).out.splitlines() if row.startswith("add ") and ",udp:" in row]
        run(["ipset", "restore", "-exist"], "".join("del %s %s\n" % (name, element) for element in gone))


def _sides(flows: t.Iterable[Flow]) -> t.Iterator[t.Tuple[Flow, str, int]]:
    """:returns: each flow that has ports, with the server's address and port as the client calls it, and as it is behind the host"""
    for flow in flows:
        if flow.protocol in NUMBERS and flow.port:
            for server, port in dict.fromkeys(((flow.target, flow.port), (flow.final, flow.final_port))):
                yield flow, server, port


def _set(flow: Flow) -> str:
    return "%s%d" % ("udp" if flow.protocol == "udp" else "tcp", flow.family)


def _table() -> str:
    rows = ["table %s %s {" % TABLE] + [(SET % (name, family, family, family, SECONDS[name])).rstrip("\n") for name in ("tcp", "udp") for family in FAMILIES]
    rows += ["\tchain %s { type filter hook %s priority -301; policy accept; }" % (name, hook) for name, (hook, _ways) in CHAINS.items()]
    rows += ["}"] + ["flush chain %s %s %s" % (*TABLE, name) for name in CHAINS]
    rows += ["add rule %s %s %s %s @%s%d drop" % (*TABLE, name, PACKETS[way].format("ip" if family == 4 else "ip6"), kind, family)
             for name, (_hook, ways) in CHAINS.items() for family in FAMILIES for way in ways for kind in ("tcp", "udp")]
    return "\n".join(rows) + "\n"


def _elements(how: str, sides: t.Iterable[t.Tuple[Flow, str, int]]) -> str:
    rows: t.Dict[str, t.Dict[str, None]] = {}
    for flow, server, port in sides:
        element = "%s . %s . %d . %s . %d" % (NUMBERS[flow.protocol], flow.source, flow.source_port, server, port)
        rows.setdefault(_set(flow), {})[element] = None
    return "".join("%s element %s %s %s { %s }\n" % (how, *TABLE, name, ", ".join(elements)) for name, elements in sorted(rows.items()))


def _members(how: str, sides: t.Iterable[t.Tuple[Flow, str, int]]) -> str:
    rows = []
    for flow, server, port in sides:
        last = " timeout %d" % SECONDS[flow.protocol] if how == "add" else ""
        rows += ["%s %s %s,%s:%d,%s%s\n" % (how, name % flow.family, flow.source, flow.protocol, number, server, last)
                 for name, number in zip(IPSETS, (flow.source_port, port))]
    return "".join(dict.fromkeys(rows))


def _families() -> t.List[int]:
    names = run(["ipset", "list", "-n"]).out.split()
    return [family for family in FAMILIES if any(name % family in names for name in IPSETS)]


def _is_ours(family: int) -> bool:
    """Sets that only a rule of somebody else still holds are empty, and nobody here can take them away."""
    heads = [run(["ipset", "list", "-t", name % family]).out for name in IPSETS]
    return any("References: 0\n" in head for head in heads) or any(run(_command(family, "-C", rule)).well for rule in _rules(family))


def _rules(family: int) -> t.Iterator[t.List[str]]:
    for chain, *ways in RULES:
        looks = [word for name, way in zip(IPSETS, ways) for word in ("-m", "set", "--match-set", name % family, way)]
        yield [chain, *looks, "-m", "comment", "--comment", "fleetnet.docker", "-j", "DROP"]


def _command(family: int, how: str, rule: t.Sequence[str]) -> t.List[str]:
    return [COMMANDS[family][0], "-w", "10", "-t", "raw", how, *rule]


def _well(argv: t.Sequence[str], given: str = "") -> None:
    done = run(argv, given)
    if not done.well:
        raise EnvironmentFault("The connections cannot be kept ended, for %s refuses it (%s); see whether this kernel has sets with timeouts, or "
                               "leave flush_conntrack out." % (argv[0], (done.err.strip().splitlines() or ["no reason given"])[0][:300]))
