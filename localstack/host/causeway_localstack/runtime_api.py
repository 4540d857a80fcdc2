"""The runtime API of Lambda for one environment: a bootstrap asks for the next
invocation here and answers it.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. One invocation at
a time, as in AWS. Nothing of LocalStack is used here, so that it can be tested
without it.
"""

import http.server
import queue
import threading
import time

BODY_BYTES_MAX = 6 * 1024 * 1024 + 64 * 1024
PREFIX = "/2018-06-01/runtime/"


class Invocation:
    def __init__(self, request_id, payload, function_arn, deadline):
        self.request_id = request_id
        self.payload = payload
        self.function_arn = function_arn
        self.deadline = deadline
        self.done = threading.Event()
        self.failed = False
        self.answer = b""

    def finish(self, answer, failed):
        if not self.done.is_set():
            self.answer, self.failed = answer, failed
            self.done.set()


class RuntimeApi:
    """Listens on a loopback port of its own until `close`."""

    def __init__(self):
        self.waiting = queue.Queue()
        self.running = {}
        self.ready = threading.Event()
        self.broken = None
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server.server_address[1]}"

    def invoke(self, invocation):
        self.running[invocation.request_id] = invocation
        self.waiting.put(invocation)

    def forget(self, invocation):
        self.running.pop(invocation.request_id, None)

    def close(self):
        self.waiting.put(None)
        self.server.shutdown()
        self.server.server_close()


def handler_of(api):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if self.path != f"{PREFIX}invocation/next":
                return self.reply(404)
            api.ready.set()
            invocation = api.waiting.get()
            if invocation is None:
                return self.reply(410)
            self.reply(
                200,
                invocation.payload,
                {
                    "Content-Type": "application/json",
                    "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                    "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
                },
            )

        def do_POST(self):
            body = self.body()
            if body is None:
                return self.reply(413)
            if self.path == f"{PREFIX}init/error":
                api.broken = body
                api.ready.set()
                return self.reply(202)
            parts = self.path.removeprefix(f"{PREFIX}invocation/").split("/")
            invocation = api.running.get(parts[0])
            if len(parts) != 2 or invocation is None or parts[1] not in ("response", "error"):
                return self.reply(404)
            invocation.finish(body, failed=parts[1] == "error")
            self.reply(202)

        def body(self):
            """Whole or in chunks; None when it is too long."""
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                length = int(self.headers.get("Content-Length") or 0)
                return self.rfile.read(length) if length <= BODY_BYTES_MAX else None
            whole = b""
            while size := int(self.rfile.readline().split(b";")[0].strip() or b"0", 16):
                whole += self.rfile.read(size)
                self.rfile.readline()
                if len(whole) > BODY_BYTES_MAX:
                    return None
            self.rfile.readline()
            return whole

        def reply(self, status, body=b"", headers=None):
            self.send_response_only(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


def deadline_in(seconds):
    return time.time() + seconds
