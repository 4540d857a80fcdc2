//! Calls: macros, functions and methods by name, number and types of arguments.

use regex::RegexBuilder;

use super::suggest::{self, did_you_mean};
use super::{BAD_VALUE, Checked, Checker, UNKNOWN_FUNCTION, WRONG_ARGUMENTS, WRONG_TYPE, checked};
use crate::function::{FUNCTIONS, Function, Signature, check_literal};
use crate::limits::{PATTERN_BYTES_MAX, PATTERN_SIZE_BYTES_MAX, PATTERNS_MAX};
use crate::program::{Act, Constant, Macro, MacroKind, Pattern, Step};
use crate::purpose::Purpose;
use crate::syntax::{Call, Fault, Literal, Node, Tree};
use crate::types::Type;

/// Steps of a pattern's machine that one operation pays for.
const PATTERN_STEPS_PER_OPERATION: u32 = 16;
/// No pattern of [`PATTERN_SIZE_BYTES_MAX`] has more steps.
const PATTERN_STEPS_MAX: u32 = 2048;

impl Checker {
    pub(super) fn call(&mut self, at: u32, call: &Call) -> Result<Checked, Fault> {
        if call.name == "has" {
            return self.has(at, call);
        }
        if let Some((_, kind)) = MacroKind::NAMED.iter().find(|(name, _)| *name == call.name) {
            return self.macro_call(at, call, *kind);
        }
        let named: Vec<&'static Signature> = FUNCTIONS
            .iter()
            .filter(|signature| signature.name == call.name)
            .collect();
        let styled: Vec<&'static Signature> = named
            .iter()
            .copied()
            .filter(|signature| signature.receiver.is_some() == call.receiver.is_some())
            .collect();
        if styled.is_empty() {
            return Err(unknown_function(call, &named));
        }
        let mut places = Vec::new();
        let mut kinds = Vec::new();
        let mut steps = Vec::new();
        for argument in call.receiver.as_deref().into_iter().chain(&call.arguments) {
            let place = argument.at;
            let argument = self.node(argument)?;
            places.push(place);
            kinds.push(argument.kind);
            steps.push(argument.step);
        }
        let signature = choose(call, &styled, &places, &kinds)?;
        if signature.function.needs_user() && self.purpose == Purpose::SourceAttributes {
            let message = format!("{} know no user yet", self.purpose.in_words());
            return Err(Fault::new(call.name_at, UNKNOWN_FUNCTION, message)
                .hint("what the source says is in `claims`"));
        }
        check_literals(call, signature)?;
        if signature.function == Function::Matches {
            return self.matches(call, steps);
        }
        if signature.function == Function::Secret {
            return self.secret(call);
        }
        let result = match signature.function {
            Function::Dyn => Type::Dyn,
            _ => signature.result,
        };
        Ok(checked(
            call.name_at,
            Act::Call(signature.function, steps.into()),
            result,
        ))
    }

    /// `has(map.field)`.
    fn has(&mut self, at: u32, call: &Call) -> Result<Checked, Fault> {
        let wrong = || {
            Fault::new(
                at,
                WRONG_ARGUMENTS,
                "has() takes one field, as in has(user.attributes.team)",
            )
            .hint("write `\"like-this\" in map` for a key that is no plain name")
        };
        if call.receiver.is_some() {
            return Err(wrong());
        }
        let [argument] = call.arguments.as_slice() else {
            return Err(wrong());
        };
        let Tree::Select(of, field) = &argument.tree else {
            return Err(wrong());
        };
        let of = self.node(of)?;
        super::field_type(argument.at, of.kind, field)?;
        Ok(checked(
            at,
            Act::Has(Box::new(of.step), field.as_str().into()),
            Type::Bool,
        ))
    }

    fn macro_call(&mut self, at: u32, call: &Call, kind: MacroKind) -> Result<Checked, Fault> {
        let name = &call.name;
        let Some(range) = &call.receiver else {
            let message =
                format!("{name}() stands behind a list or map, as in list.{name}(x, ...)");
            return Err(Fault::new(at, WRONG_ARGUMENTS, message));
        };
        let (variable, filter, body) = match call.arguments.as_slice() {
            [variable, body] => (variable, None, body),
            [variable, filter, body] if kind == MacroKind::Map => (variable, Some(filter), body),
            _ => {
                let message =
                    format!("{name}() takes a name and an expression: list.{name}(x, ...)");
                return Err(Fault::new(at, WRONG_ARGUMENTS, message));
            }
        };
        let Tree::Name(variable) = &variable.tree else {
            let message = format!(
                "the first argument of {name}() is a new name, as x in list.{name}(x, ...)"
            );
            return Err(Fault::new(variable.at, WRONG_ARGUMENTS, message));
        };
        let range_at = range.at;
        let range = self.node(range)?;
        let element = match range.kind.plain() {
            Type::Dyn => Type::Dyn,
            Type::List(element) => *element,
            Type::Map(_) | Type::Record(_) => Type::Text,
            other => {
                let message = format!("{name}() goes over a list or map, not {other}");
                return Err(Fault::new(range_at, WRONG_TYPE, message));
            }
        };
        // Keys of a map that was written out may be numbers.
        let element = match range.kind.plain() {
            Type::Map(_) => Type::Dyn,
            _ => element,
        };
        let (filter, body, body_kind) = self.inside(at, variable, element, |checker| {
            let filter = match filter {
                Some(filter) => Some(checker.bool_node(filter, name)?),
                None => None,
            };
            if kind == MacroKind::Map {
                let body = checker.node(body)?;
                Ok((filter, body.step, body.kind))
            } else {
                Ok((filter, checker.bool_node(body, name)?, Type::Bool))
            }
        })?;
        let result = match kind {
            MacroKind::All | MacroKind::Exists | MacroKind::ExistsOne => Type::Bool,
            MacroKind::Filter => Type::List(element.as_element()),
            MacroKind::Map => Type::List(body_kind.as_element()),
        };
        let act = Act::Macro(Box::new(Macro {
            kind,
            range: range.step,
            filter,
            body,
        }));
        Ok(checked(call.name_at, act, result))
    }

    fn bool_node(&mut self, node: &Node, name: &str) -> Result<Step, Fault> {
        let inner = self.node(node)?;
        if inner.kind.fits(Type::Bool) {
            return Ok(inner.step);
        }
        let message = format!(
            "what {name}() asks of each element must be `true` or `false`, not {}",
            inner.kind
        );
        Err(Fault::new(node.at, WRONG_TYPE, message))
    }

    /// `secret("env:NAME")`. The reference must stand in the source: one that
    /// is put together of what is known of the user would let them choose which
    /// secret is read.
    fn secret(&self, call: &Call) -> Result<Checked, Fault> {
        let at = call.name_at;
        if !self.purpose.gives_settings() {
            let message = format!("{} gives no settings", self.purpose.in_words());
            return Err(Fault::new(at, UNKNOWN_FUNCTION, message)
                .hint("secret() is for property mappings and expression stages"));
        }
        match call.arguments.as_slice() {
            [Node {
                tree: Tree::Literal(Literal::Text(reference)),
                ..
            }] => Ok(checked(
                at,
                Act::Constant(Constant::Secret(reference.as_str().into())),
                Type::Secret,
            )),
            _ => Err(Fault::new(
                at,
                WRONG_ARGUMENTS,
                "the reference of secret() must be a text written out",
            )
            .hint("choose between whole ones: in_group(\"a\") ? secret(\"env:A\") : secret(\"env:B\")")),
        }
    }

    /// `text.matches("pattern")`: the pattern is compiled here, once.
    fn matches(&mut self, call: &Call, mut steps: Vec<Step>) -> Result<Checked, Fault> {
        let at = call.name_at;
        let (Some(written), Some(_)) = (call.arguments.last(), steps.pop()) else {
            return Err(Fault::new(at, WRONG_ARGUMENTS, "matches() takes a pattern"));
        };
        let Tree::Literal(Literal::Text(source)) = &written.tree else {
            let message = "the pattern of matches() must be a text written out";
            return Err(Fault::new(written.at, WRONG_ARGUMENTS, message)
                .hint("compare with ==, startsWith, endsWith or contains instead"));
        };
        self.patterns += 1;
        if self.patterns > PATTERNS_MAX {
            let message = format!("there are more than {PATTERNS_MAX} patterns");
            return Err(Fault::new(written.at, crate::syntax::TOO_LONG, message)
                .hint("one pattern can hold alternatives: a|b|c"));
        }
        let pattern =
            compile(source).map_err(|message| Fault::new(written.at, BAD_VALUE, message))?;
        let Some(text) = steps.pop() else {
            return Err(Fault::new(at, WRONG_ARGUMENTS, "matches() takes a text"));
        };
        Ok(checked(
            at,
            Act::Matches(Box::new(text), pattern),
            Type::Bool,
        ))
    }
}

fn compile(source: &str) -> Result<Pattern, String> {
    if source.len() > PATTERN_BYTES_MAX {
        return Err(format!(
            "the pattern is longer than {PATTERN_BYTES_MAX} bytes"
        ));
    }
    let regex = RegexBuilder::new(source)
        .size_limit(PATTERN_SIZE_BYTES_MAX)
        .dfa_size_limit(PATTERN_SIZE_BYTES_MAX)
        .nest_limit(32)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                "the pattern becomes too large; repeat less in {...}".to_owned()
            }
            error => {
                // The last line says what, the others draw where.
                let text = error.to_string();
                let what = text.lines().last().unwrap_or_default();
                format!(
                    "the pattern cannot be read: {}",
                    what.trim_start_matches("error: ")
                )
            }
        })?;
    Ok(Pattern {
        regex,
        operations_per_byte: operations_per_byte(source),
    })
}

/// What matching one byte may take: a pattern is matched in time proportional to
/// its size at worst, and what is repeated by number is as large as if it were
/// written out. The product of all such numbers is never too little.
fn operations_per_byte(source: &str) -> u32 {
    let repeated = source
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .filter_map(|counts| {
            counts
                .split(',')
                .filter_map(|count| count.trim().parse::<u32>().ok())
                .max()
        })
        .fold(1_u32, u32::saturating_mul);
    let size = u32::try_from(source.len()).unwrap_or(u32::MAX);
    size.saturating_mul(repeated.max(1)).min(PATTERN_STEPS_MAX) / PATTERN_STEPS_PER_OPERATION + 1
}

/// The signature that fits; the fault says what would have.
fn choose(
    call: &Call,
    signatures: &[&'static Signature],
    places: &[u32],
    kinds: &[Type],
) -> Result<&'static Signature, Fault> {
    let wanted = |signature: &Signature| -> Vec<Type> {
        signature
            .receiver
            .into_iter()
            .chain(signature.arguments.iter().copied())
            .collect()
    };
    let counted: Vec<&'static Signature> = signatures
        .iter()
        .copied()
        .filter(|signature| wanted(signature).len() == kinds.len())
        .collect();
    let ways = |signatures: &[&Signature]| -> String {
        let ways: Vec<String> = signatures.iter().map(|one| one.in_words()).collect();
        format!("it is {}", ways.join(" or "))
    };
    if counted.is_empty() {
        let given = call.arguments.len();
        let message = format!(
            "{}() does not take {given} argument{}",
            call.name,
            if given == 1 { "" } else { "s" }
        );
        return Err(Fault::new(call.name_at, WRONG_ARGUMENTS, message).hint(ways(signatures)));
    }
    let fits = |signature: &&'static Signature| {
        wanted(signature)
            .iter()
            .zip(kinds)
            .all(|(wanted, kind)| kind.fits(*wanted))
    };
    if let Some(signature) = counted.iter().copied().find(fits) {
        return Ok(signature);
    }
    let first = wanted(counted[0]);
    let misfit = first
        .iter()
        .zip(kinds)
        .position(|(wanted, kind)| !kind.fits(*wanted))
        .unwrap_or(0);
    let is_receiver = call.receiver.is_some() && misfit == 0;
    let what = if is_receiver {
        format!("`.{}()` does not work on {}", call.name, kinds[misfit])
    } else {
        let number = misfit + usize::from(call.receiver.is_none());
        format!(
            "argument {number} of {}() cannot be {}",
            call.name, kinds[misfit]
        )
    };
    Err(Fault::new(places[misfit], WRONG_ARGUMENTS, what).hint(ways(&counted)))
}

/// Networks, time zones and the like that are written out are read here, so that
/// a slip of the pen does not wait for somebody's launch.
fn check_literals(call: &Call, signature: &Signature) -> Result<(), Fault> {
    for (index, argument) in call.arguments.iter().enumerate() {
        let texts: Vec<&Node> = match &argument.tree {
            Tree::List(elements) => elements.iter().collect(),
            _ => vec![argument],
        };
        for node in texts {
            if let Tree::Literal(Literal::Text(text)) = &node.tree {
                check_literal(signature.function, index, text)
                    .map_err(|message| Fault::new(node.at, BAD_VALUE, message))?;
            }
        }
    }
    Ok(())
}

fn unknown_function(call: &Call, named: &[&'static Signature]) -> Fault {
    let name = &call.name;
    if let Some(signature) = named.first() {
        let message = if call.receiver.is_some() {
            format!("{name}() does not stand behind a dot")
        } else {
            format!("{name}() stands behind a dot")
        };
        let hint = format!("it is {}", signature.in_words());
        return Fault::new(call.name_at, UNKNOWN_FUNCTION, message).hint(hint);
    }
    let known = FUNCTIONS
        .iter()
        .filter(|signature| signature.receiver.is_some() == call.receiver.is_some())
        .map(|signature| signature.name)
        .chain(MacroKind::NAMED.iter().map(|(name, _)| *name))
        .chain(["has"]);
    let hint = suggest::function(name)
        .map(str::to_owned)
        .or_else(|| did_you_mean(name, known));
    Fault::new(
        call.name_at,
        UNKNOWN_FUNCTION,
        format!("there is no function {name}()"),
    )
    .maybe_hint(hint)
}
