//! Who and where from: groups, methods, networks.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Failure, bad, text_at, wrong};
use crate::evaluate::{Evaluated, Machine};
use crate::value::{List, Value};

/// What methods of signing in are called.
const METHODS: [&str; 6] = [
    "password",
    "totp",
    "webauthn",
    "recovery_code",
    "source",
    "token",
];

/// Operations for reading an address or a network.
const READ_OPERATIONS: usize = 2;

pub(super) fn in_group<'a>(
    machine: &mut Machine<'a>,
    at: u32,
    arguments: &[Value<'a>],
) -> Evaluated<'a> {
    let wanted = text_at(at, arguments, 0)?;
    let groups = &machine.scope.user.groups;
    machine.meter.spend(at, groups.len())?;
    Ok(Value::Bool(groups.iter().any(|group| group == wanted)))
}

pub(super) fn has_method<'a>(
    machine: &mut Machine<'a>,
    at: u32,
    arguments: &[Value<'a>],
) -> Evaluated<'a> {
    let wanted = text_at(at, arguments, 0)?;
    let methods = &machine.scope.session.methods;
    Ok(Value::Bool(
        methods.iter().any(|method| method.as_str() == wanted),
    ))
}

/// `in_network(address, network)`, with one network or several.
pub(super) fn in_network<'a>(
    machine: &mut Machine<'a>,
    at: u32,
    arguments: &[Value<'a>],
) -> Evaluated<'a> {
    machine.meter.spend(at, READ_OPERATIONS)?;
    let address = address(text_at(at, arguments, 0)?).map_err(|message| bad(at, message))?;
    match arguments.get(1) {
        Some(Value::Text(text)) => Ok(Value::Bool(holds(at, text.as_str(), address)?)),
        Some(Value::List(networks)) => any_holds(machine, at, networks, address),
        other => Err(wrong(at, "a network or a list of networks", other)),
    }
}

fn any_holds<'a>(
    machine: &mut Machine<'a>,
    at: u32,
    networks: &List<'a>,
    address: IpAddr,
) -> Evaluated<'a> {
    for index in 0..networks.len() {
        machine.meter.spend(at, READ_OPERATIONS)?;
        let network = networks.at(index);
        let Some(Value::Text(network)) = &network else {
            return Err(wrong(at, "a list of texts", network.as_ref()));
        };
        if holds(at, network.as_str(), address)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn holds(at: u32, text: &str, address: IpAddr) -> Result<bool, Failure> {
    let network = network(text).map_err(|message| bad(at, message))?;
    Ok(network.contains(&address))
}

/// An address; a v4 address that is written as v6 is the v4 address.
pub(super) fn address(text: &str) -> Result<IpAddr, String> {
    text.parse::<IpAddr>()
        .map(|address| address.to_canonical())
        .map_err(|_| "this is no address, as 10.1.2.3 or fd00::1".to_owned())
}

/// A network, or a single address. Bits beyond the prefix do not matter. A
/// network of v4 addresses written as v6 is the v4 network.
pub(super) fn network(text: &str) -> Result<IpNet, String> {
    let message = || "this is no network, as 10.0.0.0/8, fd00::/8 or 10.1.2.3".to_owned();
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(IpNet::from(address.to_canonical()));
    }
    let network = text.parse::<IpNet>().map_err(|_| message())?;
    match network {
        IpNet::V6(v6) => match (v6.addr().to_ipv4_mapped(), v6.prefix_len().checked_sub(96)) {
            (Some(address), Some(prefix)) => {
                IpNet::new(IpAddr::V4(address), prefix).map_err(|_| message())
            }
            _ => Ok(network),
        },
        IpNet::V4(_) => Ok(network),
    }
}

/// A method of signing in.
pub(super) fn method(text: &str) -> Result<&str, String> {
    if METHODS.contains(&text) {
        return Ok(text);
    }
    Err(format!(
        "there is no such method; there are {}",
        METHODS.join(", ")
    ))
}
