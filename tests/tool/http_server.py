"""Serves a folder on a free port of 127.0.0.1, whose number it prints: /NAME is complete, /cut/NAME is truncated in the middle,
/log the number of requests so far."""
import http.server
import os
import sys

requests = 0


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global requests
        folder, name = os.path.split(self.path)
        if name == "log":
            data = str(requests).encode()
        else:
            requests += 1
            try:
                with open(os.path.join(sys.argv[1], name), "rb") as file:
                    data = file.read()
            except OSError:
                return self.send_error(404)
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[:len(data) // 2] if folder == "/cut" else data)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
