"""The front door, deployed to ministack, which serves it as CloudFront would:
behaviours, functions, headers and the private bucket. The HTTP API behind it is
not served there; of it, what would be sent to it is looked at.

Run by `scripts/cloud-checks`. Needs `localstack/install ministack`.
"""

import http.client
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

ADDRESS = f"127.{64 + (os.getpid() >> 16) % 128}.{(os.getpid() >> 8) & 255}.{max(os.getpid() & 255, 1)}"
ENDPOINT = f"http://{ADDRESS}:4566"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_ENDPOINT_URL": ENDPOINT,
}
os.environ.update(ENVIRONMENT)
for variable in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
    os.environ.pop(variable, None)

import boto3  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS_MAX = 30
ORIGIN_SECRET = "what-the-door-proves-itself-with"
API = "abc.execute-api.us-east-1.amazonaws.com"


def until(look):
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + SECONDS_MAX
    while True:
        try:
            if found := look():
                return found
            problem = None
        except OSError as error:
            problem = error
        if time.monotonic() > deadline:
            raise AssertionError(f"nothing within {SECONDS_MAX} s: {problem}")
        time.sleep(0.05)


def asked(path, host, method="GET", headers=None):
    connection = http.client.HTTPConnection(ADDRESS, 4566, timeout=SECONDS_MAX)
    connection.request(method, path, headers={"Host": host} | (headers or {}))
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def setUpModule():
    global OUTPUTS, CONFIG
    log = tempfile.TemporaryFile()
    unittest.addModuleCleanup(log.close)
    python = ROOT / "target/cloud/ministack/bin/python"
    own = {"AUTH": "true", "GATEWAY_PORT": "4566", "BIND_HOST": ADDRESS}
    emulator = subprocess.Popen(
        [python, ROOT / "localstack/ministack_with_conditions.py"],
        env=os.environ | own, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
    )
    unittest.addModuleCleanup(emulator.wait)
    unittest.addModuleCleanup(emulator.terminate)
    until(lambda: asked("/_localstack/health", ADDRESS)[0] == 200)
    secret = boto3.client("secretsmanager").create_secret(Name="origin", SecretString=ORIGIN_SECRET)["ARN"]
    parameters = {"Name": "causeway", "ApiHost": API, "OriginSecretArn": secret, "EdgeOrigin": "wss://edge.example.com"}
    formation = boto3.client("cloudformation")
    formation.create_stack(
        StackName="web", TemplateBody=(ROOT / "infra/templates/web.yaml").read_text(),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    )

    def deployed():
        (stack,) = formation.describe_stacks(StackName="web")["Stacks"]
        return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

    stack = until(deployed)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise AssertionError(stack)
    OUTPUTS = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    config = boto3.client("cloudfront").get_distribution_config(Id=OUTPUTS["DistributionId"])
    CONFIG = config["DistributionConfig"]
    bucket = boto3.client("s3")
    for key, body in [("index.html", b"the page"), ("assets/program.js", b"the program")]:
        bucket.put_object(Bucket=OUTPUTS["FilesBucket"], Key=key, Body=body)


def browsed(path, method="GET"):
    """As a browser's request over TLS arrives."""
    return asked(path, OUTPUTS["DistributionHost"], method, {"x-forwarded-proto": "https"})


class Files(unittest.TestCase):
    def test_every_page_is_the_applications_page(self):
        for path in ["/", "/session/1", "/admin/users"]:
            status, headers, body = browsed(path)
            self.assertEqual((status, body), (200, b"the page"), path)
            self.assertIn("connect-src 'self' wss://edge.example.com;", headers["content-security-policy"])
            self.assertEqual(headers["x-content-type-options"], "nosniff")
            self.assertEqual(headers["referrer-policy"], "no-referrer")
            self.assertIn("max-age=31536000", headers["strict-transport-security"])
            self.assertEqual(headers["cross-origin-opener-policy"], "same-origin")

    def test_a_file_is_itself_and_one_that_is_not_there_is_no_page(self):
        self.assertEqual(browsed("/assets/program.js")[::2], (200, b"the program"))
        for path in ["/assets/none.js", "/assets/none"]:
            status, _, body = browsed(path)
            self.assertIn(status, (403, 404), path)
            self.assertNotIn(b"the page", body, path)

    def test_nothing_is_served_in_clear_or_written(self):
        status, headers, _ = asked("/", OUTPUTS["DistributionHost"])
        self.assertEqual((status, headers["location"].split(":")[0]), (301, "https"))
        self.assertEqual(asked("/api/v1/me", OUTPUTS["DistributionHost"])[0], 403)
        self.assertEqual(browsed("/index.html", "PUT")[0], 403)


class Api(unittest.TestCase):
    def test_it_is_asked_with_the_origin_secret_over_tls(self):
        (origin,) = [each for each in CONFIG["Origins"]["Items"] if each["Id"] == "api"]
        self.assertEqual(origin["DomainName"], API)
        (header,) = origin["CustomHeaders"]["Items"]
        self.assertEqual(header, {"HeaderName": "x-causeway-origin", "HeaderValue": ORIGIN_SECRET})
        self.assertEqual(origin["CustomOriginConfig"]["OriginProtocolPolicy"], "https-only")

    def test_it_is_behind_these_paths_and_is_told_who_the_viewer_is(self):
        behaviors = {each["PathPattern"]: each for each in CONFIG["CacheBehaviors"]["Items"]}
        self.assertEqual(set(behaviors), {"/api/*", "/healthz", "/readyz"})
        for path, behavior in behaviors.items():
            self.assertEqual(behavior["TargetOriginId"], "api", path)
        (function,) = behaviors["/api/*"]["FunctionAssociations"]["Items"]
        self.assertTrue(function["FunctionARN"].endswith(":function/causeway-viewer"), function)
        live = boto3.client("cloudfront").get_function(Name="causeway-viewer", Stage="LIVE")
        self.assertIn(b"event.viewer.ip", live["FunctionCode"].read())


if __name__ == "__main__":
    unittest.main()
