"""What emulators ignore, asserted on the templates.

Run by `scripts/cloud-checks` with the interpreter that has cfn-lint: its
decoder reads CloudFormation's short forms (`!Ref x` becomes {"Ref": x}).
"""

import fnmatch
import json
import pathlib
import re
import unittest

import cfnlint.decode.cfn_yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "infra" / "templates"
FUNCTIONS = ["Portal", "Admin", "Nodes", "Sweep", "Rotate"]


def template(name):
    return cfnlint.decode.cfn_yaml.load(str(FOLDER / f"{name}.yaml"))


def all_templates():
    paths = [ROOT / "infra" / "causeway.yaml", *sorted(FOLDER.glob("*.yaml"))]
    return {path.stem: cfnlint.decode.cfn_yaml.load(str(path)) for path in paths}


def resources(document, kind):
    found = document["Resources"].items()
    return {name: each["Properties"] for name, each in found if each["Type"] == kind}


def statements(role):
    for policy in role.get("Policies", []):
        for statement in policy["PolicyDocument"]["Statement"]:
            # Those that a condition leaves out.
            yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def as_list(value):
    return value if isinstance(value, list) else [value]


def texts(value):
    """Every text in a document, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


class Table(unittest.TestCase):
    def setUp(self):
        self.resource = template("table")["Resources"]["Table"]
        self.table = self.resource["Properties"]

    def test_keys_index_and_time_to_live_are_those_of_the_code(self):
        code = (ROOT / "crates/table/src/key.rs").read_text()
        schema = (ROOT / "crates/table/src/engine/schema.rs").read_text()

        def constant(name):
            return re.search(rf'const {name}: &str = "([^"]+)"', code).group(1)

        pk, sk, index_pk, index_sk = map(constant, ["PK", "SK", "GSI1_PK", "GSI1_SK"])
        self.assertEqual(
            self.table["KeySchema"],
            [{"AttributeName": pk, "KeyType": "HASH"}, {"AttributeName": sk, "KeyType": "RANGE"}],
        )
        (index,) = self.table["GlobalSecondaryIndexes"]
        self.assertEqual(schema.count(".global_secondary_indexes("), 1)
        self.assertEqual(index["IndexName"], constant("GSI1"))
        self.assertEqual(
            index["KeySchema"],
            [{"AttributeName": index_pk, "KeyType": "HASH"}, {"AttributeName": index_sk, "KeyType": "RANGE"}],
        )
        self.assertIn("ProjectionType::KeysOnly", schema)
        self.assertEqual(index["Projection"], {"ProjectionType": "KEYS_ONLY"})
        self.assertEqual(
            {each["AttributeName"]: each["AttributeType"] for each in self.table["AttributeDefinitions"]},
            {pk: "S", sk: "S", index_pk: "S", index_sk: "S"},
        )
        self.assertEqual(
            self.table["TimeToLiveSpecification"], {"AttributeName": constant("TTL"), "Enabled": True}
        )
        self.assertIn("BillingMode::PayPerRequest", schema)
        self.assertEqual(self.table["BillingMode"], "PAY_PER_REQUEST")

    def test_it_can_be_restored_and_is_not_lost_with_the_stack(self):
        self.assertTrue(self.table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"])
        self.assertEqual(self.resource["DeletionPolicy"], "Retain")
        self.assertEqual(self.resource["UpdateReplacePolicy"], "Retain")
        self.assertEqual(self.table["DeletionProtectionEnabled"], {"Ref": "DeletionProtection"})
        self.assertEqual(template("table")["Parameters"]["DeletionProtection"]["Default"], "true")

    def test_it_is_encrypted_with_a_customers_key(self):
        self.assertEqual(
            self.table["SSESpecification"],
            {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": {"Ref": "KeyArn"}},
        )


class Keys(unittest.TestCase):
    def setUp(self):
        self.document = template("keys")

    def test_keys_rotate_outlive_the_stack_and_are_nobody_elses(self):
        keys = resources(self.document, "AWS::KMS::Key")
        self.assertEqual(set(keys), {"TableKey", "DataKey"})
        for name, key in keys.items():
            self.assertTrue(key["EnableKeyRotation"], name)
            self.assertEqual(self.document["Resources"][name]["DeletionPolicy"], "Retain")
            for statement in key["KeyPolicy"]["Statement"]:
                who = statement["Principal"]
                if "AWS" in who:
                    self.assertTrue(who["AWS"]["Fn::Sub"].endswith("${AWS::AccountId}:root"), name)
                else:
                    # A service may use it for this deployment alone.
                    self.assertIn("Condition", statement, name)
                    self.assertNotIn("kms:*", as_list(statement["Action"]), name)

    def test_secrets_are_drawn_where_they_are_kept(self):
        secrets = resources(self.document, "AWS::SecretsManager::Secret")
        self.assertEqual(set(secrets), {"SigningKeys", "AdministratorPassword", "OriginSecret"})
        for name, secret in secrets.items():
            self.assertNotIn("SecretString", secret, name)
            self.assertGreaterEqual(secret["GenerateSecretString"]["PasswordLength"], 32, name)
            self.assertEqual(secret["KmsKeyId"], {"Fn::GetAtt": ["DataKey", "Arn"]}, name)

    def test_signing_keys_are_rotated(self):
        schedule = template("functions")["Resources"]["Rotation"]["Properties"]
        self.assertTrue(schedule["RotateImmediatelyOnUpdate"])
        self.assertEqual(schedule["RotationRules"], {"AutomaticallyAfterDays": {"Ref": "RotationDays"}})


class Rights(unittest.TestCase):
    def setUp(self):
        self.roles = resources(template("roles"), "AWS::IAM::Role")

    def test_each_function_has_a_role_of_its_own(self):
        self.assertEqual(set(self.roles), set(FUNCTIONS))
        functions = resources(template("functions"), "AWS::Lambda::Function")
        for name in FUNCTIONS:
            self.assertEqual(functions[name]["Role"], {"Ref": f"{name}RoleArn"})

    def test_no_right_is_wider_than_its_name(self):
        for document, each in all_templates().items():
            for name, role in resources(each, "AWS::IAM::Role").items():
                for statement in statements(role):
                    where = f"{document}: {name}: {statement.get('Sid')}"
                    for action in as_list(statement["Action"]):
                        self.assertNotIn("*", action, where)
                    self.assertNotIn("NotAction", statement, where)
                    self.assertNotIn("NotResource", statement, where)
                    for resource in as_list(statement["Resource"]):
                        self.assertNotEqual(resource, "*", where)
                for managed in role.get("ManagedPolicyArns", []):
                    # What ECS itself needs to start a container.
                    self.assertIn("AmazonECSTaskExecutionRolePolicy", managed["Fn::Sub"])

    def rights(self, function):
        found = set()
        for statement in statements(self.roles[function]):
            if statement["Effect"] == "Allow":
                found.update(as_list(statement["Action"]))
        return found

    def test_rights_differ_where_the_work_does(self):
        self.assertNotIn("kms:GenerateDataKey", self.rights("Nodes"), "nodes seal nothing")
        self.assertFalse(any(right.startswith("dynamodb:") for right in self.rights("Rotate")))
        for reader in ["Portal", "Admin", "Nodes", "Sweep"]:
            self.assertNotIn("secretsmanager:PutSecretValue", self.rights(reader))
        for name in FUNCTIONS:
            self.assertNotIn("dynamodb:Scan", self.rights(name))
            self.assertNotIn("dynamodb:DeleteTable", self.rights(name))

    def sealing(self, function):
        return [each for each in statements(self.roles[function]) if each["Sid"] == "DataKeys"]

    def test_the_sweep_opens_nothing_that_is_sealed(self):
        self.assertEqual(self.sealing("Sweep"), [])

    def test_data_keys_are_bound_to_the_table(self):
        for name in ["Portal", "Admin", "Nodes"]:
            (statement,) = self.sealing(name)
            context = "kms:EncryptionContext:causeway:table"
            self.assertEqual(list(statement["Condition"]), ["StringEquals"])
            self.assertEqual(list(statement["Condition"]["StringEquals"]), [context])

    def test_secrets_and_the_table_at_rest_are_opened_by_their_services_alone(self):
        for name, role in self.roles.items():
            for statement in statements(role):
                if statement["Sid"] in ("SecretsAtRest", "TableAtRest"):
                    self.assertIn("kms:ViaService", statement["Condition"]["StringEquals"], name)

    def test_only_the_admin_function_reads_the_first_password(self):
        for name, role in self.roles.items():
            reads = {"Ref": "AdministratorPasswordArn"} in [
                resource for each in statements(role) for resource in as_list(each["Resource"])
            ]
            self.assertEqual(reads, name == "Admin", name)

    def test_each_writes_its_own_partitions_alone(self):
        never = {
            "Portal": ["NAME#", "PROVIDER#", "EDGE#", "ENROLMENT#", "EPOCH"],
            "Nodes": ["USERNAME#", "EMAIL#", "IDENTITY#", "SOURCE_SESSION#", "ONCE#", "APPROVAL#", "DATA_KEY"],
            "Sweep": [
                "USERNAME#", "EMAIL#", "IDENTITY#", "SOURCE_SESSION#", "RATE#", "ONCE#", "APPROVAL#", "DATA_KEY",
            ],
        }
        for name, others in never.items():
            (write,) = [each for each in statements(self.roles[name]) if each["Sid"] == "Write"]
            patterns = write["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
            for other in others:
                key = f"{other}x"
                self.assertFalse(any(fnmatch.fnmatchcase(key, pattern) for pattern in patterns), f"{name}: {key}")


class Functions(unittest.TestCase):
    def setUp(self):
        self.document = template("functions")
        self.functions = resources(self.document, "AWS::Lambda::Function")

    def test_nothing_in_an_environment_is_secret(self):
        allowed = {
            "CAUSEWAY_TABLE", "CAUSEWAY_PUBLIC_URL", "CAUSEWAY_DATA_KEY", "CAUSEWAY_SIGNING_KEYS", "CAUSEWAY_LOG",
            "CAUSEWAY_ORIGIN_SECRET", "CAUSEWAY_ADMIN_PASSWORD_SECRET", "CAUSEWAY_MEMBER_ROLES",
            "OTEL_EXPORTER_OTLP_ENDPOINT",
        }
        for name, function in self.functions.items():
            variables = function["Environment"]["Variables"]
            self.assertLessEqual(set(variables), allowed, name)
            for variable, value in variables.items():
                self.assertNotIn("resolve:", str(value), f"{name}: {variable}")

    def test_each_is_told_of_the_keys_and_secrets_that_its_role_may_use(self):
        names = {
            "CAUSEWAY_DATA_KEY": ("DataKeys", "DataKeyArn"),
            "CAUSEWAY_SIGNING_KEYS": ("Secrets", "SigningKeysArn"),
            "CAUSEWAY_ORIGIN_SECRET": ("Secrets", "OriginSecretArn"),
            "CAUSEWAY_ADMIN_PASSWORD_SECRET": ("Secrets", "AdministratorPasswordArn"),
        }
        roles = resources(template("roles"), "AWS::IAM::Role")
        for name, function in self.functions.items():
            for variable, (statement, parameter) in names.items():
                rights = [each for each in statements(roles[name]) if each["Sid"] == statement]
                may = any({"Ref": parameter} in as_list(each["Resource"]) for each in rights)
                told = variable in function["Environment"]["Variables"]
                self.assertEqual(told, may, f"{name}: {variable}")

    def test_each_has_a_log_with_an_end(self):
        logs = resources(self.document, "AWS::Logs::LogGroup")
        for name in FUNCTIONS:
            log = logs[f"{name}Log"]
            self.assertEqual(log["RetentionInDays"], {"Ref": "LogDays"})
            self.assertEqual(log["KmsKeyId"], {"Ref": "LogKeyArn"})
            self.assertEqual(log["LogGroupName"]["Fn::Sub"], f"/aws/lambda/{self.functions[name]['FunctionName']['Fn::Sub']}")

    def test_only_members_call_a_function_url(self):
        for name in ["Portal", "Admin"]:
            self.assertEqual(self.document["Resources"][f"{name}Url"]["Condition"], "AllUrls")
        self.assertNotIn("Condition", self.document["Resources"]["NodesUrl"])
        # CORS is nobody's: pages and API have one origin, members are no pages.
        for url in resources(self.document, "AWS::Lambda::Url").values():
            self.assertNotIn("Cors", url)

    def test_each_may_be_called_by_what_calls_it(self):
        for document in [self.document, template("api")]:
            for name, permission in resources(document, "AWS::Lambda::Permission").items():
                if permission["Principal"] != "*":
                    self.assertIn("SourceArn", permission, name)


class Api(unittest.TestCase):
    def setUp(self):
        self.document = template("api")

    def test_it_is_throttled_and_logged_without_credentials(self):
        (stage,) = resources(self.document, "AWS::ApiGatewayV2::Stage").values()
        settings = stage["DefaultRouteSettings"]
        self.assertEqual(settings["ThrottlingRateLimit"], {"Ref": "RequestsPerSecond"})
        self.assertEqual(settings["ThrottlingBurstLimit"], {"Ref": "RequestBurst"})
        line = stage["AccessLogSettings"]["Format"]
        for word in ["header", "querystring", "body", "authorizer"]:
            self.assertNotIn(word, line.lower())

    def test_no_origin_but_the_portals_own(self):
        (api,) = resources(self.document, "AWS::ApiGatewayV2::Api").values()
        self.assertNotIn("CorsConfiguration", api)

    def test_every_path_of_the_document_has_a_function(self):
        keys = [route["RouteKey"] for route in resources(self.document, "AWS::ApiGatewayV2::Route").values()]
        document = json.loads((ROOT / "functions/openapi.json").read_text())
        for path, methods in document["paths"].items():
            for method in methods:
                self.assertTrue(any(self.takes(key, method, path) for key in keys), f"{method} {path}")

    @staticmethod
    def takes(key, method, path):
        route_method, route_path = key.split(" ")
        pattern = re.escape(route_path).replace(r"\{proxy\+\}", ".+")
        return route_method in ("ANY", method.upper()) and re.fullmatch(pattern, path)


class Web(unittest.TestCase):
    def setUp(self):
        self.document = template("web")

    def test_buckets_are_private_encrypted_and_tidy(self):
        for name, bucket in resources(self.document, "AWS::S3::Bucket").items():
            self.assertTrue(all(bucket["PublicAccessBlockConfiguration"].values()), name)
            self.assertEqual(len(bucket["PublicAccessBlockConfiguration"]), 4, name)
            self.assertIn("BucketEncryption", bucket, name)
            rules = {rule["Id"] for rule in bucket["LifecycleConfiguration"]["Rules"] if rule["Status"] == "Enabled"}
            self.assertIn("broken-uploads", rules, name)
            self.assertTrue(rules & {"expire", "replaced-files"}, name)

    def test_only_the_distribution_reads_the_files(self):
        policy = resources(self.document, "AWS::S3::BucketPolicy")["FilesPolicy"]["PolicyDocument"]
        (allow,) = [each for each in policy["Statement"] if each["Effect"] == "Allow"]
        self.assertEqual(allow["Principal"], {"Service": "cloudfront.amazonaws.com"})
        self.assertEqual(allow["Action"], "s3:GetObject")
        self.assertIn("aws:SourceArn", allow["Condition"]["StringEquals"])

    def test_security_headers_are_those_of_the_program(self):
        code = (ROOT / "causeway/src/web/headers.rs").read_text()
        code = re.sub(r"\\\n\s*", "", code)
        (policy,) = resources(self.document, "AWS::CloudFront::ResponseHeadersPolicy").values()
        config = policy["ResponseHeadersPolicyConfig"]
        security = config["SecurityHeadersConfig"]
        content = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"][0]
        ours = content.replace("${Edges}", "{edges}")
        self.assertIn(f'"{ours}"', code)
        self.assertIn(f'"{security["ReferrerPolicy"]["ReferrerPolicy"]}"', code)
        self.assertIn(f'max-age={security["StrictTransportSecurity"]["AccessControlMaxAgeSec"]}"', code)
        for header in config["CustomHeadersConfig"]["Items"]:
            self.assertIn(f'"{header["Header"]}"', code)
            self.assertIn(f'"{header["Value"].strip()}"', code)

    def test_the_api_is_never_cached_and_knows_the_front_door(self):
        (distribution,) = resources(self.document, "AWS::CloudFront::Distribution").values()
        config = distribution["DistributionConfig"]
        disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
        for behavior in config["CacheBehaviors"]:
            self.assertEqual(behavior["CachePolicyId"], disabled, behavior["PathPattern"])
        (api,) = [origin for origin in config["Origins"] if origin["Id"] == "api"]
        (header,) = api["OriginCustomHeaders"]
        self.assertEqual(header["HeaderName"], "x-causeway-origin")
        self.assertIn("{{resolve:secretsmanager:", str(header["HeaderValue"]))

    def test_pages_of_the_application_are_those_of_the_program(self):
        code = (ROOT / "causeway/src/web/assets.rs").read_text()
        (line,) = re.findall(r"const NOT_PAGES: .*= \[(.*)\];", code)
        folders = ["assets" if part == "HASHED" else part.strip('"/') for part in line.split(", ")]
        function = self.document["Resources"]["Pages"]["Properties"]["FunctionCode"]
        for folder in folders:
            self.assertIn(folder.replace(".", "\\."), function)


class Fleet(unittest.TestCase):
    def containers(self):
        for name in ["edge", "outpost"]:
            for task in resources(template(name), "AWS::ECS::TaskDefinition").values():
                for container in task["ContainerDefinitions"]:
                    yield name, container

    def test_containers_are_bare(self):
        for name, container in self.containers():
            self.assertTrue(container["ReadonlyRootFilesystem"], name)
            self.assertEqual(container["User"], "65532:65532", name)
            self.assertNotIn("Privileged", container, name)
            self.assertNotIn("Secrets", container, name)
            variables = {each["Name"]: each["Value"] for each in container["Environment"] if "Name" in each}
            self.assertEqual(variables["CAUSEWAY_JOIN_AWS"], "true", name)
            self.assertFalse({"CAUSEWAY_JOIN_TOKEN", "CAUSEWAY_TOKEN"} & set(variables), name)
            # What drains gets the time for it.
            self.assertGreater(container["StopTimeout"], int(variables["CAUSEWAY_DRAIN_SECONDS"]), name)

    def test_traces_are_sent_when_a_collector_is_named_alone(self):
        endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
        wanted = {"Fn::If": ["Traced", {"Ref": "TraceEndpoint"}, {"Ref": "AWS::NoValue"}]}
        functions = resources(template("functions"), "AWS::Lambda::Function")
        for name in ["Portal", "Admin", "Nodes"]:
            self.assertEqual(functions[name]["Environment"]["Variables"][endpoint], wanted, name)
        variable = {"Name": endpoint, "Value": {"Ref": "TraceEndpoint"}}
        for name, container in self.containers():
            conditional = [each["Fn::If"] for each in container["Environment"] if "Fn::If" in each]
            self.assertEqual(conditional, [["Traced", variable, {"Ref": "AWS::NoValue"}]], name)
        parameter = all_templates()["causeway"]["Parameters"]["TraceEndpoint"]
        self.assertEqual(parameter["Default"], "")
        allowed = re.compile(parameter["AllowedPattern"])
        for good in ["", "https://collector.example", "https://c.example:443/otlp/v1"]:
            self.assertTrue(allowed.search(good), good)
        # No other port is open, and what a URL may hide would be shown with the parameters.
        for bad in ["http://c.example", "https://c.example:4318", "https://user:key@c.example", "https://c.example/?key=1"]:
            self.assertFalse(allowed.search(bad), bad)

    def test_nodes_open_no_port(self):
        document = template("outpost")
        (group,) = resources(document, "AWS::EC2::SecurityGroup").values()
        self.assertNotIn("SecurityGroupIngress", group)
        (service,) = resources(document, "AWS::ECS::Service").values()
        network = service["NetworkConfiguration"]["AwsvpcConfiguration"]
        self.assertEqual(network["AssignPublicIp"], "DISABLED")
        ((_, container),) = [pair for pair in self.containers() if pair[0] == "outpost"]
        self.assertNotIn("PortMappings", container)

    def test_a_node_protects_tasks_of_its_cluster_and_may_do_nothing_else(self):
        (statement,) = statements(resources(template("outpost"), "AWS::IAM::Role")["TaskRole"])
        self.assertEqual(statement["Action"], "ecs:UpdateTaskProtection")
        self.assertTrue(statement["Resource"]["Fn::Sub"].endswith(":task/${Cluster}/*"), statement)
        self.assertEqual(list(statements(resources(template("edge"), "AWS::IAM::Role")["TaskRole"])), [])

    def test_private_subnets_have_a_way_out_only(self):
        document = template("network")
        for name, subnet in resources(document, "AWS::EC2::Subnet").items():
            self.assertNotIn("MapPublicIpOnLaunch", subnet, name)
        for name, route in resources(document, "AWS::EC2::Route").items():
            self.assertEqual("NatGatewayId" in route, name.startswith("Private"), name)

    def test_edges_are_replaced_before_they_go(self):
        for name in ["edge", "outpost"]:
            (service,) = resources(template(name), "AWS::ECS::Service").values()
            self.assertEqual(service["DeploymentConfiguration"]["MinimumHealthyPercent"], 100, name)
            self.assertTrue(service["DeploymentConfiguration"]["DeploymentCircuitBreaker"]["Rollback"], name)


class Whole(unittest.TestCase):
    def test_no_template_holds_a_secret(self):
        shapes = re.compile(r"AKIA[0-9A-Z]{16}|-----BEGIN|[A-Za-z0-9+/]{60,}={0,2}$")
        for name, document in all_templates().items():
            for text in texts(document):
                for word in text.split():
                    self.assertIsNone(shapes.search(word), f"{name}: {word}")

    def test_parameters_are_described(self):
        for name, document in all_templates().items():
            for parameter, about in document.get("Parameters", {}).items():
                self.assertTrue(about.get("Description"), f"{name}: {parameter}")

    def test_alarms_lead_to_a_section_of_the_runbook(self):
        runbook = (ROOT / "docs/operations.md").read_text()
        alarms = resources(template("observability"), "AWS::CloudWatch::Alarm")
        for name, alarm in alarms.items():
            (section,) = re.findall(r'docs/operations\.md, "([^"]+)"', alarm["AlarmDescription"])
            self.assertIn(f"## {section}\n", runbook, name)
            self.assertEqual(alarm["AlarmActions"], [{"Ref": "Alarms"}], name)

    def test_every_suppression_says_why(self):
        for name, document in all_templates().items():
            for resource, each in document["Resources"].items():
                for skip in each.get("Metadata", {}).get("checkov", {}).get("skip", []):
                    self.assertGreater(len(skip.get("comment", "")), 10, f"{name}: {resource}: {skip}")
                    self.assertEqual(set(skip), {"id", "comment"}, f"{name}: {resource}: {skip}")


if __name__ == "__main__":
    unittest.main()
