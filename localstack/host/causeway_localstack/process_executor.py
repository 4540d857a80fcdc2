"""A runtime executor of LocalStack 4.14 that runs `provided.*` functions as child
processes, where there is no container engine.

No limit of memory or processor, no layers, no other architecture than the
machine's: it is for trying the functions, not for measuring them.
"""

import json
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

from localstack import config
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from .runtime_api import Invocation, RuntimeApi, deadline_in

READY_SECONDS_MAX = 15
STOP_SECONDS_MAX = 2
LOOK_SECONDS = 0.2
# However LocalStack ends, its functions end with it: the system ends them with the
# thread that started them, and this one lives as long as LocalStack does.
STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="function-starter")
UNTIL_WE_END = ("setpriv", "--pdeathsig", "KILL")
# Of LocalStack's own environment, all else stays out of the functions.
INHERITED = ("PATH", "HOME", "LANG")


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    name = "process"

    def load(self, *_args, **_named):
        return ProcessExecutor


class ProcessExecutor(RuntimeExecutor):
    def __init__(self, id, function_version):
        super().__init__(id, function_version)
        self.api = RuntimeApi()
        self.process = None
        self.log = tempfile.TemporaryFile()

    def start(self, env_vars):
        code = self.function_version.config.code
        code.prepare_for_execution()
        folder = str(code.get_unzipped_code_location())
        bootstrap = os.path.join(folder, "bootstrap")
        os.chmod(bootstrap, 0o755)
        gateway = config.GATEWAY_LISTEN[0]
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        environment |= {name: str(value) for name, value in env_vars.items() if not name.startswith("LOCALSTACK_")}
        environment |= {
            "AWS_LAMBDA_RUNTIME_API": self.api.address,
            "AWS_ENDPOINT_URL": f"http://{gateway.host}:{gateway.port}",
            "LAMBDA_TASK_ROOT": folder,
            "_HANDLER": "bootstrap",
        }
        self.process = STARTER.submit(
            subprocess.Popen,
            [*UNTIL_WE_END, bootstrap],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        ).result()
        if not self.api.ready.wait(READY_SECONDS_MAX) or self.api.broken is not None:
            self.stop()
            raise RuntimeError(f"the function did not start: {self.api.broken} {self.get_logs()}")

    def invoke(self, payload):
        request_id = payload["invoke-id"]
        position = self.log.seek(0, os.SEEK_END)
        seconds = self.function_version.config.timeout
        body = (payload["payload"] or "").encode()
        invocation = Invocation(request_id, body, payload["invoked-function-arn"], deadline_in(seconds))
        self.api.invoke(invocation)
        self.wait(invocation, seconds)
        self.api.forget(invocation)
        self.log.seek(position)
        lines = self.log.read().decode(errors="replace")
        return InvocationResult(request_id, invocation.answer, is_error=invocation.failed, logs=lines)

    def wait(self, invocation, seconds):
        left = seconds
        while not invocation.done.wait(LOOK_SECONDS):
            left -= LOOK_SECONDS
            if self.process.poll() is not None:
                invocation.finish(failure("Runtime.ExitError", f"exit status {self.process.returncode}"), True)
            elif left <= 0:
                self.process.kill()
                invocation.finish(failure("Sandbox.Timedout", f"Task timed out after {seconds} seconds"), True)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.api.close()

    def get_address(self):
        return "127.0.0.1"

    def get_endpoint_from_executor(self):
        return "127.0.0.1"

    def get_runtime_endpoint(self):
        return f"http://{self.api.address}"

    def get_logs(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    @classmethod
    def prepare_version(cls, function_version):
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version):
        if function_version.config.code:
            function_version.config.code.destroy_cached()


def failure(kind, message):
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()
