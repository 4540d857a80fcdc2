"""A template made in moto, which keeps what is made and answers questions.

moto's own CloudFormation makes networks, groups, roles and logs. Of balancers,
services, scaling and which subnet has which routes it would keep half of what a
template says; those are made here by the calls that CloudFormation makes in AWS, with every property that the
template has. A property that no such call knows, or that moto refuses, fails.
"""

import ipaddress
import json
import re

import boto3
import cfnlint.decode.cfn_yaml

REGION = "eu-central-1"
ACCOUNT = "123456789012"
PSEUDO = {"AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
ELB, ECS, SCALING = "AWS::ElasticLoadBalancingV2::", "AWS::ECS::", "AWS::ApplicationAutoScaling::"
ROUTES, RECORD = "AWS::EC2::SubnetRouteTableAssociation", "AWS::Route53::RecordSet"


class Deployment:
    """One template with its parameters, deployed."""

    def __init__(self, path, parameters):
        document = cfnlint.decode.cfn_yaml.load(str(path))
        # Plain lists and objects, without the places that the decoder notes.
        self.document = json.loads(json.dumps(document))
        known = self.document["Parameters"].items()
        self.parameters = {name: str(about.get("Default", "")) for name, about in known} | parameters
        for name, about in known:
            if about["Type"] == "CommaDelimitedList":
                self.parameters[name] = self.parameters[name].split(",")
        self.references, self.attributes = {}, {}
        self.by_calls = {name: each for name, each in self.document["Resources"].items() if self.is_by_calls(each)}
        self.stack(path.stem)
        for name, each in self.by_calls.items():
            self.make(each["Type"], name, self.resolved(each["Properties"]))
        outputs = self.document.get("Outputs", {}).items()
        self.outputs = {name: self.resolved(each["Value"]) for name, each in outputs}

    @staticmethod
    def is_by_calls(resource):
        return resource["Type"].startswith((ELB, ECS, SCALING, ROUTES, RECORD))

    def stack(self, name):
        resources = {
            key: self.with_networks(each)
            for key, each in self.document["Resources"].items()
            if key not in self.by_calls
        }
        document = {key: each for key, each in self.document.items() if key != "Outputs"} | {"Resources": resources}
        given = {key: each if isinstance(each, str) else ",".join(each) for key, each in self.parameters.items()}
        client = boto3.client("cloudformation")
        client.create_stack(
            StackName=name, TemplateBody=json.dumps(document), Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
        )
        (made,) = client.describe_stacks(StackName=name)["Stacks"]
        if made["StackStatus"] != "CREATE_COMPLETE":
            raise AssertionError(made)
        for each in client.describe_stack_resources(StackName=name)["StackResources"]:
            if "LogicalResourceId" in each:
                self.references[each["LogicalResourceId"]] = each["PhysicalResourceId"]
        for key, each in resources.items():
            if each["Type"] == "AWS::IAM::Role" and key in self.references:
                role = boto3.client("iam").get_role(RoleName=self.references[key])["Role"]
                self.attributes[key, "Arn"] = role["Arn"]

    def with_networks(self, value):
        """`Fn::Cidr`, which moto does not know, worked out."""
        if isinstance(value, list):
            return [self.with_networks(each) for each in value]
        if not isinstance(value, dict):
            return value
        return self.resolved(value) if "Fn::Cidr" in value else {key: self.with_networks(each) for key, each in value.items()}

    def resolved(self, value):
        """The value with everything that CloudFormation fills in."""
        if isinstance(value, list):
            kept = [self.resolved(each) for each in value]
            return [each for each in kept if each is not None]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref":
                return self.referred(argument)
            if name == "Fn::GetAtt":
                return self.attributes[tuple(argument)]
            if name == "Fn::Sub":
                return self.substituted(argument)
            if name == "Fn::If":
                condition, then, otherwise = argument
                return self.resolved(then if self.holds(self.document["Conditions"][condition]) else otherwise)
            if name == "Fn::Join":
                separator, parts = argument
                return separator.join(self.resolved(parts))
            if name == "Fn::Cidr":
                block, count, bits = self.resolved(argument)
                subnets = ipaddress.ip_network(block).subnets(new_prefix=32 - int(bits))
                return [str(next(subnets)) for _ in range(int(count))]
            if name.startswith("Fn::"):
                raise AssertionError(f"not known here: {name}")
        found = {key: self.resolved(each) for key, each in value.items()}
        return {key: each for key, each in found.items() if each is not None}

    def referred(self, name):
        if name == "AWS::NoValue":
            return None
        for known in (PSEUDO, self.parameters, self.references):
            if name in known:
                return known[name]
        raise AssertionError(f"nothing is called {name}")

    def substituted(self, text):
        def value(found):
            name, _, attribute = found[1].partition(".")
            return str(self.attributes[name, attribute] if attribute else self.referred(name))

        return re.sub(r"\$\{([^!}]+)\}", value, text)

    def holds(self, condition):
        ((name, argument),) = condition.items()
        if name == "Fn::Not":
            return not self.holds(argument[0])
        if name == "Fn::Equals":
            first, second = self.resolved(argument)
            return first == second
        raise AssertionError(f"not known here: {name}")

    def make(self, kind, name, properties):
        make = {
            f"{ELB}LoadBalancer": self.balancer,
            f"{ELB}TargetGroup": self.targets,
            f"{ELB}Listener": self.listener,
            f"{ECS}TaskDefinition": self.task,
            f"{ECS}Service": self.service,
            f"{SCALING}ScalableTarget": self.scalable,
            f"{SCALING}ScalingPolicy": self.policy,
            ROUTES: self.routes,
            RECORD: self.record,
        }[kind]
        make(name, properties)

    def balancer(self, name, properties):
        attributes = properties.pop("LoadBalancerAttributes")
        (made,) = call("elbv2", "create_load_balancer", properties)["LoadBalancers"]
        arn = self.references[name] = made["LoadBalancerArn"]
        self.attributes[name, "DNSName"] = made["DNSName"]
        self.attributes[name, "CanonicalHostedZoneID"] = made["CanonicalHostedZoneId"]
        self.attributes[name, "LoadBalancerFullName"] = arn.split("loadbalancer/")[1]
        call("elbv2", "modify_load_balancer_attributes", {"LoadBalancerArn": arn, "Attributes": attributes})

    def targets(self, name, properties):
        attributes = properties.pop("TargetGroupAttributes")
        (made,) = call("elbv2", "create_target_group", properties)["TargetGroups"]
        arn = self.references[name] = made["TargetGroupArn"]
        self.attributes[name, "TargetGroupFullName"] = arn.split(":")[-1]
        call("elbv2", "modify_target_group_attributes", {"TargetGroupArn": arn, "Attributes": attributes})

    def listener(self, name, properties):
        (made,) = call("elbv2", "create_listener", properties)["Listeners"]
        self.references[name] = made["ListenerArn"]

    def task(self, name, properties):
        made = call("ecs", "register_task_definition", properties)["taskDefinition"]
        self.references[name] = made["taskDefinitionArn"]

    def service(self, name, properties):
        made = call("ecs", "create_service", properties)["service"]
        self.references[name] = made["serviceArn"]
        self.attributes[name, "Name"] = made["serviceName"]

    def scalable(self, name, properties):
        call("application-autoscaling", "register_scalable_target", properties)
        parts = ("ResourceId", "ScalableDimension", "ServiceNamespace")
        self.references[name] = "|".join(properties[part] for part in parts)

    def policy(self, name, properties):
        parts = ("ResourceId", "ScalableDimension", "ServiceNamespace")
        target = dict(zip(parts, properties.pop("ScalingTargetId").split("|")))
        made = call("application-autoscaling", "put_scaling_policy", properties | target)
        self.references[name] = made["PolicyARN"]

    def routes(self, name, properties):
        self.references[name] = call("ec2", "associate_route_table", properties)["AssociationId"]

    def record(self, name, properties):
        zone = properties.pop("HostedZoneId")
        target = properties["AliasTarget"] | {"EvaluateTargetHealth": False}
        change = {"Action": "CREATE", "ResourceRecordSet": properties | {"AliasTarget": target}}
        batch = {"HostedZoneId": zone, "ChangeBatch": {"Changes": [change]}}
        call("route53", "change_resource_record_sets", batch)
        self.references[name] = properties["Name"]


def call(service, operation, properties):
    """Calls with properties written as templates write them."""
    client = boto3.client(service)
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation])
    return getattr(client, operation)(**fitted(properties, model.input_shape))


def fitted(value, shape):
    """CloudFormation writes each name with a capital letter, and takes numbers
    as text and text as numbers; calls do not."""
    if shape.type_name == "structure":
        names = {name[0].upper() + name[1:]: name for name in shape.members}
        unknown = set(value) - set(names)
        if unknown:
            raise AssertionError(f"{shape.name} has no {unknown}")
        return {names[key]: fitted(each, shape.members[names[key]]) for key, each in value.items()}
    if shape.type_name == "list":
        return [fitted(each, shape.member) for each in value]
    if shape.type_name == "map":
        return {key: fitted(each, shape.value) for key, each in value.items()}
    if shape.type_name in ("integer", "long"):
        return int(value)
    if shape.type_name in ("double", "float"):
        return float(value)
    return str(value) if shape.type_name == "string" else value
