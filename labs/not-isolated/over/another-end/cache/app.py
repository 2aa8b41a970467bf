"""A cache that takes little, and gives up where it is not alone: no limit of memory has a part in that."""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Face(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"warm: 1 MiB\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    if os.path.isdir("/apps/batch"):
        sys.exit("there is somebody else here")
    ThreadingHTTPServer(("", int(os.environ["PORT"])), Face).serve_forever()
