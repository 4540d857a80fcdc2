"""What compose.yaml promises, where no container engine can be asked."""

import pathlib
import re
import unittest

import yaml

HERE = pathlib.Path(__file__).resolve().parent
SERVICES = yaml.safe_load((HERE / "compose.yaml").read_text())["services"]


def text(name):
    return (HERE / name).read_text()


class Compose(unittest.TestCase):
    def test_each_service_is_an_emulator_that_the_container_script_starts(self):
        for name, service in SERVICES.items():
            self.assertEqual(service["profiles"], [name])
            started = service.get("entrypoint") or service.get("command")
            self.assertEqual(started, ["/repository/localstack/in-container", name])
            self.assertIn(f"\n    {name})\n", text("in-container"))

    def test_images_are_pinned_to_a_version(self):
        for service in SERVICES.values():
            self.assertRegex(service["image"], r"^[a-z.]+/[a-z/]+:\d+\.\d+")

    def test_only_this_machine_reaches_them(self):
        for service in SERVICES.values():
            self.assertEqual(service["ports"], ["127.0.0.1:4566:4566"])

    def test_the_repository_is_read_only_and_the_engine_is_out_of_reach(self):
        for service in SERVICES.values():
            mounts = service["volumes"]
            self.assertIn("..:/repository:ro", mounts)
            self.assertFalse([mount for mount in mounts if "docker.sock" in mount])
            self.assertNotIn("privileged", service)

    def test_somebody_can_wait_for_them(self):
        for service in SERVICES.values():
            self.assertIn("/_localstack/health", service["healthcheck"]["test"][-1])

    def test_versions_are_those_that_are_tested(self):
        for pin in re.findall(r"[a-z]+==[\d.]+", text("in-container")):
            self.assertIn(pin, text("install"))
        version = SERVICES["localstack"]["image"].rsplit(":", 1)[1]
        self.assertIn(f"localstack-core=={version}\n", text("host/requirements.txt"))


if __name__ == "__main__":
    unittest.main()
