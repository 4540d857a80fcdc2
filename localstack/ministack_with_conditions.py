"""Runs ministack with two condition keys that it does not know by itself.

The roles of infra/templates/roles.yaml say which partitions of the table a
function may write (`dynamodb:LeadingKeys`) and which data keys it may use
(`kms:EncryptionContext:*`). ministack enforces roles but leaves those keys out
of what it asks the policies, so that such conditions would not be tested. Here
they are put in. Nothing else of it is changed.

With CAUSEWAY_DECISIONS=FILE, what every role was allowed and refused is written
there: a line of JSON each, with the role, the action, the resource, what the
policies were asked besides, and the statement that allowed it.

It reaches into ministack's own modules, so the version is pinned and checked.
"""

import importlib.metadata
import json
import os
import threading

VERSION = "1.5.33"
PARTITION_KEY = "pk"

found = importlib.metadata.version("ministack")
if found != VERSION:
    raise SystemExit(f"this launcher is for ministack {VERSION}, found {found}: run localstack/install ministack")

from ministack.core import iam_actions, iam_evaluator  # noqa: E402


class Checked(str):
    """The ARN that a check is about, with what else the policies are asked."""

    context: dict


def checked(arn, context):
    result = Checked(arn)
    result.context = context
    return result


def document(body):
    try:
        value = json.loads(body or b"{}")
    except (ValueError, TypeError):
        return {}
    return value if isinstance(value, dict) else {}


def leading_keys(write):
    """The partition that a write of one item names."""
    key = write.get("Key") or write.get("Item") or {}
    value = key.get(PARTITION_KEY, {}).get("S")
    return {"dynamodb:LeadingKeys": [value]} if value else {}


transaction_checks = iam_actions.dynamodb_transaction_checks
dynamodb_context = iam_actions.dynamodb_service_context
resource_arn_of = iam_actions.extract_resource_arn
enforce = iam_evaluator.enforce
evaluate = iam_evaluator.evaluate
asked = threading.local()
# Unbuffered: whoever was refused may be told before the next line is written.
decisions = open(os.environ["CAUSEWAY_DECISIONS"], "ab", buffering=0) if "CAUSEWAY_DECISIONS" in os.environ else None


def transaction_checks_with_keys(iam_action, body, region, account):
    checks = transaction_checks(iam_action, body, region, account)
    writes = [
        write
        for item in document(body).get("TransactItems", [])
        for write in item.values()
    ]
    if len(writes) != len(checks):
        return checks
    return [(action, checked(arn, leading_keys(write))) for (action, arn), write in zip(checks, writes)]


def dynamodb_context_with_keys(body):
    return {**dynamodb_context(body), **leading_keys(document(body))}


def resource_arn_with_context(service, method, path, headers, body, *others):
    arn = resource_arn_of(service, method, path, headers, body, *others)
    if service != "kms":
        return arn
    context = document(body).get("EncryptionContext") or {}
    return checked(arn, {f"kms:EncryptionContext:{name}": value for name, value in context.items()})


def enforce_with_context(*arguments, resource_arn="*", service_context=None, **named):
    if isinstance(resource_arn, Checked):
        service_context = {**(service_context or {}), **resource_arn.context}
        resource_arn = str(resource_arn)
    return enforce(*arguments, resource_arn=resource_arn, service_context=service_context, **named)


def evaluate_and_remember(context, *policies):
    result = evaluate(context, *policies)
    # The role's own policies come first; those of a key or a secret follow.
    if getattr(asked, "first", None) is None:
        asked.first = (context, result)
    return result


def enforce_and_note(*arguments, **named):
    asked.first = None
    denied = enforce_with_context(*arguments, **named)
    if asked.first:
        note(*asked.first, denied is None)
    return denied


def note(context, result, allowed):
    _, assumed, role = context.principal_arn.partition(":assumed-role/")
    if assumed:
        name, _, session = role.partition("/")
        decision = {
            "role": name,
            "session": session,
            "action": context.action,
            "resource": context.resource_arn,
            "keys": {name: value for name, value in context.service_context.items() if value},
            "allowed": allowed,
            "statement": result.matched_sid,
        }
        decisions.write(json.dumps(decision, default=str).encode() + b"\n")


iam_actions.dynamodb_transaction_checks = transaction_checks_with_keys
iam_actions.dynamodb_service_context = dynamodb_context_with_keys
iam_actions.extract_resource_arn = resource_arn_with_context
iam_evaluator.enforce = enforce_with_context
if decisions:
    iam_evaluator.evaluate = evaluate_and_remember
    iam_evaluator.enforce = enforce_and_note

if __name__ == "__main__":
    from ministack.app import main

    main()
