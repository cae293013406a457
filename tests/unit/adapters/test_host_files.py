# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on a host: found by name, written whole or not at all; and who configures a link, from what the systems leave on disk."""
from __future__ import annotations

import os

import pytest

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import host_parents, persist_ifupdown, persist_networkmanager
from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.host_files import HostFiles
from ansible_collections.fleetnet.docker.plugins.module_utils.core.errors import EnvironmentFault
from ansible_collections.fleetnet.docker.plugins.module_utils.core.plan import Step
from ansible_collections.fleetnet.docker.plugins.module_utils.values.hostfile import File, Manager
from ansible_collections.fleetnet.docker.plugins.module_utils.values.link import Link

UNIT = "/etc/systemd/network/05-fleetnet-shim.network"


@pytest.fixture
def files(tmp_path):
    return HostFiles(str(tmp_path / "state"), ["records/*.json", "/etc/systemd/network/05-fleetnet-*"], lambda path, new: "", str(tmp_path))


def put(root, path, text=""):
    place = root / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def test_written_found_and_removed(files, tmp_path):
    record, unit = File("records/lan0.json", "{}", 0o600), File(UNIT, "[Match]\n")
    for file in (record, unit):
        files.execute(Step(None, file))
    assert files.read() == (unit, record) and files.read({UNIT}) == (unit,)
    assert os.stat(tmp_path / "state" / "records").st_mode & 0o777 == 0o700
    files.execute(Step(unit, None))
    assert files.read() == (record,)


def test_others_files_and_folders_are_not_ours(files, tmp_path):
    put(tmp_path, "/etc/systemd/network/10-lan.network")
    put(tmp_path, "/etc/systemd/network/05-fleetnet-link-lan0.network.d/fleetnet-lan0.conf")
    assert files.read() == ()


def test_the_folder_of_a_drop_in_goes_with_its_last_file(files, tmp_path):
    mine, other = (File("/etc/systemd/network/10-lan.network.d/%s.conf" % name, "") for name in ("fleetnet-a", "other"))
    for file in (mine, other):
        files.execute(Step(None, file))
    files.execute(Step(mine, None))
    assert (tmp_path / "etc/systemd/network/10-lan.network.d").is_dir()
    files.execute(Step(other, None))
    assert not (tmp_path / "etc/systemd/network/10-lan.network.d").exists()


def test_what_is_refused_is_not_written(tmp_path):
    files = HostFiles(str(tmp_path / "state"), [UNIT], lambda path, new: "line 1: what?", str(tmp_path))
    put(tmp_path, UNIT, "as it was")
    with pytest.raises(EnvironmentFault) as caught:
        files.execute(Step(None, File(UNIT, "new")))
    assert str(caught.value) == "%s%s is refused by the system that is to read it: line 1: what?" % (tmp_path, UNIT)
    assert files.read()[0].text == "as it was" and os.listdir(tmp_path / "etc/systemd/network") == [os.path.basename(UNIT)]


def manager(root, name="lan0", index=7, kind=""):
    world = host_parents.HostParents(None, None, None, None, None, str(root))
    return world._manager(Link(name, kind, index=index)), world._systems()


def test_nobody(tmp_path):
    assert manager(tmp_path) == (Manager("lan0"), ())


def test_networkd(tmp_path):
    put(tmp_path, "/run/systemd/netif/state")
    put(tmp_path, "/run/systemd/netif/links/7", "ADMIN_STATE=unmanaged\n")
    assert manager(tmp_path) == (Manager("lan0"), ("networkd",))
    put(tmp_path, "/run/systemd/netif/links/7", "ADMIN_STATE=configured\nNETWORK_FILE=/etc/systemd/network/10-lan.network\n")
    assert manager(tmp_path) == (Manager("lan0", "networkd", "10-lan.network"), ("networkd",))


def test_networkmanager(tmp_path):
    put(tmp_path, "/run/NetworkManager/devices/7", "[device]\nmanaged=false\n")
    assert manager(tmp_path) == (Manager("lan0"), ("networkmanager",))
    put(tmp_path, "/run/NetworkManager/devices/7", "[device]\nmanaged=true\nconnection-uuid=1-2\n")
    assert manager(tmp_path)[0] == Manager("lan0", "networkmanager")


def test_networkmanager_that_only_looks_on(tmp_path):
    """As version 1.52 leaves it for a link that somebody else made and gave an address; "Wired connection 1" is made up too, but it acts."""
    put(tmp_path, "/run/NetworkManager/devices/7", "[device]\nmanaged=true\nperm-hw-addr-fake=02:00:00:00:00:10\nconnection-uuid=1-2\nnm-owned=false\n")
    made_up = "[connection]\nid=lan0\nuuid=%s\ntype=vlan\nautoconnect=false\n\n[.nmmeta]\nnm-generated=true\n%s"
    put(tmp_path, "/run/NetworkManager/system-connections/other.nmconnection", made_up % ("3-4", "volatile=true\nexternal=true\n"))
    put(tmp_path, "/run/NetworkManager/system-connections/lan0.nmconnection", made_up % ("1-2", "volatile=true\nexternal=true\n"))
    assert manager(tmp_path) == (Manager("lan0"), ("networkmanager",))
    put(tmp_path, "/run/NetworkManager/system-connections/lan0.nmconnection", made_up % ("1-2", ""))
    assert manager(tmp_path)[0] == Manager("lan0", "networkmanager")


def test_netplan_behind_networkd(tmp_path):
    put(tmp_path, "/usr/sbin/netplan")
    put(tmp_path, "/etc/netplan/50-cloud.yaml")
    put(tmp_path, "/run/systemd/netif/state")
    put(tmp_path, "/run/systemd/netif/links/7", "ADMIN_STATE=configured\nNETWORK_FILE=/run/systemd/network/10-netplan-lan0.network\n")
    assert manager(tmp_path) == (Manager("lan0", "netplan", "networkd:10-netplan-lan0.network"), ("netplan", "networkd"))


def test_netplan_behind_networkmanager(tmp_path):
    put(tmp_path, "/run/NetworkManager/devices/7", "[device]\nmanaged=true\nconnection-uuid=1-2\n")
    put(tmp_path, "/run/NetworkManager/system-connections/netplan-lan0.nmconnection", "[connection]\nuuid=1-2\n")
    assert manager(tmp_path)[0] == Manager("lan0", "netplan", "networkmanager:netplan-lan0.nmconnection")


INTERFACES = "source /etc/network/interfaces.d/*\nauto lo\n# iface lan0 inet dhcp\n"


def test_ifupdown(tmp_path):
    put(tmp_path, "/sbin/ifup")
    put(tmp_path, "/etc/network/interfaces", INTERFACES)
    assert manager(tmp_path) == (Manager("lan0"), ("ifupdown",))
    put(tmp_path, "/etc/network/interfaces.d/fleetnet-lan0", "iface lan0 inet manual\n")
    assert manager(tmp_path)[0] == Manager("lan0")
    put(tmp_path, "/etc/network/interfaces.d/setup", "allow-hotplug lan0\niface lan0 inet \\\n dhcp\n")
    assert manager(tmp_path)[0] == Manager("lan0", "ifupdown")


def test_ifupdown_that_does_not_read_our_folder(tmp_path):
    put(tmp_path, "/sbin/ifup")
    put(tmp_path, "/etc/network/interfaces", "iface lan0 inet dhcp\n")
    assert manager(tmp_path) == (Manager("lan0"), ())


@pytest.mark.parametrize("line, expected", [
    ("source /etc/network/interfaces.d/*", True),
    ("source interfaces.d/*", True),
    ("source /etc/network/*/fleetnet-*", True),
    ("source-directory /etc/network/interfaces.d", True),
    ("source-directory interfaces.d/", True),
    ("source /etc/network/interfaces.d/*.cfg", False),
    ("source /etc/network/interfaces.d/lan0", False),
    ("source /etc/network/*", False),
    ("source-directory /etc/network/interfaces.d/more", False),
    ("source-directory /etc/network", False),
])
def test_ifupdown_counts_where_it_reads_a_file_of_our_name(tmp_path, line, expected):
    put(tmp_path, "/sbin/ifup")
    put(tmp_path, "/etc/network/interfaces", "source /etc/network/more\n")
    put(tmp_path, "/etc/network/more", line + "\n")
    assert (manager(tmp_path)[1] == ("ifupdown",)) is expected


def test_interfaces_that_source_themselves_come_to_an_end(tmp_path):
    put(tmp_path, "/etc/network/interfaces", "source /etc/network/interfaces\niface lan0 inet dhcp\n")
    assert persist_ifupdown.words(str(tmp_path), "iface") == ["lan0"]


def makes(root):
    return manager(root, "lan0.5", kind="vlan")[0].makes


def test_networkd_makes_what_a_netdev_names(tmp_path):
    put(tmp_path, "/run/systemd/netif/state")
    put(tmp_path, "/run/systemd/netif/links/7", "ADMIN_STATE=configured\nNETWORK_FILE=/etc/systemd/network/10-all.network\n")
    put(tmp_path, "/etc/systemd/network/05-fleetnet-lan0.5.netdev", "[NetDev]\nName=lan0.5\n")
    put(tmp_path, "/run/systemd/network/10-netplan-lan0.5.netdev", "[NetDev]\nName=lan0.5\n")
    put(tmp_path, "/etc/systemd/network/20-six.netdev", "[NetDev]\nName=lan0.56\n")
    assert not makes(tmp_path)
    put(tmp_path, "/etc/systemd/network/20-five.netdev", "[NetDev]\n Name = lan0.5\n")
    assert makes(tmp_path) and not manager(tmp_path, "lan0.5")[0].makes


DEVICE, FIVE = "/run/NetworkManager/devices/7", "[device]\nmanaged=true\nconnection-uuid=1-2\n"


@pytest.mark.parametrize("device, path, text, expected", [
    (FIVE, "five.nmconnection", "[connection]\nuuid=3-4\n", False),
    (FIVE, "five.nmconnection", "[connection]\nuuid=1-2\n", True),
    (FIVE + "nm-owned=true\n", "five.nmconnection", "[connection]\nuuid=3-4\n", True),
    (FIVE + "nm-owned=true\n", "fleetnet-lan0.5.nmconnection", "[connection]\nuuid=1-2\n", False),
    (FIVE + "nm-owned=true\n", "../../../run/NetworkManager/system-connections/netplan-lan0.5.nmconnection", "[connection]\nuuid=1-2\n", False),
    (FIVE.replace("true", "false"), "five.nmconnection", "[connection]\nuuid=1-2\n", False),
])
def test_networkmanager_makes_what_it_has_a_connection_for(tmp_path, device, path, text, expected):
    put(tmp_path, DEVICE, device)
    put(tmp_path, "/etc/NetworkManager/system-connections/lan.nmconnection", "[connection]\nuuid=5-6\n")
    put(tmp_path, "/etc/NetworkManager/system-connections/" + path, text)
    assert makes(tmp_path) is expected


def test_netplan_makes_what_is_a_key(tmp_path):
    put(tmp_path, "/usr/sbin/netplan")
    put(tmp_path, "/etc/netplan/90-fleetnet-lan0.5.yaml", "network:\n  vlans:\n    lan0.5:\n      id: 5\n")
    put(tmp_path, "/etc/netplan/50-cloud.yaml", "network:\n  ethernets:\n    lan0: {}\n")
    assert not makes(tmp_path)
    put(tmp_path, "/etc/netplan/60-five.yaml", 'network:\n  vlans:\n    "lan0.5":\n      id: 5\n')
    assert makes(tmp_path)


def test_ifupdown_makes_what_it_has_an_iface_for(tmp_path):
    put(tmp_path, "/sbin/ifup")
    put(tmp_path, "/etc/network/interfaces", INTERFACES)
    put(tmp_path, "/etc/network/interfaces.d/fleetnet-lan0-5", "iface lan0.5 inet manual\n")
    assert not makes(tmp_path)
    put(tmp_path, "/etc/network/interfaces.d/five", "iface lan0.5 inet manual\n")
    assert makes(tmp_path)
    put(tmp_path, "/etc/network/interfaces", "iface lan0.5 inet manual\n")  # and reads no folder, so that it is not written for
    assert makes(tmp_path) and manager(tmp_path)[1] == ()


@pytest.mark.parametrize("path, link", [
    ("/etc/NetworkManager/system-connections/fleetnet-lan0.5.nmconnection", "lan0.5"),
    ("/etc/NetworkManager/dispatcher.d/fleetnet-lan0", ""),
])
def test_a_connection_is_named_by_its_link(path, link):
    assert persist_networkmanager.link_of(path) == link
