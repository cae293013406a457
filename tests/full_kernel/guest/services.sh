# shellcheck shell=sh
# What both tasks of the guest need: an engine on the usual socket, and a registry beside it. Both keep their data in /store.

# wait_for SECONDS PROCESS TEST: until the test holds; a process that has ended is not waited for.
wait_for() {
    for _ in $(seq "$1"); do
        if "$3"; then return 0; fi
        kill -0 "$2" 2>/dev/null || return 1
        sleep 1
    done
    return 1
}

engine_answers() { docker info >/dev/null 2>&1; }
registry_answers() { [ -n "$(ss --no-header --listening --numeric --tcp 'sport = :5000')" ]; }

start_services() {
    cat >/run/registry.yml <<'CONF'
version: "0.1"
log: {level: warn}
storage: {filesystem: {rootdirectory: /store/registry}, delete: {enabled: true}}
http: {addr: "127.0.0.1:5000"}
CONF
    docker-registry serve /run/registry.yml >/output/registry.log 2>&1 &
    registry=$!
    dockerd >/output/dockerd.log 2>&1 &
    engine=$!
    wait_for 120 "$engine" engine_answers || { tail -n 15 /output/dockerd.log; echo "guest: the engine did not start, or not within 120 s"; return 1; }
    wait_for 30 "$registry" registry_answers || { tail -n 5 /output/registry.log; echo "guest: the registry did not start, or not within 30 s"; return 1; }
    echo "guest: engine $(docker version --format '{{.Server.Version}}') answers"
}

stop_engine() {
    kill "$engine"
    wait "$engine" || :
}
