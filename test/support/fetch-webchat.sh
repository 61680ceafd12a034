#!/bin/sh
# Puts Web Chat's browser bundle at test/.cache/webchat.js for channels/webchat/webchat.test.ts. It is no dependency:
# one file is needed of a package with hundreds. npm checks the package's integrity. Does nothing when it is there.
set -eu
version=4.18.1
root=$(cd "$(dirname "$0")/../.." && pwd)
target="$root/test/.cache/webchat.js"
[ -s "$target" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "botframework-webchat@$version" >/dev/null && tar -xzf "botframework-webchat-$version.tgz" package/dist/webchat.js)
mkdir -p "$root/test/.cache"
mv "$work/package/dist/webchat.js" "$target"
echo "test/.cache/webchat.js: Web Chat $version"
