#!/bin/sh
# Everything role engine needs to know about a host, in one go: lines of key=base64. It changes nothing.
# From the environment: CONFIG ENVIRONMENT MARK (files), ENGINE_PACKAGE, PACKAGES (names), PYTHON (interpreter),
# PATIENCE (seconds that the engine may take to answer).
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL=C

say() { printf '%s=%s\n' "$1" "$(base64 -w0)"; }
content() { if [ -r "$2" ]; then say "$1" <"$2"; fi; }

program=$(command -v dockerd)
client=$(command -v docker)
printf %s "$program" | say program
printf %s "$client" | say client
if [ -n "$program" ]; then
    "$program" --version 2>&1 | say version
fi
if [ -z "$program" ] || [ -z "$client" ]; then
    apt-cache policy "$ENGINE_PACKAGE" 2>/dev/null | say candidate
    apt-cache search --names-only '^docker-cli$' 2>/dev/null | say client_package
fi
# shellcheck disable=SC2086  # a list of words
dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' $PACKAGES 2>/dev/null | sed -n 's/ installed$//p' | say installed
"$PYTHON" -c 'import docker, pyroute2' 2>&1 | tail -n 1 | say imports

content text "$CONFIG"
content environment "$ENVIRONMENT"
if [ -e "$CONFIG" ]; then stat --format 0%a "$CONFIG" | say mode; fi
if [ -e "$MARK" ]; then { echo yes; cat "$MARK"; } | say interrupted; fi
content former "$CONFIG.former"
content routes_ipv4 /proc/net/route
content routes_ipv6 /proc/net/ipv6_route

systemctl is-enabled docker.service 2>/dev/null | say enabled
active=$(systemctl is-active docker.service 2>/dev/null)
printf %s "$active" | say active
if [ "$active" = active ]; then
    process=$(systemctl show --property=MainPID --value docker.service)
    tr '\0' '\n' <"/proc/$process/cmdline" | say flags
    if [ -n "$client" ]; then
        silence=$(timeout "$PATIENCE" docker version --format '{{.Server.Version}}' 2>&1 >/dev/null) || silence=${silence:-no answer within $PATIENCE s}
        printf %s "$silence" | say silence
    fi
    if [ -n "$client" ] && [ -z "$silence" ]; then
        # shellcheck disable=SC2046  # a list of words
        timeout 30 docker network inspect --format '{{range .IPAM.Config}}{{println .Subnet}}{{end}}' \
            $(timeout 30 docker network ls --quiet 2>/dev/null) 2>/dev/null | say own_subnets
    fi
fi
exit 0
