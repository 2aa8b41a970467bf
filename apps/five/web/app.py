"""A page that any Flask of two generations serves."""

import os

from flask import Flask, jsonify

app = Flask(__name__)


@app.route("/")
def home():
    return jsonify(page="home")


app.run(host="0.0.0.0", port=int(os.environ["PORT"]))
