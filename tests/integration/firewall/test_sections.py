# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between networks, to the outside, to the host, between members of a swarm: real packets, both families, tcp and udp."""
from __future__ import annotations

import itertools

import pytest

from integration.firewall.site import FAR4, FAR6, HOST4, HOST6, HOST_SIDE, LAN_SIDE, NEAR4, NEAR6

DATABASE, OTHER, SERVICE, KEPT_PORT = 3306, 3307, 18100, 18122
KINDS = list(itertools.product((4, 6), ("tcp", "udp")))
HOST, NEAR, FAR = {4: HOST4, 6: HOST6}, {4: NEAR4, 6: NEAR6}, {4: FAR4, 6: FAR6}
BOTH = ["tcp", "udp"]
PINGS = [("icmp", HOST4, 0), ("icmp", HOST6, 0)]


@pytest.fixture(scope="module")
def town(site):
    """One container on each of two networks, and listeners everywhere."""
    site.empty()
    site.network("front", 3)
    site.network("back", 4)
    boxes = {"front": site.box("fronter", "front"), "back": site.box("backer", "back"), "beside": site.box("beside", "front")}
    everywhere = list(itertools.product(BOTH, (DATABASE, OTHER)))
    boxes["back"].serve(*everywhere)
    boxes["front"].serve(*everywhere)
    site.serve(LAN_SIDE, *itertools.product(BOTH, (SERVICE,)))
    site.serve(HOST_SIDE, *itertools.product(BOTH, (SERVICE, KEPT_PORT, 2377, 7946, 4789)), ("esp", 0))
    yield boxes
    site.apply(state="absent")


def asks(site, side, where, port, source=None):
    """:returns: "IPv4 tcp" and so on, of each kind that is answered"""
    questions = [(protocol, where[family], port, source[family] if source else "") for family, protocol in KINDS]
    return {"IPv%d %s" % kind for kind, good in zip(KINDS, site.ask(side, *questions)) if good}


EVERY = {"IPv%d %s" % kind for kind in KINDS}
TCP = {"IPv4 tcp", "IPv6 tcp"}


def of(box):
    return {4: box.ipv4, 6: box.ipv6}


def forwarded(*rules, default="accept"):
    return {"default": default, "rules": list(rules)}


def shielded(answer):
    """Engines from 28 on drop what is meant for a container in the raw table, unless they are told otherwise; the task says so."""
    return any(line.startswith("The engine itself drops in the raw table") for line in answer["warnings"])


def test_a_network_that_may_not_go_outside(site, town):
    site.apply(forwarded=forwarded())
    assert asks(site, town["back"].side, NEAR, SERVICE) == EVERY
    site.apply(forwarded=forwarded({"action": "drop", "from": ["fnfw-back"], "to": ["outside"]}))
    assert asks(site, town["back"].side, NEAR, SERVICE) == set()
    assert asks(site, town["front"].side, NEAR, SERVICE) == EVERY


def test_one_port_between_networks_against_the_engines_isolation(site, town):
    site.apply(state="absent")
    isolated = asks(site, town["front"].side, of(town["back"]), DATABASE)
    assert not isolated & {"IPv4 tcp", "IPv4 udp"}
    done = site.apply(forwarded=forwarded(
        {"action": "accept", "from": ["fnfw-front"], "to": ["fnfw-back"], "protocols": BOTH, "ports": [str(DATABASE)]}))
    if shielded(done):
        assert asks(site, town["front"].side, of(town["back"]), DATABASE) == set()
        return
    assert asks(site, town["front"].side, of(town["back"]), DATABASE) == EVERY
    assert asks(site, town["front"].side, of(town["back"]), OTHER) == isolated
    assert not asks(site, town["back"].side, of(town["front"]), DATABASE) & {"IPv4 tcp", "IPv4 udp"}


def test_what_somebody_flushed_is_put_back(site, town):
    policy = {"forwarded": forwarded({"action": "accept", "from": ["fnfw-front"], "to": ["fnfw-back"], "ports": [str(DATABASE)]})}
    if not shielded(site.apply(**policy)):
        assert "IPv4 tcp" in asks(site, town["front"].side, of(town["back"]), DATABASE)
    site.run("iptables", "-F", "DOCKER-USER")
    assert "IPv4 tcp" not in asks(site, town["front"].side, of(town["back"]), DATABASE)
    done = site.apply(**policy)
    assert done["reasons"] == ["somebody else changed the chains: nothing calls chain forward" if site.backend == "iptables" else
                               "the rule in DOCKER-USER that accepts mark 0x100000 (IPv4) is missing"]
    assert shielded(done) or "IPv4 tcp" in asks(site, town["front"].side, of(town["back"]), DATABASE)


def test_default_drop_between_networks_and_outside(site, town):
    done = site.apply(forwarded=forwarded(
        {"action": "accept", "from": ["fnfw-front"], "to": ["outside"], "protocols": ["tcp"], "destinations": [NEAR4, NEAR6]},
        {"action": "accept", "from": ["outside"], "to": ["fnfw-back"], "protocols": ["udp"], "ports": [str(OTHER)]}, default="drop"))
    assert asks(site, town["front"].side, NEAR, SERVICE) == TCP
    assert asks(site, town["front"].side, FAR, SERVICE) == set()
    assert asks(site, town["back"].side, NEAR, SERVICE) == set()
    assert asks(site, town["front"].side, of(town["back"]), DATABASE) == set()
    assert asks(site, LAN_SIDE, of(town["back"]), OTHER) == (set() if shielded(done) else EVERY - TCP)
    assert asks(site, LAN_SIDE, of(town["back"]), DATABASE) == set()
    assert asks(site, town["beside"].side, of(town["front"]), DATABASE) == EVERY


def test_a_network_made_anew_is_found_by_its_name(site, town):
    policy = {"forwarded": forwarded({"action": "drop", "from": ["fnfw-late"]})}
    warned = site.apply(**policy)["warnings"]
    assert "There is no network fnfw-late yet; rules that name it take effect when it appears." in warned
    for number in (5, 6):
        site.network("late", number)
        assert site.apply(**policy)["reasons"] == ["the engine's networks or published ports are others"]
        late = site.box("later", "late")
        assert asks(site, late.side, NEAR, SERVICE) == set()
        site.api.remove_container("fnfw-later", force=True)
        site.api.remove_network("fnfw-late")


def test_the_host_itself(site, town):
    site.apply(host={"default": "drop", "rules": [
        {"action": "accept", "protocols": ["tcp"], "ports": [str(SERVICE)], "sources": [NEAR4, NEAR6]}]}, ssh_port=KEPT_PORT)
    assert asks(site, LAN_SIDE, HOST, SERVICE, NEAR) == TCP
    assert asks(site, LAN_SIDE, HOST, SERVICE, FAR) == set()
    assert asks(site, LAN_SIDE, HOST, KEPT_PORT, FAR) == TCP
    assert asks(site, town["front"].side, HOST, SERVICE) == set()
    assert asks(site, HOST_SIDE, HOST, SERVICE) == EVERY
    assert site.ask(LAN_SIDE, *PINGS) == [True, True]


def test_what_is_kept_is_given_up_on_request(site, town):
    site.apply(host={"default": "drop"}, ssh_port=KEPT_PORT, allow_lockout=True)
    site.forget()
    assert asks(site, LAN_SIDE, HOST, KEPT_PORT) == set()
    assert site.ask(LAN_SIDE, *PINGS) == [False, False]


def test_containers_may_use_the_host_by_network(site, town):
    site.apply(host={"default": "drop", "rules": [{"action": "accept", "networks": ["fnfw-front"], "ports": [str(SERVICE)]}]})
    assert asks(site, town["front"].side, HOST, SERVICE) == TCP
    assert asks(site, town["back"].side, HOST, SERVICE) == set()


def test_a_swarms_ports_are_for_its_members(site, town):
    site.apply(cluster={"members": [NEAR4, NEAR6]})
    for port, kinds in ((2377, TCP), (7946, EVERY), (4789, EVERY - TCP)):
        assert asks(site, LAN_SIDE, HOST, port, NEAR) >= kinds, port
        assert not asks(site, LAN_SIDE, HOST, port, FAR) & kinds, port
    assert asks(site, LAN_SIDE, HOST, SERVICE, FAR) == EVERY


def test_esp_is_for_members_where_the_host_is_closed(site, town):
    questions = [("esp", HOST[family], 0, who[family]) for who in (NEAR, FAR) for family in (4, 6)]
    for encrypted, near in ((True, True), (False, False)):
        site.apply(cluster={"members": [NEAR4, NEAR6], "encrypted": encrypted}, host={"default": "drop"})
        site.forget()
        assert site.ask(LAN_SIDE, *questions) == [near, near, False, False]


def test_a_set_of_ten_thousand_addresses(site, town):
    crowd = ["10.%d.%d.%d" % (100 + number // 62500, number // 250 % 250, number % 250) for number in range(0, 20000, 2)]
    rule = {"action": "drop", "sources": ["@crowd"], "ports": [str(SERVICE)], "protocols": BOTH}
    site.apply(sets=[{"name": "crowd", "elements": crowd}], host={"default": "accept", "rules": [rule]})
    assert asks(site, LAN_SIDE, HOST, SERVICE, NEAR) == EVERY
    site.apply(sets=[{"name": "crowd", "elements": crowd + [NEAR4, NEAR6]}], host={"default": "accept", "rules": [rule]})
    assert asks(site, LAN_SIDE, HOST, SERVICE, NEAR) == set()
    assert asks(site, LAN_SIDE, HOST, SERVICE, FAR) == EVERY


def test_a_limit_is_shared_by_all_that_the_rule_fits(site, town):
    rule = {"action": "accept", "protocols": ["tcp"], "ports": [str(SERVICE)], "limit": "2/hour", "burst": 3, "log": True,
            "sources": [NEAR4, NEAR6]}
    site.apply(host={"default": "drop", "rules": [rule]})
    questions = [("tcp", HOST[family], SERVICE, NEAR[family]) for family in (4, 6) for _time in range(6)]
    budgets = 2 if site.backend == "iptables" else 1  # iptables counts each family by itself
    # 3 at once, and the kernel may count one more of each
    assert 3 * budgets <= sum(site.ask(LAN_SIDE, *questions)) <= 3 * budgets + 2


def test_connections_from_before_go_on_until_they_are_flushed(site, town):
    site.apply(host={})  # the kernel follows connections only where somebody asks for it
    flows = [("udp", HOST[family], SERVICE, NEAR[family], 40000) for family in (4, 6)]
    others = [("udp", HOST[family], KEPT_PORT, NEAR[family], 40001) for family in (4, 6)]
    policy = {"host": {"rules": [{"action": "drop", "protocols": ["udp"], "ports": [str(SERVICE)]}]}}
    assert site.ask(LAN_SIDE, *flows, *others) == [True] * 4
    site.apply(**policy)
    assert site.ask(LAN_SIDE, *flows, *others) == [True] * 4
    done = site.apply(**policy, flush_conntrack=True)
    assert sorted(line for line in done["impact"] if ":40000 to" in line) == sorted(
        "udp from %s:40000 to %s:%d ends" % (NEAR[family], HOST[family], SERVICE) for family in (4, 6))
    assert not any(":40001 to" in line for line in done["impact"])
    assert site.ask(LAN_SIDE, *flows, *others) == [False, False, True, True]


def test_the_back_end_may_change_each_way(site, town):
    rule = {"action": "accept", "from": ["fnfw-front"], "to": ["fnfw-back"], "ports": [str(DATABASE)]}
    policy = {"host": {"default": "drop", "rules": [{"action": "accept", "ports": [str(SERVICE)], "sources": [NEAR4, NEAR6]}]},
              "published": {"default": "drop"}, "forwarded": forwarded(rule)}
    site.apply(state="absent")
    for backend in (site.backend, "iptables" if site.backend == "nftables" else "nftables", site.backend):
        done = site.apply(**policy, backend=backend)
        assert done["changed"] and not site.apply(**policy, backend=backend)["changed"]
        assert remains(site) == {backend}
        assert asks(site, LAN_SIDE, HOST, SERVICE, NEAR) == TCP and asks(site, LAN_SIDE, HOST, SERVICE, FAR) == set()
        assert shielded(done) or "IPv4 tcp" in asks(site, town["front"].side, of(town["back"]), DATABASE)
        assert "IPv4 tcp" not in asks(site, town["front"].side, of(town["back"]), OTHER)
    site.apply(state="absent")
    assert remains(site) == set()


def remains(site):
    """:returns: the back ends of which anything is there"""
    saved = site.run("iptables-save") + site.run("ip6tables-save") + site.run("ipset", "list", "-n")
    return {name for name, text, sign in (("nftables", site.run("nft", "list", "tables") + site.run("iptables", "-S", "DOCKER-USER"), " fleetnet"),
                                          ("iptables", saved, "fnet-"), ("iptables", saved, "FLEETNET-"))
            if sign in text.replace("--comment fleetnet.docker -j FLEETNET", "").replace('--comment "fleetnet.docker" -j FLEETNET', "")}


def test_reject_answers_at_once(site, town):
    site.apply(host={"default": "accept", "rules": [{"action": "reject", "ports": [str(SERVICE)]}]})
    code = "import socket; socket.create_connection(('%s', %d), 5)" % (HOST4, SERVICE)
    assert site.lan("python3", "-c", "try:\n %s\nexcept ConnectionRefusedError: print('refused')" % code) == "refused\n"
