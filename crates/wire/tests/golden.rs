//! Holds the Rust side to the golden vectors, and the vectors to the schema:
//! every message, every field and every value of an enum is in one of them.
//!
//! JSON is read and written by reflection over the schema, so that nothing
//! here repeats it.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::PathBuf;

use causeway_wire::message::{ToNode, ToViewer};
use causeway_wire::{decode_to_node, decode_to_viewer, encode};
use prost::Message as _;
use prost_reflect::{
    DescriptorPool, DynamicMessage, Kind, MessageDescriptor, ReflectMessage as _, Value,
};
use serde::{Deserialize, Serialize};

const FILES: [&str; 2] = ["to_node.json", "to_viewer.json"];
const PACKAGE: &str = "causeway.session.v1";

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    direction: Direction,
    json: serde_json::Value,
    hex: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Direction {
    ToNode,
    ToViewer,
}

impl Direction {
    fn descriptor(self, pool: &DescriptorPool) -> MessageDescriptor {
        let name = match self {
            Self::ToNode => "ToNode",
            Self::ToViewer => "ToViewer",
        };
        pool.get_message_by_name(&format!("{PACKAGE}.{name}"))
            .unwrap()
    }

    /// Decodes and encodes with the generated types.
    fn through_generated(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::ToNode => encode(&ToNode::from(decode_to_node(bytes).unwrap().unwrap())),
            Self::ToViewer => encode(&ToViewer::from(decode_to_viewer(bytes).unwrap().unwrap())),
        }
        .to_vec()
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden")
}

fn pool() -> DescriptorPool {
    let proto = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("proto");
    let files = protox::compile(["causeway/session/v1/session.proto"], [proto]).unwrap();
    DescriptorPool::from_file_descriptor_set(files).unwrap()
}

fn vectors(file: &str) -> Vec<Vector> {
    let text = std::fs::read_to_string(folder().join(file)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn all_vectors() -> Vec<Vector> {
    FILES.into_iter().flat_map(vectors).collect()
}

fn message(vector: &Vector, pool: &DescriptorPool) -> DynamicMessage {
    let descriptor = vector.direction.descriptor(pool);
    DynamicMessage::deserialize(descriptor, &vector.json)
        .unwrap_or_else(|error| panic!("{}: {error}", vector.name))
}

#[test]
fn every_vector_decodes_and_encodes_alike() {
    let pool = pool();
    for file in FILES {
        let mut vectors = vectors(file);
        for vector in &mut vectors {
            // Reflection writes maps in any order; the generated types sort.
            let reflected = message(vector, &pool).encode_to_vec();
            let expected = hex::encode(vector.direction.through_generated(&reflected));
            if std::env::var_os("CAUSEWAY_WRITE_GOLDEN").is_some() {
                vector.hex = expected;
                continue;
            }
            let name = &vector.name;
            assert_eq!(
                vector.hex, expected,
                "{name}: the JSON encodes to other bytes"
            );
            let bytes = hex::decode(&vector.hex).unwrap();
            assert_eq!(vector.direction.through_generated(&bytes), bytes, "{name}");
            let decoded = DynamicMessage::decode(vector.direction.descriptor(&pool), &bytes[..]);
            let json = serde_json::to_value(decoded.unwrap()).unwrap();
            assert_eq!(json, vector.json, "{name}: the bytes decode to other JSON");
        }
        if std::env::var_os("CAUSEWAY_WRITE_GOLDEN").is_some() {
            let text = serde_json::to_string_pretty(&vectors).unwrap();
            std::fs::write(folder().join(file), text + "\n").unwrap();
        }
    }
}

#[test]
fn names_are_unique_in_their_direction() {
    let mut names = BTreeSet::new();
    for vector in all_vectors() {
        let key = format!("{:?} {}", vector.direction, vector.name);
        assert!(names.insert(key.clone()), "{key} is there twice");
    }
}

/// Fields and enum values, by full name.
#[derive(Debug, Default)]
struct Coverage {
    needed: BTreeSet<String>,
    seen: BTreeSet<String>,
}

impl Coverage {
    fn need(&mut self, descriptor: &MessageDescriptor) {
        for field in descriptor.fields() {
            let is_new = self.needed.insert(field.full_name().to_owned());
            match field.kind() {
                Kind::Message(inner) if is_new && !inner.is_map_entry() => self.need(&inner),
                Kind::Enum(values) => self.needed.extend(
                    // The zero value is what is not written.
                    values
                        .values()
                        .filter(|v| v.number() != 0)
                        .map(|v| v.full_name().to_owned()),
                ),
                _ => {}
            }
        }
    }

    fn see(&mut self, message: &DynamicMessage) {
        for (field, value) in message.fields() {
            self.seen.insert(field.full_name().to_owned());
            self.see_value(&field.kind(), value);
        }
    }

    fn see_value(&mut self, kind: &Kind, value: &Value) {
        match (kind, value) {
            (_, Value::Message(message)) => self.see(message),
            (_, Value::List(values)) => values.iter().for_each(|value| self.see_value(kind, value)),
            (Kind::Enum(values), Value::EnumNumber(number)) => {
                let value = values.get_value(*number).unwrap();
                self.seen.insert(value.full_name().to_owned());
            }
            _ => {}
        }
    }
}

#[test]
fn every_message_field_and_enum_value_has_a_vector() {
    let pool = pool();
    for direction in [Direction::ToNode, Direction::ToViewer] {
        let mut coverage = Coverage::default();
        coverage.need(&direction.descriptor(&pool));
        for vector in all_vectors() {
            coverage.see(&message(&vector, &pool));
        }
        let missing: Vec<_> = coverage.needed.difference(&coverage.seen).collect();
        assert!(
            missing.is_empty(),
            "{direction:?}: no vector has {missing:#?}"
        );
    }
}

#[test]
fn every_body_of_an_envelope_has_a_vector_in_its_direction() {
    let pool = pool();
    for direction in [Direction::ToNode, Direction::ToViewer] {
        let of_direction = all_vectors()
            .into_iter()
            .filter(|vector| vector.direction == direction);
        let messages: Vec<_> = of_direction.map(|vector| message(&vector, &pool)).collect();
        for field in direction.descriptor(&pool).fields() {
            let has = |message: &DynamicMessage| message.has_field(&field);
            assert!(
                messages.iter().any(has),
                "no vector has {}",
                field.full_name()
            );
            assert_eq!(messages[0].descriptor(), direction.descriptor(&pool));
        }
    }
}
