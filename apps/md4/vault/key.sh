#!/bin/sh
# Makes a key that is meant to withstand a quantum computer, and says what it is.
set -eu

openssl genpkey -algorithm ML-KEM-768 -out /tmp/key.pem
openssl pkey -in /tmp/key.pem -noout -text | head -n 1
