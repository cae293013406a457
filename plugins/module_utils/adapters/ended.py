# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps connections ended that were: what is forgotten by the kernel only may begin again with the next packet of either side.

Of TCP it takes a packet from the middle for a first one (nf_conntrack_tcp_loose, on by default), of UDP any. Where the server's comes
first, the server is taken for who began, and the client's are replies, which are let through. So their packets are dropped before the
kernel takes notice of them, by the client's address and port and the server's address, until nobody sends any more.
"""
from __future__ import annotations

import re
import typing as t

from ..core.errors import EnvironmentFault
from ..values.flow import Flow
from .command import run

SECONDS = 1200  # TCP sends again for 924 s what nobody acknowledges (net.ipv4.tcp_retries2 as the kernel has it)
PROTOCOLS = {"tcp": "6", "udp": "17", "sctp": "132"}
POLICY = re.compile(r"fleetnet\.docker sha256:[0-9a-f]{64}")

TABLE = "table inet fleetnet {"
SETS = "".join("""\tset ended%d {
\t\ttype inet_proto . ipv%d_addr . inet_service . ipv%d_addr
\t\tflags timeout
\t\ttimeout %ds
\t}
""" % (family, family, family, SECONDS) for family in (4, 6))
DROPS = {(way, family): "meta l4proto . %s %s . th %s . %s %s @ended%d drop" % (ip, client, port, ip, server, family)
         for family, ip in ((4, "ip"), (6, "ip6"))
         for way, client, port, server in (("from", "saddr", "sport", "daddr"), ("to", "daddr", "dport", "saddr"))}
CHAINS = {"ended_in": ("prerouting", ("from", "to")), "ended_out": ("output", ("to",))}
ELEMENTS = re.compile(r"\tset ended([46]) \{\n(?:\t\t(?!elements).*\n)*\t\telements = \{([^}]*)\}")

IPSET = "fleetnet-ended%d"
KIND = "create %s hash:ip,port,ip family %s timeout %d maxelem 1048576\n"
COMMANDS = {4: ("iptables", "inet"), 6: ("ip6tables", "inet6")}
RULES = (("PREROUTING", "src,src,dst"), ("PREROUTING", "dst,dst,src"), ("OUTPUT", "dst,dst,src"))


def by_nftables(flows: t.Iterable[Flow]) -> None:
    rows: t.Dict[int, t.List[str]] = {}
    for flow, server in _sides(flows):
        rows.setdefault(flow.family, []).append("%s . %s . %d . %s" % (PROTOCOLS[flow.protocol], flow.source, flow.source_port, server))
    if rows:
        _well(["nft", "-f", "-"], text({family: ", ".join(elements) for family, elements in rows.items()}))


def text(elements: t.Mapping[int, str]) -> str:
    """:param elements: by family, as nft writes them; :returns: what puts them, and all they need, into the table that is there"""
    if not elements:
        return ""
    rows = [TABLE, SETS.rstrip("\n")]
    rows += ["\tchain %s { type filter hook %s priority -301; policy accept; }" % (name, hook) for name, (hook, _ways) in CHAINS.items()]
    rows += ["}"] + ["flush chain inet fleetnet %s" % name for name in CHAINS]
    rows += ["add rule inet fleetnet %s %s" % (name, DROPS[way, family])
             for name, (_hook, ways) in CHAINS.items() for family in (4, 6) for way in ways]
    rows += ["add element inet fleetnet ended%d { %s }" % row for row in sorted(elements.items())]
    return "\n".join(rows) + "\n"


def carried(there: str, wanted: str) -> str:
    """:param there: the table as nft lists it; :param wanted: what is to be loaded in its place; :returns: what to load besides, so that
    what was ended stays so. Of UDP only while the policy is the same: clients use a port again, and another policy may let them in.
    """
    if TABLE not in wanted or "set ended" in wanted:
        return ""
    found = {}
    for family, elements in ELEMENTS.findall(there):
        rows = [" ".join(row.split()) for row in elements.split(",")]
        stay = [row for row in rows if _same_policy(there, wanted) or row.split(" ")[0] not in ("udp", PROTOCOLS["udp"])]
        if stay:
            found[int(family)] = ", ".join(stay)
    return text(found)


def by_iptables(flows: t.Iterable[Flow]) -> None:
    rows: t.Dict[int, t.List[str]] = {}
    for flow, server in _sides(flows):
        element = "add %s %s,%s:%d,%s\n" % (IPSET % flow.family, flow.source, flow.protocol, flow.source_port, server)
        rows.setdefault(flow.family, []).append(element)
    for family, elements in sorted(rows.items()):
        head = KIND % (IPSET % family, COMMANDS[family][1], SECONDS)
        _well(["ipset", "restore", "-exist"], head + "".join(elements))
        for rule in _rules(family):
            if not run(_command(family, "-C", rule)).well:
                _well(_command(family, "-I", rule))


def settle_ipset(families: t.Iterable[int], there: str, wanted: str) -> None:
    """As C(carried), for the sets of ipset; with no rules wanted they and the rules that look into them go."""
    for family in families:
        name = IPSET % family
        if not wanted:
            for rule in _rules(family):
                run(_command(family, "-D", rule))
            _well(["ipset", "destroy", name])
        elif not _same_policy(there, wanted):
            gone = [row for row in run(["ipset", "save", name]).out.splitlines() if row.startswith("add ") and ",udp:" in row]
            if gone:
                _well(["ipset", "restore", "-exist"], "".join("del %s\n" % " ".join(row.split(" ")[1:3]) for row in gone))


def families_of_ipset() -> t.List[int]:
    """:returns: those of which connections were ended"""
    names = run(["ipset", "list", "-n"]).out.split()
    return [family for family in COMMANDS if IPSET % family in names]


def _sides(flows: t.Iterable[Flow]) -> t.Iterator[t.Tuple[Flow, str]]:
    """:returns: each flow that has ports, with the server's address as the client calls it, and as it is behind the host"""
    for flow in flows:
        if flow.protocol in PROTOCOLS and flow.port:
            yield from ((flow, server) for server in dict.fromkeys((flow.target, flow.final)))


def _same_policy(there: str, wanted: str) -> bool:
    return set(POLICY.findall(there)) == set(POLICY.findall(wanted))


def _rules(family: int) -> t.Iterator[t.List[str]]:
    for chain, way in RULES:
        yield [chain, "-m", "set", "--match-set", IPSET % family, way, "-m", "comment", "--comment", "fleetnet.docker", "-j", "DROP"]


def _command(family: int, how: str, rule: t.Sequence[str]) -> t.List[str]:
    return [COMMANDS[family][0], "-w", "10", "-t", "raw", how, *rule]


def _well(argv: t.Sequence[str], given: str = "") -> None:
    done = run(argv, given)
    if not done.well:
        raise EnvironmentFault("The connections cannot be kept ended, for %s refuses it (%s); see whether this kernel has sets with timeouts, or "
                               "leave flush_conntrack out." % (argv[0], (done.err.strip().splitlines() or ["no reason given"])[0][:300]))
