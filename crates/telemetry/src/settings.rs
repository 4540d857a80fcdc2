//! Whether and where traces are sent: the variables of the OpenTelemetry
//! specification. What is not read here (`OTEL_EXPORTER_OTLP_HEADERS`,
//! `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_BSP_*`) the exporter reads itself.

use std::env;

use url::Url;

use crate::sampling::Sampling;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const EXPORTER: &str = "OTEL_TRACES_EXPORTER";
const DISABLED: &str = "OTEL_SDK_DISABLED";
const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";

/// Where the traces of a collector arrive, below its base URL (OTLP, section
/// "OTLP/HTTP Request").
const TRACES_PATH: &str = "/v1/traces";

/// Where traces are sent, and which.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceSettings {
    /// The whole URL that they are posted to.
    pub endpoint: Url,
    /// The service's name, if the operator gives one.
    pub service: Option<String>,
    /// Which are recorded.
    pub sampling: Sampling,
}

/// A variable that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is not {expected}")]
pub struct TraceSettingsError {
    /// The variable.
    pub variable: &'static str,
    expected: &'static str,
}

impl TraceSettings {
    /// What the environment of the process says; `None` for no traces.
    ///
    /// # Errors
    /// Names the variable that cannot be understood.
    pub fn from_environment() -> Result<Option<Self>, TraceSettingsError> {
        Self::read(|name| env::var(name).ok())
    }

    /// The same of any variables. One that is empty counts as not set.
    ///
    /// # Errors
    /// Names the variable that cannot be understood.
    pub fn read(
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, TraceSettingsError> {
        let set = |name| {
            variable(name)
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty())
        };
        let is = |name, value: &str| set(name).is_some_and(|text| text.eq_ignore_ascii_case(value));
        if is(DISABLED, "true") || is(EXPORTER, "none") {
            return Ok(None);
        }
        let endpoint = match (set(TRACES_ENDPOINT), set(ENDPOINT)) {
            (Some(whole), _) => url(TRACES_ENDPOINT, &whole)?,
            (None, Some(base)) => url(
                ENDPOINT,
                &format!("{}{TRACES_PATH}", base.trim_end_matches('/')),
            )?,
            (None, None) => return Ok(None),
        };
        let sampling = match set(SAMPLER) {
            None => Sampling::default(),
            Some(sampler) => {
                let argument = set(SAMPLER_ARGUMENT).unwrap_or_default();
                Sampling::read(&sampler, &argument).ok_or(TraceSettingsError {
                    variable: SAMPLER,
                    expected: "a sampler with its argument, such as parentbased_traceidratio \
                        with OTEL_TRACES_SAMPLER_ARG=0.1",
                })?
            }
        };
        Ok(Some(Self {
            endpoint,
            service: set(SERVICE_NAME),
            sampling,
        }))
    }
}

fn url(variable: &'static str, text: &str) -> Result<Url, TraceSettingsError> {
    let wrong = TraceSettingsError {
        variable,
        expected: "an http or https URL, such as http://127.0.0.1:4318",
    };
    let url = Url::parse(text).map_err(|_| wrong.clone())?;
    let good = matches!(url.scheme(), "http" | "https") && url.has_host();
    good.then_some(url).ok_or(wrong)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(
        variables: &[(&'static str, &str)],
    ) -> Result<Option<TraceSettings>, TraceSettingsError> {
        TraceSettings::read(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_is_sent_unless_a_collector_is_named() {
        for off in [
            &[][..],
            &[(ENDPOINT, "")],
            &[(SERVICE_NAME, "x"), (SAMPLER, "nonsense")],
            &[(ENDPOINT, "http://c:4318"), (DISABLED, "true")],
            &[(ENDPOINT, "http://c:4318"), (EXPORTER, "none")],
        ] {
            assert_eq!(read(off), Ok(None), "{off:?}");
        }
    }

    #[test]
    fn the_path_is_added_to_a_base_alone() {
        let check = |variables: &[(&'static str, &str)], expected: &str| {
            let settings = read(variables).unwrap().unwrap();
            assert_eq!(settings.endpoint.as_str(), expected);
        };
        check(&[(ENDPOINT, "http://c:4318")], "http://c:4318/v1/traces");
        check(&[(ENDPOINT, "https://c/otlp/")], "https://c/otlp/v1/traces");
        check(
            &[
                (ENDPOINT, "http://other:1"),
                (TRACES_ENDPOINT, "http://c:4318/x"),
            ],
            "http://c:4318/x",
        );
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        for (variables, expected) in [
            (&[(ENDPOINT, "collector:4318")][..], ENDPOINT),
            (&[(ENDPOINT, "ftp://c")], ENDPOINT),
            (&[(TRACES_ENDPOINT, "no url")], TRACES_ENDPOINT),
            (&[(ENDPOINT, "http://c"), (SAMPLER, "some")], SAMPLER),
        ] {
            assert_eq!(read(variables).unwrap_err().variable, expected);
        }
    }
}
