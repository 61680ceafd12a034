#!/bin/sh
# Copies the SQLite database of a running gateway into BACKUP_DIR, checks the copy, and forgets copies older than BACKUP_DAYS.
# The key (DATA_DIR/secrets.json or VAULT_KEY) is not copied: it belongs in another place than the copies it opens.
set -eu

from=${DATA_DIR:?}/yihu.sqlite3
folder=${BACKUP_DIR:?}
days=${BACKUP_DAYS:-14}

[ -f "$from" ] || { echo "no database at $from" >&2; exit 1; }
mkdir -p "$folder"
copy=$folder/yihu-$(date -u +%Y%m%dT%H%M%SZ).sqlite3
draft=$copy.unfinished
trap 'rm -f "$draft"' EXIT

# One snapshot for the whole copy: without the open read each commit of the gateway would begin the copy anew.
sqlite3 -bail -cmd '.timeout 30000' "$from" 'begin' 'select count(*) from sqlite_schema' ".backup '$draft'" 'rollback' >/dev/null
[ "$(sqlite3 "$draft" 'pragma integrity_check')" = ok ] || { echo "the copy is damaged" >&2; exit 1; }
sync "$draft"
mv "$draft" "$copy"

find "$folder" -maxdepth 1 -type f -name 'yihu-*.sqlite3' -mtime "+$days" -delete
find "$folder" -maxdepth 1 -type f -name 'yihu-*.sqlite3.unfinished' -mtime +1 -delete
echo "$copy: $(wc -c <"$copy") bytes"
