"""The network, the edges and the outposts, deployed to moto: what is asked here
is what would be there, not what the templates say. See `deployment`.

Run by `scripts/cloud-checks`; nothing listens and nothing runs.
"""

import ast
import datetime
import os
import unittest

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true",
}
os.environ.update(ENVIRONMENT)
for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
    os.environ.pop(name, None)

import boto3  # noqa: E402
from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402
from moto import mock_aws  # noqa: E402

from deployment import Deployment  # noqa: E402
from templates import FOLDER  # noqa: E402

NAME = "causeway"
CIDR = "10.71.0.0/16"


def setUpModule():
    mock = mock_aws()
    mock.start()
    unittest.addModuleCleanup(mock.stop)
    global NETWORK, EDGE, OUTPOST, ZONE, CERTIFICATE
    key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    boto3.client("ecs").create_cluster(clusterName=NAME)
    zone = boto3.client("route53").create_hosted_zone(Name="example.com", CallerReference="one")
    ZONE = zone["HostedZone"]["Id"].split("/")[-1]
    CERTIFICATE = imported_certificate()
    NETWORK = Deployment(FOLDER / "network.yaml", {"Name": NAME, "Cidr": CIDR, "LogKeyArn": key}).outputs
    common = {
        "Name": NAME, "VpcId": NETWORK["VpcId"], "Cluster": NAME, "Image": "registry.example/causeway:1",
        "LogKeyArn": key, "ControlPlaneUrl": "https://abc.lambda-url.eu-central-1.on.aws",
        "PublicUrl": "https://causeway.example.com",
    }
    of_edge = {
        "Subnets": NETWORK["PublicSubnets"], "Cidr": CIDR, "Domain": "edge.example.com",
        "CertificateArn": CERTIFICATE, "HostedZoneId": ZONE,
    }
    EDGE = Deployment(FOLDER / "edge.yaml", common | of_edge).outputs
    OUTPOST = Deployment(FOLDER / "outpost.yaml", common | {"Subnets": NETWORK["PrivateSubnets"]}).outputs


def imported_certificate():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "edge.example.com")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    certificate = made.sign(key, hashes.SHA256()).public_bytes(pem)
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    imported = boto3.client("acm").import_certificate(Certificate=certificate, PrivateKey=private)
    return imported["CertificateArn"]


class Network(unittest.TestCase):
    def setUp(self):
        self.ec2 = boto3.client("ec2")
        self.of_ours = [{"Name": "vpc-id", "Values": [NETWORK["VpcId"]]}]

    def routes(self, subnets):
        """The ways out of some subnets, one route table after another."""
        found = []
        for subnet in subnets.split(","):
            filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
            (table,) = self.ec2.describe_route_tables(Filters=filters)["RouteTables"]
            (out,) = [route for route in table["Routes"] if route.get("DestinationCidrBlock") == "0.0.0.0/0"]
            found.append(out)
        return found

    def test_four_subnets_share_the_network_in_two_zones(self):
        subnets = self.ec2.describe_subnets(Filters=self.of_ours)["Subnets"]
        blocks = sorted(subnet["CidrBlock"] for subnet in subnets)
        self.assertEqual(blocks, ["10.71.0.0/20", "10.71.16.0/20", "10.71.32.0/20", "10.71.48.0/20"])
        for kind in ["PublicSubnets", "PrivateSubnets"]:
            ids = NETWORK[kind].split(",")
            zones = {subnet["AvailabilityZone"] for subnet in subnets if subnet["SubnetId"] in ids}
            self.assertEqual(len(zones), 2, kind)

    def test_only_public_subnets_can_be_reached_from_outside(self):
        for route in self.routes(NETWORK["PublicSubnets"]):
            self.assertTrue(route["GatewayId"].startswith("igw-"), route)
        for route in self.routes(NETWORK["PrivateSubnets"]):
            self.assertTrue(route["NatGatewayId"].startswith("nat-"), route)
            self.assertFalse(route.get("GatewayId"), route)
        (gateway,) = self.ec2.describe_nat_gateways(Filters=self.of_ours)["NatGateways"]
        self.assertIn(gateway["SubnetId"], NETWORK["PublicSubnets"].split(","))

    def test_who_was_refused_is_logged(self):
        (log,) = self.ec2.describe_flow_logs()["FlowLogs"]
        wanted = (NETWORK["VpcId"], "REJECT", f"/{NAME}/network")
        self.assertEqual((log["ResourceId"], log["TrafficType"], log["LogGroupName"]), wanted)


class Groups(unittest.TestCase):
    def group(self, service):
        (found,) = boto3.client("ecs").describe_services(cluster=NAME, services=[service])["services"]
        (group,) = found["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"]
        (group,) = boto3.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
        return group

    def test_nobody_dials_a_node(self):
        self.assertEqual(self.group(OUTPOST["ServiceName"])["IpPermissions"], [])

    def test_an_edge_is_dialled_by_nodes_and_by_the_balancer(self):
        ports = {}
        for rule in self.group(EDGE["ServiceName"])["IpPermissions"]:
            sources = [each["CidrIp"] for each in rule["IpRanges"]]
            sources += [each["GroupId"] for each in rule["UserIdGroupPairs"]]
            ports[rule["IpProtocol"], rule["FromPort"], rule["ToPort"]] = sources
        (balancer,) = boto3.client("elbv2").describe_load_balancers()["LoadBalancers"]
        self.assertEqual(ports, {("tcp", 8443, 8443): balancer["SecurityGroups"], ("udp", 443, 443): ["0.0.0.0/0"]})


class Balancer(unittest.TestCase):
    def setUp(self):
        self.client = boto3.client("elbv2")
        (self.balancer,) = self.client.describe_load_balancers()["LoadBalancers"]
        (self.targets,) = self.client.describe_target_groups()["TargetGroups"]

    def test_it_is_a_network_balancer_in_the_public_subnets(self):
        self.assertEqual((self.balancer["Type"], self.balancer["Scheme"]), ("network", "internet-facing"))
        subnets = {zone["SubnetId"] for zone in self.balancer["AvailabilityZones"]}
        self.assertEqual(subnets, set(NETWORK["PublicSubnets"].split(",")))

    def test_browsers_come_by_tls_and_are_passed_on_to_edges(self):
        (listener,) = self.client.describe_listeners(LoadBalancerArn=self.balancer["LoadBalancerArn"])["Listeners"]
        self.assertEqual((listener["Protocol"], listener["Port"]), ("TLS", 443))
        self.assertEqual([each["CertificateArn"] for each in listener["Certificates"]], [CERTIFICATE])
        self.assertEqual(listener["AlpnPolicy"], ["HTTP1Only"])
        self.assertIn("TLS13", listener["SslPolicy"])
        (action,) = listener["DefaultActions"]
        self.assertEqual((action["Type"], action["TargetGroupArn"]), ("forward", self.targets["TargetGroupArn"]))

    def test_edges_are_asked_whether_they_are_ready(self):
        found = {key: self.targets[key] for key in ("Protocol", "Port", "TargetType", "VpcId", "HealthCheckPath")}
        self.assertEqual(found, {
            "Protocol": "TCP", "Port": 8443, "TargetType": "ip", "VpcId": NETWORK["VpcId"], "HealthCheckPath": "/readyz",
        })
        self.assertEqual(self.targets["HealthCheckProtocol"], "HTTP")

    def test_an_edge_that_goes_keeps_its_browsers_for_a_while(self):
        arn = self.targets["TargetGroupArn"]
        kept = self.client.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
        kept = {each["Key"]: each["Value"] for each in kept}
        self.assertEqual(kept["deregistration_delay.timeout_seconds"], "120")
        self.assertEqual(kept["deregistration_delay.connection_termination.enabled"], "false")

    def test_the_name_leads_to_it(self):
        records = boto3.client("route53").list_resource_record_sets(HostedZoneId=ZONE)["ResourceRecordSets"]
        (record,) = [each for each in records if each["Name"].rstrip(".") == "edge.example.com"]
        self.assertEqual(record["AliasTarget"]["DNSName"].rstrip("."), self.balancer["DNSName"])


class Services(unittest.TestCase):
    def service(self, outputs):
        (found,) = boto3.client("ecs").describe_services(cluster=NAME, services=[outputs["ServiceName"]])["services"]
        return found

    def container(self, outputs):
        task = self.service(outputs)["taskDefinition"]
        task = boto3.client("ecs").describe_task_definition(taskDefinition=task)["taskDefinition"]
        (container,) = task["containerDefinitions"]
        return task, container

    def test_they_run_on_fargate_where_they_belong(self):
        for outputs, subnets, address in [
            (EDGE, "PublicSubnets", "ENABLED"), (OUTPOST, "PrivateSubnets", "DISABLED"),
        ]:
            service = self.service(outputs)
            self.assertEqual((service["launchType"], service["desiredCount"]), ("FARGATE", 2))
            network = service["networkConfiguration"]["awsvpcConfiguration"]
            self.assertEqual(network["subnets"], NETWORK[subnets].split(","))
            self.assertEqual(network["assignPublicIp"], address)

    def test_edges_are_the_balancers_targets(self):
        (targets,) = boto3.client("elbv2").describe_target_groups()["TargetGroups"]
        (balancer,) = self.service(EDGE)["loadBalancers"]
        wanted = {"containerName": "edge", "containerPort": 8443, "targetGroupArn": targets["TargetGroupArn"]}
        self.assertEqual(balancer, wanted)
        _, container = self.container(EDGE)
        ports = {(each["containerPort"], each["protocol"]) for each in container["portMappings"]}
        self.assertEqual(ports, {(8443, "tcp"), (443, "udp")})

    def test_containers_are_told_where_the_control_plane_is_and_join_by_their_role(self):
        for outputs, variable in [(EDGE, "CAUSEWAY_CONTROL_PLANE"), (OUTPOST, "CAUSEWAY_JOIN")]:
            task, container = self.container(outputs)
            told = {each["name"]: each["value"] for each in container["environment"]}
            self.assertEqual(told[variable], "https://abc.lambda-url.eu-central-1.on.aws")
            self.assertEqual(told["CAUSEWAY_JOIN_AUDIENCE"], "https://causeway.example.com")
            self.assertEqual(told["CAUSEWAY_JOIN_REGION"], "eu-central-1")
            role = boto3.client("iam").get_role(RoleName=outputs["ServiceName"])["Role"]
            self.assertEqual(task["taskRoleArn"], role["Arn"])
            self.assertEqual(task["networkMode"], "awsvpc")

    def test_nodes_may_protect_tasks_of_this_cluster(self):
        policy = boto3.client("iam").get_role_policy(RoleName=OUTPOST["ServiceName"], PolicyName="outpost")
        # moto answers with the document as Python writes it.
        (statement,) = ast.literal_eval(str(policy["PolicyDocument"]))["Statement"]
        self.assertEqual(statement["Resource"], f"arn:aws:ecs:eu-central-1:123456789012:task/{NAME}/*")


class Scaling(unittest.TestCase):
    def test_services_grow_with_their_load(self):
        client = boto3.client("application-autoscaling")
        targets = client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
        bounds = {each["ResourceId"]: (each["MinCapacity"], each["MaxCapacity"]) for each in targets}
        edge, outpost = f"service/{NAME}/{EDGE['ServiceName']}", f"service/{NAME}/{OUTPOST['ServiceName']}"
        self.assertEqual(bounds, {edge: (2, 10), outpost: (2, 20)})
        policies = client.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
        tracked = {each["ResourceId"]: each["TargetTrackingScalingPolicyConfiguration"] for each in policies}
        self.assertEqual(tracked[edge]["TargetValue"], 50)
        metric = tracked[edge]["PredefinedMetricSpecification"]["PredefinedMetricType"]
        self.assertEqual(metric, "ECSServiceAverageCPUUtilization")
        metric = tracked[outpost]["CustomizedMetricSpecification"]
        self.assertEqual((metric["Namespace"], metric["MetricName"]), ("Causeway", "LoadPercent"))
        self.assertEqual(metric["Dimensions"], [{"Name": "Outpost", "Value": "default"}])


if __name__ == "__main__":
    unittest.main()
