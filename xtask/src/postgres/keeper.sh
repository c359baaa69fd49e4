# Keeps a private PostgreSQL until standard input closes. $1: folder of PostgreSQL's programs.
# Prints the folder that holds the socket once the server answers. Speaks POSIX sh.
set -eu
trap '' HUP INT TERM
cd /
umask 077
folder=$(mktemp -d "${TMPDIR:-/tmp}/tracegate-postgres.XXXXXXXX")
trap 'rm -rf "$folder"' EXIT

# Durability is not what these tests ask of PostgreSQL, and its absence makes them faster.
options="-c listen_addresses= -c unix_socket_directories=$folder -c max_connections=200
  -c fsync=off -c synchronous_commit=off -c full_page_writes=off"

if ! {
  "$1/initdb" --pgdata "$folder/data" --username tracegate --auth trust \
    --encoding UTF8 --no-locale --no-sync &&
    "$1/pg_ctl" start --pgdata "$folder/data" --log "$folder/server.log" \
      --options "$options" --wait --timeout 60
} >"$folder/start.log" 2>&1 </dev/null; then
  cat "$folder/start.log" >&2
  cat "$folder/server.log" >&2 2>/dev/null || true
  exit 1
fi

echo "$folder"
exec >/dev/null
cat
"$1/pg_ctl" stop --pgdata "$folder/data" --mode immediate --wait
