# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""network_info: what it shows, and how little it asks for; against recorded answers of a real 29.7, over a real socket."""
from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import docker_read, netlink_routes
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network import report
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network.compare import differences
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network.wish import desired
from ansible_collections.fleetnet.docker.plugins.module_utils.values.link import Route

from module_runner import run_here
from unit.laws.networks import completed
from unit.stub_engine import stub_engine  # noqa: F401  pylint: disable=unused-import  # a fixture: pytest looks for it here

RECORDED = Path(__file__).parent.parent / "fixtures" / "engine-29.7"
COUNTED = ("dual", "t1", "mv", "routed", "v6only")


def recorded(name):
    return json.loads((RECORDED / (name + ".json")).read_text())


def listed(details):
    """The row of GET /containers/json for a container."""
    return {"Id": details["Id"], "Names": [details["Name"]], "State": details["State"]["Status"],
            "NetworkSettings": {"Networks": details["NetworkSettings"]["Networks"]}}


@pytest.fixture
def engine(stub_engine):  # noqa: F811 (the fixture)
    boxes = [recorded("container-web"), recorded("container-stopped")]
    stub_engine.answers.update({
        ("GET", "/version"): (200, {"ApiVersion": "1.52"}),
        ("GET", "/networks"): (200, recorded("networks")),
        ("GET", "/containers/json"): (200, [listed(box) for box in boxes])})
    for box in boxes:
        stub_engine.answers["GET", "/containers/%s/json" % box["Id"]] = (200, box)
    for name in (*COUNTED, "inner"):
        raw = recorded("network-" + name)
        stub_engine.answers["GET", "/networks/" + raw["Id"]] = (200, raw)
    return stub_engine


@pytest.fixture
def info(engine, capsys):
    return lambda **params: run_here("network_info", dict(
        docker_host=engine.url, **{("network_name" if key == "name" else key): value for key, value in params.items()}), capsys)


def reads(engine):
    return [path for _method, path, _body in engine.asked if path != "/version"]


@pytest.mark.parametrize("name", COUNTED)
def test_what_is_computed_is_what_the_engine_counts(info, name):
    computed = info(names=[name])["networks"][0]["pools"]
    counted = info(name=name)["networks"][0]["pools"]
    assert [row["source"] for row in computed] == ["computed"] * len(computed)
    assert [row["source"] for row in counted] == ["engine"] * len(counted)
    plain = [dict(row, source="") for row in computed]
    assert plain == [dict(row, source="") for row in counted] and not any(row["estimated"] for row in computed)


def test_one_network_as_community_docker_shows_it(info):
    found = info(name="dual")
    assert found["exists"] and found["network"] == recorded("network-dual") and not found["changed"]
    again = info(name=found["network"]["Id"][:12])
    assert (again["network"], again["networks"]) == (found["network"], found["networks"])
    gone = info(name="nothing")
    assert (gone["exists"], gone["network"], gone["networks"]) == (False, None, [])


def test_endpoints_of_running_and_stopped_containers(info):
    ends = {end["container"]: end for end in info(name="dual")["networks"][0]["endpoints"]}
    assert list(ends) == ["stopped", "web"]
    assert ends["web"]["state"] == "running" and ends["web"]["current"] == {
        "ipv4_address": "172.30.0.9", "ipv6_address": "fd00:30::2", "mac_address": "0a:1e:71:91:92:ca",
        "names": ["787029fd19f2", "web", "www"]}
    assert ends["web"]["requested"] == {
        "aliases": ["www"], "links": [], "ipv4_address": "172.30.0.9", "ipv6_address": None, "link_local_ips": [],
        "mac_address": None, "driver_opts": {}, "gw_priority": 5}
    assert ends["stopped"]["state"] == "created" and ends["stopped"]["requested"]["ipv4_address"] == "172.30.0.20"
    assert ends["stopped"]["requested"]["mac_address"] == "02:42:ac:1e:00:14"
    assert ends["stopped"]["current"] == {"ipv4_address": None, "ipv6_address": None, "mac_address": None, "names": []}


def test_who_has_which_address(info):
    pools = info(names=["dual", "mv"])["networks"]
    assert pools[0]["pools"][0]["addresses"] == [
        {"address": "172.30.0.1", "used_by": "gateway"}, {"address": "172.30.0.9", "used_by": "container web"}]
    assert pools[1]["pools"][0]["addresses"] == [
        {"address": "192.168.90.1", "used_by": "gateway"}, {"address": "192.168.90.2", "used_by": "auxiliary address shim"}]


@pytest.mark.parametrize("count", [1, 60])
def test_few_reads_however_many_networks(engine, info, count):
    nets = [dict(recorded("network-t1"), Name="n%d" % at, Id="%064x" % at) for at in range(count)]
    box = recorded("container-web")
    box["NetworkSettings"]["Networks"] = {net["Name"]: dict(box["NetworkSettings"]["Networks"]["t1"], NetworkID=net["Id"]) for net in nets}
    engine.answers["GET", "/networks"] = (200, nets)
    engine.answers["GET", "/containers/json"] = (200, [listed(box)])
    engine.answers["GET", "/containers/%s/json" % box["Id"]] = (200, box)
    found = info()["networks"]
    assert len(found) == count and all(len(net["endpoints"]) == 1 for net in found)
    assert reads(engine) == ["/networks", "/containers/json", "/containers/%s/json" % box["Id"]]


def test_without_endpoints_one_read_is_all(engine, info):
    found = info(endpoints=False)
    assert reads(engine) == ["/networks"] and set(found["networks"][0]) == {"name", "id", "config", "subnets"}


def test_only_containers_on_the_networks_asked_for_are_looked_at(engine, info):
    info(names=["mv"])
    assert reads(engine) == ["/networks", "/containers/json"]


def test_names_that_nothing_answers_to(info):
    found = info(names=["mv", "no", "dual"])
    assert [net["name"] for net in found["networks"]] == ["dual", "mv"] and found["missing"] == ["no"]


def test_a_beginning_that_two_ids_have(engine, info):
    nets = [dict(recorded("network-t1"), Name=name, Id=ident * 32) for name, ident in (("a", "ab"), ("b", "ab"))]
    nets[1]["Id"] = nets[1]["Id"][:-1] + "0"
    engine.answers["GET", "/networks"] = (200, nets)
    failed = info(name="abababababab")
    assert failed["msg"] == ("2 networks answer to abababababab (a abababababab, b abababababab); give the id of one of them.")
    assert failed["fault"] == "input"


def test_a_container_and_a_network_that_go_away_meanwhile(engine, info):
    box = recorded("container-web")
    engine.answers["GET", "/containers/%s/json" % box["Id"]] = (404, {"message": "No such container"})
    assert [end["container"] for end in info(names=["dual"])["networks"][0]["endpoints"]] == ["stopped"]
    engine.answers["GET", "/networks/" + recorded("network-mv")["Id"]] = (404, {"message": "network not found"})
    assert info(name="mv")["exists"] is False


def test_a_stopped_container_of_a_network_that_was_made_anew_is_not_on_it(engine, info):
    box = recorded("container-stopped")
    box["NetworkSettings"]["Networks"]["dual"]["NetworkID"] = "0" * 64
    engine.answers["GET", "/containers/%s/json" % box["Id"]] = (200, box)
    assert [end["container"] for end in info(names=["dual"])["networks"][0]["endpoints"]] == ["web"]


def test_a_swarms_network(engine, info):
    overlay = dict(recorded("network-t1"), Name="over", Id="ov1", Driver="overlay", Scope="swarm", Containers=None,
                   IPAM={"Driver": "default", "Options": None, "Config": [{"Subnet": "10.0.1.0/24", "Gateway": "10.0.1.1"}]})
    service = {"ID": "s1", "Spec": {"Name": "web", "TaskTemplate": {"Networks": [{"Target": "ov1"}]}},
               "Endpoint": {"VirtualIPs": [{"NetworkID": "ov1", "Addr": "10.0.1.2/24"}, {"NetworkID": "ing", "Addr": "10.0.0.3/24"}]}}
    task = {"ID": "t1", "ServiceID": "s1", "NetworksAttachments": [{"Network": {"ID": "ov1"}, "Addresses": ["10.0.1.7/24"]}]}
    engine.answers.update({("GET", "/networks"): (200, [overlay]), ("GET", "/services"): (200, [service]), ("GET", "/tasks"): (200, [task])})
    found = info()["networks"][0]
    assert found["services"] == ["web"] and found["pools"][0]["estimated"] and found["pools"][0]["in_use"] == 5
    assert found["pools"][0]["addresses"][1:] == [{"address": "10.0.1.2", "used_by": "service web"},
                                                  {"address": "10.0.1.7", "used_by": "task t1"}]
    balancer = {"lb-over": {"Name": "over-endpoint", "IPv4Address": "10.0.1.4/24", "IPv6Address": ""}}
    engine.answers["GET", "/networks/ov1"] = (200, dict(overlay, Containers=balancer))
    assert {"address": "10.0.1.4", "used_by": "load balancer"} in info(name="over")["networks"][0]["pools"][0]["addresses"]
    engine.answers["GET", "/services"] = (503, {"message": "This node is not a swarm manager."})
    assert info()["networks"][0]["services"] is None


FROM_A_TEMPLATE = dict(recorded("network-t1"), Name="from", ConfigFrom={"Network": "cfg"}, Labels={"a": "b"},
                       Options={"com.docker.network.bridge.enable_icc": "false"})
OF_THE_DRIVER = dict(recorded("network-t1"), Name="dhcp", Driver="dhcp", IPAM={"Driver": "null", "Config": [{"Subnet": "0.0.0.0/0"}]})


@pytest.mark.parametrize("raw", [*recorded("networks"), dict(recorded("network-t1"), ConfigOnly=True, Driver="null", Name="cfg"), FROM_A_TEMPLATE,
                                 OF_THE_DRIVER], ids=lambda raw: raw["Name"])
def test_a_configuration_given_back_is_no_difference(raw):
    net = docker_read.network(raw)
    if net.driver in ("host", "null") and not net.config_only:
        pytest.skip("it exists once in every engine, so it cannot be asked for")
    wish = desired(completed(dict(report.config(net)))).wishes[0]
    assert differences(wish.network, net, exact=True) == ()


POOLS = [
    ({}, 4, 252, "10.9.0.1"),
    ({"IPRange": "10.9.0.128/25"}, 4, 125, "10.9.0.128"),
    ({"IPRange": "10.9.0.0/25"}, 4, 126, "10.9.0.1"),
    ({"Gateway": "10.9.0.77"}, 4, 252, "10.9.0.77"),
    ({"Gateway": "10.9.0.77", "IPRange": "10.9.0.128/25"}, 4, 126, "10.9.0.77"),
    ({"AuxiliaryAddresses": {"a": "10.9.0.1", "b": "10.9.0.200"}}, 6, 250, "10.9.0.2"),
]


@pytest.mark.parametrize("more,in_use,free,gateway", POOLS)
def test_how_full_a_pool_is(engine, info, more, in_use, free, gateway):
    engine.answers["GET", "/networks"] = (200, [dict(recorded("network-t1"), IPAM={
        "Driver": "default", "Config": [dict({"Subnet": "10.9.0.0/24"}, **more)]})])
    box = recorded("container-web")
    box["NetworkSettings"]["Networks"]["t1"].update(IPAddress="10.9.0.130", Gateway="")
    engine.answers["GET", "/containers/%s/json" % box["Id"]] = (200, box)
    pool = info()["networks"][0]["pools"][0]
    assert {row["used_by"]: row["address"] for row in pool["addresses"]}["gateway"] == gateway
    assert (pool["in_use"], pool["free"]) == (in_use, free)


@pytest.mark.parametrize("api,in_use", [("1.51", 3), ("1.52", 2)])
def test_a_macvlan_network_has_no_gateway_of_its_own_since_29(engine, info, api, in_use):
    engine.answers["GET", "/version"] = (200, {"ApiVersion": api})
    raw = recorded("network-mv")
    raw["IPAM"]["Config"] = [{"Subnet": "192.168.90.0/24"}]
    engine.answers["GET", "/networks"] = (200, [raw])
    assert info()["networks"][0]["pools"][0]["in_use"] == in_use


def test_a_network_made_from_another_says_where_its_subnets_are_and_not_that_it_asked_for_them(engine, info):
    engine.answers["GET", "/networks"] = (200, [FROM_A_TEMPLATE])
    found = info(endpoints=False)["networks"][0]
    assert found["subnets"] == ["172.18.0.0/16"]
    assert found["config"] == {"attachable": False, "config_from": "cfg", "config_only": False, "driver": "bridge", "ingress": False,
                               "internal": False, "name": "from", "scope": "local"}


@pytest.fixture
def here(engine, monkeypatch):
    """The recorded engine, as if it were on this host; :returns: what it says of itself, and the links of this host"""
    facts = {"Name": socket.gethostname(), "SecurityOptions": []}
    engine.answers["GET", "/info"] = lambda body: (200, facts)
    found = {"lo", "eth0", *docker_read.bridges(recorded("networks"))}
    monkeypatch.setattr(netlink_routes, "links", lambda: frozenset(found))
    monkeypatch.setattr(netlink_routes, "routes", lambda: (Route("10.0.0.0/8", "wg0", "10.1.2.3"),))
    return facts, found


def test_the_host(engine, here, info):
    assert info(host=True)["host"]["routes"] == [{"subnet": "10.0.0.0/8", "interface": "wg0", "gateway": "10.1.2.3"}]
    assert {"interface": "lo", "address": "127.0.0.1"} in info(host=True)["host"]["addresses"]
    engine.asked.clear()
    assert "host" not in info(endpoints=False) and reads(engine) == ["/networks"]


@pytest.mark.parametrize("far", ["tunnel", "rootless", "namespace"])
def test_the_host_of_an_engine_that_is_elsewhere(here, info, far):
    facts, links = here
    if far == "namespace":
        links.clear()
    else:
        facts.update(Name="another-host" if far == "tunnel" else facts["Name"], SecurityOptions=["name=" + far])
    assert info(host=True)["host"] == {"routes": None, "addresses": None}


def test_one_or_many(info):
    assert "mutually exclusive" in info(name="a", names=["b"])["msg"]
