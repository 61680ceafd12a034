#!/bin/sh
# Puts the npm client open311 and what it runs on at test/.cache/open311 for test/http/open311-client.test.ts. It is no dependency: it asks for
# packages that are gone. npm checks each package's integrity. Does nothing when it is there.
set -eu
version=0.0.12
root=$(cd "$(dirname "$0")/../.." && pwd)
target="$root/test/.cache/open311"
[ -s "$target/node_modules/open311/package.json" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
printf '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts request@2.11.4 lodash@0.6.1 >/dev/null
npm pack --silent "open311@$version" >/dev/null
tar -xzf "open311-$version.tgz"
mv package node_modules/open311
rm -rf "$target"
mkdir -p "$root/test/.cache"
mkdir "$target"
mv node_modules "$target/node_modules"
echo "test/.cache/open311: open311 $version"
