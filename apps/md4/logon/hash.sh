#!/bin/sh
# Prints the NT hash of a password: MD4 over UTF-16, as NTLM wants it.
set -eu

printf password | iconv -t UTF-16LE | openssl dgst -md4
