# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network and address driver of the tests' own, for an engine to call: the remote plugin protocol over a socket.

As a program on the engine's host (Python 3 alone): `remote_driver.py SOCKET RECORD`. It joins containers by veth pairs whose other end
hangs on nothing, hands out addresses one after the other, and writes each call as a line of JSON to RECORD.
"""
import ipaddress
import json
import os
import socketserver
import subprocess
import sys
from http.server import BaseHTTPRequestHandler

PEER = "fnitp"


class Addresses:
    """The address driver: pools are as asked for, or one of its own."""

    def __init__(self):
        self.pools = {}

    def pool(self, asked):
        subnet = asked.get("Pool") or "10.98.240.0/24"
        self.pools[subnet] = set()
        return {"PoolID": subnet, "Pool": subnet, "Data": {}}

    def address(self, asked):
        net, taken = ipaddress.ip_network(asked["PoolID"]), self.pools[asked["PoolID"]]
        wanted = asked.get("Address") or next(str(host) for host in net.hosts() if str(host) not in taken)
        if wanted in taken:
            return {"Err": "Address already in use"}
        taken.add(wanted)
        return {"Address": "%s/%d" % (wanted, net.prefixlen), "Data": {}}

    def release(self, asked):
        self.pools.get(asked["PoolID"], set()).discard(asked.get("Address"))
        return {}


def ip(*words):
    return subprocess.run(["ip", "link", *words], check=False, capture_output=True).returncode


def join(asked):
    end = asked["EndpointID"][:8]
    ip("add", PEER + end, "type", "veth", "peer", "name", "fnitc" + end)
    ip("set", PEER + end, "up")
    return {"InterfaceName": {"SrcName": "fnitc" + end, "DstPrefix": "eth"}, "DisableGatewayService": True}


def leave(asked):
    ip("delete", PEER + asked["EndpointID"][:8])
    return {}


ADDRESSES = Addresses()
ANSWERS = {
    "Plugin.Activate": lambda asked: {"Implements": ["NetworkDriver", "IpamDriver"]},
    "NetworkDriver.GetCapabilities": lambda asked: {"Scope": "local", "ConnectivityScope": "local"},
    "NetworkDriver.CreateEndpoint": lambda asked: {"Interface": {}},
    "NetworkDriver.EndpointOperInfo": lambda asked: {"Value": {}},
    "NetworkDriver.Join": join,
    "NetworkDriver.Leave": leave,
    "IpamDriver.GetCapabilities": lambda asked: {"RequiresMACAddress": False},
    "IpamDriver.GetDefaultAddressSpaces": lambda asked: {"LocalDefaultAddressSpace": "local", "GlobalDefaultAddressSpace": "global"},
    "IpamDriver.RequestPool": ADDRESSES.pool,
    "IpamDriver.RequestAddress": ADDRESSES.address,
    "IpamDriver.ReleaseAddress": ADDRESSES.release,
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        call = self.path.lstrip("/")
        with open(sys.argv[2], "a", encoding="utf-8") as record:
            record.write(json.dumps([call, asked]) + "\n")
        body = json.dumps(ANSWERS.get(call, lambda asked: {})(asked)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.docker.plugins.v1+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self):
        return "engine"

    def log_message(self, *_words):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


if __name__ == "__main__":
    os.makedirs(os.path.dirname(sys.argv[1]), exist_ok=True)
    if os.path.exists(sys.argv[1]):
        os.unlink(sys.argv[1])
    Server(sys.argv[1], Handler).serve_forever()
