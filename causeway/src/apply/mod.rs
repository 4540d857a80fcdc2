//! Objects as YAML: `causeway apply` and `causeway up --config`.
//!
//! Files become [`Document`]s that remember their lines; the functions decide
//! what they mean and write all of them or none. What is wrong is told as
//! `file:line: field: message`.

mod command;
mod document;
mod node;
mod report;

pub(crate) use command::run;
pub(crate) use document::{Document, read_files};
pub(crate) use report::{WrongField, explain};
