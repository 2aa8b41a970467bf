"""A small shape service in the Python of 2023: type parameters (PEP 695) and `match`, standard library only."""

import json
import math
import os
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

type Shape = Circle | Box


@dataclass(frozen=True)
class Circle:
    radius: float


@dataclass(frozen=True)
class Box:
    width: float
    height: float


def parse(path: str) -> Shape | None:
    match path.strip("/").split("/"):
        case ["circle", radius]:
            return Circle(float(radius))
        case ["box", width, height]:
            return Box(float(width), float(height))
        case _:
            return None


def area(shape: Shape) -> float:
    match shape:
        case Circle(radius=radius):
            return math.pi * radius**2
        case Box(width=width, height=height):
            return width * height


class Face(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        shape = parse(self.path)
        reply = {"shape": type(shape).__name__, "area": round(area(shape), 2)} if shape else {"usage": "/box/2/3"}
        body = (json.dumps(reply) + "\n").encode()
        self.send_response(200 if shape else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", int(os.environ["PORT"])), Face).serve_forever()
