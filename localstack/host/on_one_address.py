"""Runs LocalStack on one address.

By itself it listens on every address of the machine, whatever GATEWAY_LISTEN says,
and runs what anybody who reaches it uploads as a function. Its parts ask each
other at `localhost`. Here it listens on the address of GATEWAY_LISTEN alone, and
its parts ask each other there: so several can run beside each other on one port.
"""

import functools
import importlib.metadata
import socket

VERSION = "4.14.0"

found = importlib.metadata.version("localstack-core")
if found != VERSION:
    raise SystemExit(f"this launcher is for LocalStack {VERSION}, found {found}: run localstack/install localstack")

from localstack import config  # noqa: E402
from twisted.internet import endpoints  # noqa: E402

address, port = config.GATEWAY_LISTEN[0].host, config.GATEWAY_LISTEN[0].port
# It would wait for itself for ever.
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((address, port))
    except OSError as error:
        raise SystemExit(f"LocalStack cannot listen on {address}:{port}: {error.strerror}") from None
# What its server makes its listener of, without naming an address.
endpoints.TCP4ServerEndpoint = functools.partial(endpoints.TCP4ServerEndpoint, interface=address)
# What `config.internal_service_url` falls back on.
config.LOCALHOST = address

if __name__ == "__main__":
    from localstack.runtime.main import main

    main()
