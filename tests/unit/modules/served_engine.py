# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine in memory behind a real socket, so that modules talk to it through the SDK."""
from __future__ import annotations

import json
import re

import docker.errors
import pytest

from unit.laws import networks
from unit.stub_engine import StubEngine


class Served:
    """:ivar model: the engine in memory; :ivar stub: its socket"""

    def __init__(self, path, observed):
        self.model = networks.engine(observed)
        self.stub = StubEngine(path)
        self.stub.answers = self

    @property
    def url(self):
        return self.stub.url

    def get(self, request, _default):
        method, path = request
        for wanted, pattern, answer in ROUTES:
            found = re.fullmatch(pattern, path)
            if method == wanted and found:
                return lambda body: self._answer(answer, found.groups(), json.loads(body) if body else None)
        return 404, {"message": "page not found"}

    def _answer(self, answer, names, body):
        try:
            return answer(self.model, body, *names)
        except docker.errors.APIError as reason:
            return 403, {"message": reason.explanation}
        except KeyError as reason:
            return 404, {"message": "No such thing: %s" % reason}

    def changes(self):
        return [row[:2] for row in self.stub.asked if row[0] in ("POST", "DELETE")]


ROUTES = (
    ("GET", "/version", lambda model, body: (200, {"ApiVersion": "1.44"})),
    ("GET", "/info", lambda model, body: (200, model.info())),
    ("GET", "/networks", lambda model, body: (200, model.networks())),
    ("GET", "/networks/([^/]+)", lambda model, body, name: (200, model.inspect_network(name))),
    ("GET", "/containers/json", lambda model, body: (200, model.containers(all=True))),
    ("GET", "/containers/([^/]+)/json", lambda model, body, name: (200, model.inspect_container(name))),
    ("POST", "/networks/create", lambda model, body: (201, model._post_json("/networks/create", body).json())),
    ("POST", "/networks/([^/]+)/connect", lambda model, body, name: (200, model._post_json("/networks/%s/connect" % name, body))),
    ("POST", "/networks/([^/]+)/disconnect",
     lambda model, body, name: (200, model.disconnect_container_from_network(body["Container"], name, bool(body.get("Force"))))),
    ("DELETE", "/networks/([^/]+)", lambda model, body, name: (204, model.remove_network(name))),
    ("POST", "/containers/([^/]+)/start", lambda model, body, name: (204, model.start(name))),
    ("POST", "/containers/([^/]+)/stop", lambda model, body, name: (204, model.stop(name))),
)


@pytest.fixture
def serve(tmp_path):
    """A function: observed (as in observed.yml) -> a served engine"""
    served = []

    def start(observed=None):
        served.append(Served(tmp_path / ("engine%d.sock" % len(served)), observed))
        return served[-1]

    yield start
    for engine in served:
        engine.stub.close()
