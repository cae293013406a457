#!/bin/sh
# Puts the images of the example into the engine and the registry, once; runs of the tests start from a copy.
set -eu
# shellcheck source=tests/full_kernel/guest/services.sh
. /project/tests/full_kernel/guest/services.sh
start_services
docker load --quiet --input /output/images.tar
while read -r tag name; do
    docker tag "$tag" "127.0.0.1:5000/$name"
    docker push --quiet "127.0.0.1:5000/$name"
done </output/images.txt
docker image ls
stop_engine
