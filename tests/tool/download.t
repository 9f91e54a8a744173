#!/bin/sh
# pipelines/download.sh with a good server, and with servers that truncate, send other bytes or do not exist.
. "$(dirname "$0")/lib.sh"

mkdir "$T/served"
head -c 3000000 /dev/urandom >"$T/served/file"
md5=$(md5sum <"$T/served/file" | cut -c 1-32)
python3 tests/tool/http_server.py "$T/served" >"$T/port" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$T"' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s "$T/port" ] || sleep .3; done
url=http://127.0.0.1:$(cat "$T/port")
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY

for program in curl wget; do
	command -v $program >/dev/null || { skip "$program" "not installed"; continue; }
	mkdir "$T/bin-$program" # a PATH without the other program
	ln -s /bin/* /usr/bin/* "$T/bin-$program/" 2>/dev/null
	[ $program = curl ] && rm -f "$T/bin-$program/wget" || rm -f "$T/bin-$program/curl"
	to=$T/$program
	download() {
		PATH=$T/bin-$program pipelines/download.sh "$@"
	}
	fails_with "download failed" download "$url/cut/file" "$md5" "$to/file"
	fails_with "download failed" download "$url/missing" "$md5" "$to/file"
	fails_with "download failed" download http://127.0.0.1:1/file "$md5" "$to/file"
	fails_with "its MD5 is $md5 instead of 0123456789" download "$url/file" 0123456789 "$to/file"
	is "$program: no partial file is left" "$(ls "$to")" ""
	ok "$program: downloads" download "$url/file" "$md5" "$to/file"
	ok "$program: the file is the served one" cmp "$T/served/file" "$to/file"
	before=$(curl -s "$url/log" || wget -qO- "$url/log")
	ok "$program: a second run succeeds" download "$url/file" "$md5" "$to/file"
	is "$program: without downloading again" "$(curl -s "$url/log" || wget -qO- "$url/log")" "$before"
	echo x >>"$to/file"
	ok "$program: a damaged file" download "$url/file" "$md5" "$to/file"
	ok "$program: is replaced" cmp "$T/served/file" "$to/file"
done

rm -f "$T/bin-wget/wget"
fails_with "neither curl nor wget" env PATH="$T/bin-wget" pipelines/download.sh "$url/file" "$md5" "$T/file"

# Killed while a server that never answers blocks it
python3 -c '
import socket, time
s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True)
c, _ = s.accept(); c.recv(999); c.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 999999\r\n\r\nxx"); time.sleep(60)' >"$T/port2" &
silent=$!
trap 'kill $server $silent 2>/dev/null; rm -rf "$T"' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s "$T/port2" ] || sleep .3; done
timeout 1 pipelines/download.sh "http://127.0.0.1:$(cat "$T/port2")/file" "$md5" "$T/killed/file" 2>/dev/null
is "killed: it exits" $? 124
is "killed: no partial file is left" "$(ls "$T/killed")" ""
done_testing
