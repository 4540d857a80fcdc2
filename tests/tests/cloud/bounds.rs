//! What a role keeps a function from, tried with its credentials and without the
//! function: partitions of the table, secrets, keys of another deployment.
//!
//! Nothing is written: the writes have a condition that never holds, so that who
//! has the right is told of the condition, and who has not of the right.

use anyhow::{Context, Result, ensure};
use causeway_tests::cloud::{Aws, Cloud, NAME, Said, matches};
use serde_json::{Value, json};

use crate::exercise::OUTSIDE;
use crate::rights::FUNCTIONS;

/// A partition of every kind in the table's layout (`crates/table/src/key.rs`).
const PARTITIONS: [&str; 27] = [
    "EPOCH",
    "CHANGES",
    "CONFIG",
    "NAME#NODE#probe",
    "NAME#EDGE#probe",
    "NAME#POLICY_BINDING#probe",
    "NAME#GROUP#probe",
    "PROVIDER#probe",
    "LEFT_BEHIND",
    "UNFINISHED",
    "UNFINISHED#probe",
    "REFERRERS#GROUP#probe",
    "ENDPOINT#probe",
    "USER#probe",
    "USERNAME#probe",
    "EMAIL#probe",
    "SOURCE_SESSION#probe",
    "IDENTITY#probe",
    "APPROVAL#probe",
    "ONCE#probe",
    "DATA_KEY#probe",
    "DATA_KEY",
    "NODE#probe",
    "EDGE#probe",
    "ENROLMENT#probe",
    "RATE#probe",
    "EVENT#probe",
];

/// Of those, what some functions must never write.
const FOREIGN: [(&str, &str); 8] = [
    // What is good once is only looked for by it.
    ("nodes", "ONCE#probe"),
    ("nodes", "NAME#NODE#probe"),
    ("portal", "ENROLMENT#probe"),
    ("portal", "EPOCH"),
    ("nodes", "USERNAME#probe"),
    ("nodes", "DATA_KEY"),
    ("sweep", "APPROVAL#probe"),
    ("rotate", "EVENT#probe"),
];

/// A secret that is there and that no function has anything to do with.
const STRANGE: &str = "somebody-else/secret";

/// Who may read which secret.
const READERS: [(&str, &[&str]); 5] = [
    ("SigningKeys", &FUNCTIONS),
    ("OriginSecret", &["portal", "admin"]),
    ("FirstSignIn", &["admin"]),
    (OUTSIDE, &["nodes"]),
    (STRANGE, &[]),
];

/// Makes what lies outside: what settings refer to, and what nobody may read.
pub(crate) async fn outside(cloud: &Cloud) -> Result<()> {
    for name in [OUTSIDE, STRANGE] {
        let secret = json!({ "Name": name, "SecretString": "outside" });
        let said = cloud
            .aws
            .json("secretsmanager", "secretsmanager.CreateSecret", &secret);
        said.await?.ok()?;
        let parameter = json!({ "Name": parameter(name), "Value": "outside", "Type": "String" });
        let said = cloud.aws.json("ssm", "AmazonSSM.PutParameter", &parameter);
        said.await?.ok()?;
    }
    Ok(())
}

/// Tries every bound of every role, and tells of all that do not hold.
pub(crate) async fn hold(cloud: &Cloud) -> Result<()> {
    let mut wrong = Vec::new();
    for function in FUNCTIONS {
        let aws = cloud.role(function).await?.assume().await?;
        wrong.extend(partitions(cloud, &aws, function).await?);
        wrong.extend(secrets(cloud, &aws, function).await?);
        wrong.extend(keys(cloud, &aws, function).await?);
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

async fn partitions(cloud: &Cloud, aws: &Aws, function: &str) -> Result<Vec<String>> {
    let role = cloud.role(function).await?;
    let patterns = match function {
        // It writes all of the table.
        "admin" => vec!["*"],
        _ => role.partitions()?,
    };
    let mut wrong = Vec::new();
    for partition in PARTITIONS {
        let is_own = patterns.iter().any(|pattern| matches(pattern, partition));
        let is_foreign = FOREIGN.contains(&(function, partition));
        ensure!(!(is_own && is_foreign), "{function} may write {partition}");
        let said = put(aws, partition).await?;
        let expected = match is_own {
            true => said.text.contains("ConditionalCheckFailed"),
            false => said.is_access_denied(),
        };
        if !expected {
            wrong.push(format!("{function} writes {partition}: {said:?}"));
        }
    }
    for pattern in patterns.iter().filter(|_| function != "admin") {
        let is_known = PARTITIONS.iter().any(|one| matches(pattern, one));
        ensure!(is_known, "{function}: no partition is of {pattern}");
    }
    // Of a transaction, all is refused when one of its items is.
    let foreign = FOREIGN.iter().find(|(of, _)| *of == function);
    let is_own = |one: &&&str| patterns.iter().any(|pattern| matches(pattern, one));
    let own = PARTITIONS.iter().find(is_own);
    if let (Some((_, foreign)), Some(own)) = (foreign, own) {
        let items = [item(own), item(foreign)].map(|put| json!({ "Put": put }));
        let said = table(aws, "TransactWriteItems", json!({ "TransactItems": items })).await?;
        if !said.is_access_denied() {
            wrong.push(format!(
                "{function} writes {foreign} in a transaction: {said:?}"
            ));
        }
    }
    Ok(wrong)
}

async fn secrets(cloud: &Cloud, aws: &Aws, function: &str) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for (secret, readers) in READERS {
        let is_outside = secret.contains('/');
        let id = match is_outside {
            true => secret.to_owned(),
            false => cloud.output(secret)?,
        };
        let asked = json!({ "SecretId": id });
        let said = aws
            .json("secretsmanager", "secretsmanager.GetSecretValue", &asked)
            .await?;
        if !is_as_expected(&said, readers.contains(&function)) {
            wrong.push(format!("{function} reads {secret}: {}", said.status));
        }
        if is_outside {
            let asked = json!({ "Name": parameter(secret) });
            let said = aws.json("ssm", "AmazonSSM.GetParameter", &asked).await?;
            if !is_as_expected(&said, readers.contains(&function)) {
                wrong.push(format!("{function} reads parameter {secret}: {said:?}"));
            }
        }
    }
    Ok(wrong)
}

/// The key that wraps data keys is good for this table's alone.
async fn keys(cloud: &Cloud, aws: &Aws, function: &str) -> Result<Vec<String>> {
    let key = format!("alias/{NAME}-data");
    let described = json!({ "KeyId": key });
    let described = cloud
        .aws
        .json("kms", "TrentService.DescribeKey", &described)
        .await?
        .ok()?;
    let key = &described["KeyMetadata"]["Arn"];
    key.as_str().context("no data key")?;
    let mut wrong = Vec::new();
    for (context, is_ours) in [
        (json!({ "causeway:table": NAME }), true),
        (json!({ "causeway:table": "another" }), false),
        (json!({}), false),
    ] {
        let drawn = json!({ "KeyId": key, "NumberOfBytes": 32, "EncryptionContext": context });
        let wrapped = cloud
            .aws
            .json("kms", "TrentService.GenerateDataKey", &drawn);
        let wrapped = wrapped.await?.ok()?["CiphertextBlob"].take();
        let opened =
            json!({ "KeyId": key, "CiphertextBlob": wrapped, "EncryptionContext": context });
        let draws = is_ours && ["portal", "admin"].contains(&function);
        let opens = is_ours && ["portal", "admin", "nodes"].contains(&function);
        for (target, asked, may) in [
            ("TrentService.GenerateDataKey", &drawn, draws),
            ("TrentService.Decrypt", &opened, opens),
        ] {
            let said = aws.json("kms", target, asked).await?;
            if !is_as_expected(&said, may) {
                wrong.push(format!("{function}, {target} for {context}: {said:?}"));
            }
        }
    }
    Ok(wrong)
}

/// Parameter Store wants a slash that Secrets Manager does without.
fn parameter(name: &str) -> String {
    format!("/{name}")
}

fn is_as_expected(said: &Said, may: bool) -> bool {
    match may {
        true => said.ok().is_ok(),
        false => said.is_access_denied(),
    }
}

async fn put(aws: &Aws, partition: &str) -> Result<Said> {
    table(aws, "PutItem", item(partition)).await
}

async fn table(aws: &Aws, what: &str, arguments: Value) -> Result<Said> {
    let target = format!("DynamoDB_20120810.{what}");
    aws.json("dynamodb", &target, &arguments).await
}

/// An item whose condition never holds.
fn item(partition: &str) -> Value {
    json!({
        "TableName": NAME,
        "Item": { "pk": { "S": partition }, "sk": { "S": "PROBE" } },
        "ConditionExpression": "attribute_exists(pk)",
    })
}
