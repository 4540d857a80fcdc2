//! Which traces are recorded: `OTEL_TRACES_SAMPLER`.

use causeway_model::trace_context::TraceContext;
use opentelemetry::Context;
use opentelemetry::trace::{SpanKind, TraceId};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, ShouldSample as _};

/// Which traces are recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// Of those that begin here.
    of_new: OfNew,
    /// Whether a trace that began elsewhere is recorded as was decided there.
    follows_parent: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum OfNew {
    All,
    None,
    /// This part of them, 0 to 1, by trace id: everybody with the same number
    /// chooses the same.
    Part(f64),
}

impl Sampling {
    /// The sampler of that name with that argument, as the specification of
    /// OpenTelemetry lists them; `None` when it is not among them.
    #[must_use]
    pub fn read(sampler: &str, argument: &str) -> Option<Self> {
        let (of_new, follows_parent) = match sampler.strip_prefix("parentbased_") {
            Some(of_new) => (of_new, true),
            None => (sampler, false),
        };
        let of_new = match of_new {
            "always_on" => OfNew::All,
            "always_off" => OfNew::None,
            "traceidratio" if argument.is_empty() => OfNew::All,
            "traceidratio" => {
                let part = argument.parse().ok();
                OfNew::Part(part.filter(|part| (0.0..=1.0).contains(part))?)
            }
            _ => return None,
        };
        Some(Self {
            of_new,
            follows_parent,
        })
    }

    /// The place in a trace that somebody outside names, with our own decision
    /// whether it is recorded: a browser must not make us record more than we
    /// want to.
    #[must_use]
    pub fn decide(&self, outside: TraceContext) -> TraceContext {
        let trace = TraceId::from_bytes(outside.trace());
        let none = Context::new();
        let verdict =
            self.of_new()
                .should_sample(Some(&none), trace, "", &SpanKind::Server, &[], &[]);
        outside.with_sampled(verdict.decision == SamplingDecision::RecordAndSample)
    }

    pub(crate) fn sampler(&self) -> Sampler {
        if self.follows_parent {
            Sampler::ParentBased(Box::new(self.of_new()))
        } else {
            self.of_new()
        }
    }

    const fn of_new(&self) -> Sampler {
        match self.of_new {
            OfNew::All => Sampler::AlwaysOn,
            OfNew::None => Sampler::AlwaysOff,
            OfNew::Part(part) => Sampler::TraceIdRatioBased(part),
        }
    }
}

/// Every trace, as was decided where it began.
impl Default for Sampling {
    fn default() -> Self {
        Self {
            of_new: OfNew::All,
            follows_parent: true,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn samplers_are_named_as_the_specification_names_them() {
        let default = Sampling::read("parentbased_always_on", "");
        assert_eq!(default, Some(Sampling::default()));
        for (sampler, argument) in [
            ("always_on", ""),
            ("always_off", "ignored"),
            ("traceidratio", "0.25"),
            ("traceidratio", ""),
            ("parentbased_traceidratio", "1"),
        ] {
            assert!(Sampling::read(sampler, argument).is_some(), "{sampler}");
        }
        for (sampler, argument) in [
            ("", ""),
            ("jaeger_remote", ""),
            ("traceidratio", "2"),
            ("traceidratio", "-0.1"),
            ("traceidratio", "NaN"),
            ("parentbased_traceidratio", "some"),
        ] {
            assert_eq!(Sampling::read(sampler, argument), None, "{sampler}");
        }
    }

    #[test]
    fn what_a_browser_wants_recorded_is_ours_to_decide() {
        let check = |trace: &str, flags: &str, sampler: &str, expected: bool| {
            let text = format!("00-{trace}-b7ad6b7169203331-{flags}");
            let sampling = Sampling::read(sampler, "0.5").unwrap();
            let decided = sampling.decide(text.parse().unwrap());
            assert_eq!(decided.sampled, expected, "{text} {sampler}");
            assert_eq!(decided.trace_id(), trace);
        };
        let (low, high) = (
            "0af7651916cd43dd0000000000000001",
            "0af7651916cd43ddffffffffffffffff",
        );
        for sampler in ["traceidratio", "parentbased_traceidratio"] {
            for flags in ["00", "01"] {
                check(low, flags, sampler, true);
                check(high, flags, sampler, false);
            }
        }
        check(high, "00", "parentbased_always_on", true);
        check(low, "01", "parentbased_always_off", false);
    }
}
