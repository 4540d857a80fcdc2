//! Calls to AWS: Secrets Manager, Parameter Store and KMS.
//!
//! They all speak JSON over `POST /` (AWS JSON 1.1), and a handful of calls is
//! all we need. Their SDKs are generated for hundreds and cost minutes to build;
//! what signs a request (Signature Version 4) is here already for DynamoDB, so
//! the calls are made with it. What is called is up to those who need it:
//! [`crate::outside_secret`], [`crate::sealing`], [`crate::signing`].

mod call;
mod credentials;

pub use call::{ANSWER_BYTES_MAX, Aws, CallError};
pub use credentials::EnvironmentCredentials;

pub(crate) use call::Call;
