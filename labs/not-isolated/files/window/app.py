"""Tells over HTTP what it sees: GET /kernel, /boot, /uptime and so on."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from views import VIEWS


class Face(BaseHTTPRequestHandler):
    def do_GET(self):
        view = VIEWS.get(self.path.strip("/"))
        body = (view() if view else " ".join(VIEWS)).encode()
        self.send_response(200 if view else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", int(os.environ["PORT"])), Face).serve_forever()
