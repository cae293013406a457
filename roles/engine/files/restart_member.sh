#!/bin/sh
# Restarts the engine of a swarm's member, and waits until it is in the swarm again: a manager until it has a leader, if it had one before.
# From the environment: PATIENCE (seconds).
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

led() { docker node ls --quiet >/dev/null 2>&1; }
manages() { [ "$(docker info --format '{{.Swarm.ControlAvailable}}' 2>/dev/null)" = true ]; }
active() { [ "$(docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null)" = active ]; }

wait_for_leader=no
if manages && led; then wait_for_leader=yes; fi
systemctl restart docker.service || exit 1
waited=0
until active && { [ "$wait_for_leader" = no ] || led; }; do
    waited=$((waited + 1))
    if [ "$waited" -gt "$PATIENCE" ]; then
        echo "the engine is not in its swarm again within $PATIENCE s" >&2
        exit 1
    fi
    sleep 1
done
