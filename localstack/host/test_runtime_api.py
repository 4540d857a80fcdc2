"""The runtime API against a bootstrap that is written here."""

import http.client
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent / "causeway_localstack"))

import runtime_api  # noqa: E402

PREFIX = runtime_api.PREFIX


class Bootstrap:
    def __init__(self, api):
        self.connection = http.client.HTTPConnection(api.address, timeout=10)

    def get(self):
        self.connection.request("GET", f"{PREFIX}invocation/next")
        answer = self.connection.getresponse()
        return answer.status, answer.getheader("Lambda-Runtime-Aws-Request-Id"), answer.read()

    def post(self, path, body, **named):
        self.connection.request("POST", f"{PREFIX}{path}", body, **named)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status


class RuntimeApi(unittest.TestCase):
    def setUp(self):
        self.api = runtime_api.RuntimeApi()
        self.bootstrap = Bootstrap(self.api)
        self.addCleanup(self.bootstrap.connection.close)

    def invoke(self, request_id):
        invocation = runtime_api.Invocation(request_id, b'{"a":1}', "arn", runtime_api.deadline_in(5))
        self.api.invoke(invocation)
        return invocation

    def test_an_invocation_is_answered_once(self):
        invocation = self.invoke("one")
        self.assertEqual(self.bootstrap.get(), (200, "one", b'{"a":1}'))
        self.assertEqual(self.bootstrap.post("invocation/one/response", b"yes"), 202)
        self.assertEqual(self.bootstrap.post("invocation/one/error", b"no"), 202)
        self.assertTrue(invocation.done.is_set())
        self.assertEqual((invocation.answer, invocation.failed), (b"yes", False))
        self.api.close()

    def test_answers_in_chunks_and_errors_are_read(self):
        invocation = self.invoke("two")
        self.bootstrap.get()
        status = self.bootstrap.post("invocation/two/error", iter([b"ab", b"cd"]), encode_chunked=True)
        self.assertEqual((status, invocation.answer, invocation.failed), (202, b"abcd", True))
        self.api.close()

    def test_what_nobody_asked_is_refused(self):
        self.assertEqual(self.bootstrap.post("invocation/none/response", b""), 404)
        self.assertEqual(self.bootstrap.post("elsewhere", b""), 404)
        self.assertEqual(self.bootstrap.post("init/error", b"broken"), 202)
        self.assertEqual(self.api.broken, b"broken")
        self.api.close()

    def test_a_waiting_bootstrap_is_let_go(self):
        threading.Timer(0.1, self.api.close).start()
        self.assertEqual(self.bootstrap.get()[0], 410)


if __name__ == "__main__":
    unittest.main()
