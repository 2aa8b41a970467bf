"""Writes who it is into its state file when it starts, and tells what the file says."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STATE = Path("/var/lib/keeper/state.json")
STATE.write_text(json.dumps({"owner": sys.argv[1]}))


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        body = STATE.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("", int(os.environ["PORT"])), Page).serve_forever()
