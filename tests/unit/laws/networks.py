# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a case's observed.yml to an engine in memory, and to the world the laws are run on."""
from __future__ import annotations

import copy
import json
from pathlib import Path

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters.docker_network import DockerNetworks
from ansible_collections.fleetnet.docker.plugins.module_utils.kinds.network import kind, state
from ansible_collections.fleetnet.docker.plugins.module_utils.values.link import Route
from ansible_collections.fleetnet.docker.plugins.modules import network as module

from . import engine_ipam
from .engine_box import Box
from .engine_model import NOTHING, EngineModel, written_by_swarm
from .engine_reads import identity

KIND = kind
CASES = Path(__file__).parent.parent / "cases" / "network"
FIXTURES = Path(__file__).parent.parent / "fixtures"
JOURNAL_TYPES = state.JOURNAL_TYPES


def completed(params):
    """:returns: the parameters as AnsibleModule hands them to the module: typed, with defaults"""
    found = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(params)
    assert not found.error_messages, found.error_messages
    return found.validated_parameters


class ModelWorld(DockerNetworks):
    """The real adapter over the engine in memory; it counts the steps it is told to take."""

    pause = staticmethod(lambda seconds: None)

    def __init__(self, engine, routes, links=None):
        super().__init__(engine, state.Observed, state.Engine, lambda host, bridges: (routes, links, ()))
        self.executed = []

    def execute(self, step):
        self.executed.append(step)
        super().execute(step)


def engine(observed):
    """:param observed: the content of observed.yml"""
    observed = observed or {}
    model = EngineModel(**observed.get("engine", {}))
    for row in observed.get("networks", ()):
        _add_network(model, row)
    for row in observed.get("containers", ()):
        _add_container(model, row)
    model.uses, model.publishing, model.peers = (observed.get(key, {}) for key in ("services", "publishing", "peers"))
    return model


def routes(observed):
    rows = (observed or {}).get("routes")
    return None if rows is None else tuple(Route(**row) for row in rows)


def links(observed):
    names = (observed or {}).get("links")
    return None if names is None else frozenset(names)


def _add_network(model, row):
    """A row is a body of POST /networks/create; C(answers) overrides what the engine shows, C(recorded) names a file."""
    row = dict(row)
    if "recorded" in row:
        raw = json.loads((FIXTURES / row["recorded"]).read_text())
        model.nets[raw["Id"]] = raw
        return
    answers, orphans = row.pop("answers", {}), row.pop("orphans", ())
    source = (row.get("ConfigFrom") or {}).get("Network")
    net = engine_ipam.answer(row, model.by_name(source) if source else None, model.major)
    engine_ipam.take_subnets(net, model.nets.values())
    net["Id"] = answers.pop("Id", None) or identity("network", row["Name"], len(model.nets), "observed")
    net.update(answers)
    model.nets[net["Id"]] = net
    model.leaked[net["Id"]] = list(orphans)


def _add_container(model, row):
    ends = copy.deepcopy(row.get("endpoints") or {})
    mode = row.get("mode") or next(iter(ends), "bridge")
    mode = model.by_name(mode[3:])["Id"] if mode.startswith("id:") else mode
    box = Box(identity("container", row["name"]), row["name"], row.get("state", "running"), mode,
              crashes=row.get("state") == "restarting", mac=row.get("mac"),
              published=row.get("published", ()), random=row.get("random", ()), sysctls=row.get("sysctls"), labels=row.get("labels"))
    model.boxes[box.id] = box
    for name in ends:
        net, end = model.by_name(name), dict(ends[name] or {})
        alive = box.state in ("running", "paused")
        end.setdefault("NetworkID", "" if box.state == "created" else net["Id"])
        end.update(engine_ipam.given_out(net, end.get("IPAMConfig") or {}, model.taken(net["Id"])) if alive or box.crashes else NOTHING)
        box.ends[name] = end
        written_by_swarm(net, end)
        if alive:
            model.live(end)


def shuffled(model):
    """The same engine, which lists everything in another order."""
    model.nets = dict(reversed(list(model.nets.items())))
    model.boxes = dict(reversed(list(model.boxes.items())))
    return model


def portrait(model):
    """What a person would compare: everything but ids and what the engine hands out. Not made with the code under test."""
    added = {pair for options in model.default_network_opts.values() for pair in options.items()}  # to whatever is made anew
    nets = {net["Name"]: _network(net, added) for net in model.nets.values()}
    boxes = {}
    for box in model.boxes.values():
        ends = {name: _endpoint(end) for name, end in box.ends.items() if _points_there(model, box, name, end)}
        boxes[box.name] = {"state": box.state, "on": ends}
    return {"networks": nets, "containers": boxes, "leaked": sum(len(names) for ident, names in model.leaked.items() if ident in model.nets)}


def _points_there(model, box, name, end):
    net = model.by_name(name)
    return net is not None and end["NetworkID"] in ("", net["Id"])


def _network(net, added):
    rows = [{key: str(value) for key, value in row.items() if value} for row in net["IPAM"]["Config"] or ()]
    shown = {key: net.get(key) for key in ("Driver", "Options", "Labels", "Internal", "Attachable", "Ingress", "EnableIPv6",
                                           "EnableIPv4", "ConfigOnly", "ConfigFrom", "Scope")}
    shown["Options"] = shown["Options"] and dict(shown["Options"].items() - added)
    return dict(shown, pools=sorted(rows, key=str))


def _endpoint(end):
    return {key: sorted(value) if isinstance(value, list) else value for key, value in end.items()
            if value and key not in ("NetworkID", "EndpointID", *NOTHING, "written")}


UNRELATED = completed({"name": "zz-unrelated", "ipam_config": [{"subnet": "10.255.255.0/24"}]})


def turned(params):
    """The same wish, with every list the other way round."""
    rows = params.get("networks")
    changed = dict(params, networks=[turned(row) for row in reversed(rows)]) if rows else dict(params)
    for key in ("ipam_config", "connected"):
        if changed.get(key):
            changed[key] = list(reversed(changed[key]))
    return changed


def shown(stage):
    """What a fresh look gives, in the words of the diff."""
    world = stage.world()
    names = frozenset(net["Name"] for net in stage.engine.nets.values())
    observed = world.observe(state.Scope(detail=names, containers=True))
    return kind._shown(observed.networks, observed.endpoints, names)
