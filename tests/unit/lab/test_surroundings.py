# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lab host's container may do, on machines of every kind; each machine by itself shows one of them."""
from __future__ import annotations

import pathlib
import sys

import pytest

LAB = pathlib.Path(__file__).resolve().parents[3] / "molecule" / "lab"


@pytest.fixture
def surroundings(monkeypatch):
    monkeypatch.syspath_prepend(str(LAB))
    import surroundings as module
    yield module
    for name in ("surroundings", "images"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(("answer", "missing", "wanted"), [
    ("20.10.24 1", [], {"privileged": True}),
    ("28.5.1 2", [], {"privileged": True, "cgroupns_mode": "private"}),
    ("28.5.1 2", ["SYS_MODULE"], {"privileged": True, "cgroupns_mode": "private"}),
    ("20.10.24 1", ["SYS_MODULE", "BPF"], {
        "capabilities": ["ALL"], "cap_drop": ["SYS_MODULE"], "security_opts": ["seccomp=unconfined", "apparmor=unconfined"],
        "device_cgroup_rules": ["a *:* rwm"]}),
])
def test_an_ordinary_machine_gives_plain_privileged(surroundings, monkeypatch, answer, missing, wanted):
    monkeypatch.setattr(surroundings, "output", lambda *command: answer)
    monkeypatch.setattr(surroundings, "missing_capabilities", lambda: missing)
    assert surroundings.container_rights() == wanted


def test_what_has_a_name_of_the_labs_is_the_labs(surroundings, monkeypatch):
    there = {"ps": "company-host1\t\nfleetnet-host1\tfleetnet\n", "network": "bridge\t\nacme-lab\t\nfleetnet-lab\tfleetnet\n"}
    monkeypatch.setattr(surroundings, "output", lambda _docker, what, *more: there[what])
    surroundings.check_names("fleetnet", ["fleetnet-registry", "fleetnet-host1"], "fleetnet-lab")
    for lab, foreign in (("company", "container 'company-host1'"), ("acme", "network 'acme-lab'")):
        with pytest.raises(surroundings.Failure, match="LAB_NAME is '%s', but the %s on this machine is no lab's" % (lab, foreign)):
            surroundings.check_names(lab, [lab + "-host1"], lab + "-lab")


def test_an_image_is_known_by_what_it_is_made_of(surroundings, monkeypatch, tmp_path):
    import images
    monkeypatch.setattr(images, "HERE", tmp_path)
    source = tmp_path / "images" / "host" / "Dockerfile"
    source.parent.mkdir(parents=True)

    def key(text, mode=0o644):
        source.write_text(text)
        source.chmod(mode)
        return images.Image("host", "bookworm").key

    first = key("FROM a")
    assert first == key("FROM a") and len({first, key("FROM b"), key("FROM a", 0o755)}) == 3
