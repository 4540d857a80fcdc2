//! The language, case by case.

#![allow(clippy::unwrap_used)]

mod common;

use causeway_policy::EvaluateErrorKind as Kind;
use common::value;
use serde_json::{Value, json};

fn check(cases: &[(&str, Value)]) {
    for (source, expected) in cases {
        match value(source) {
            Ok(found) => assert_eq!(found, *expected, "{source}"),
            Err(error) => panic!("{source}: {error}"),
        }
    }
}

fn check_fails(cases: &[(&str, Kind)]) {
    for (source, expected) in cases {
        match value(source) {
            Ok(found) => panic!("{source} gave {found}"),
            Err(error) => assert_eq!(error.kind, *expected, "{source}: {error}"),
        }
    }
}

#[test]
fn literals() {
    check(&[
        ("null", json!(null)),
        ("true", json!(true)),
        ("-9223372036854775808", json!(i64::MIN)),
        ("0x1F", json!(31)),
        ("18446744073709551615u", json!(u64::MAX)),
        ("1.5e3", json!(1500.0)),
        (".5", json!(0.5)),
        ("'a' // comment", json!("a")),
        (r#""\u00e9\x41\101\n\\""#, json!("\u{e9}AA\n\\")),
        (r"r'\d'", json!("\\d")),
        ("'''a\n'b'''", json!("a\n'b")),
        ("[1, 'a', [],]", json!([1, "a", []])),
        (
            "{'a': 1, 2: 'b', true: null}",
            json!({"a": 1, "2": "b", "true": null}),
        ),
        ("size(b'\\xff\\000a')", json!(3)),
    ]);
}

#[test]
fn arithmetic() {
    check(&[
        ("1 + 2 * 3 - 4", json!(3)),
        ("(1 + 2) * 3", json!(9)),
        ("7 / 2", json!(3)),
        ("-7 / 2", json!(-3)),
        ("-7 % 3", json!(-1)),
        ("7.0 / 2.0", json!(3.5)),
        ("2u * 3u", json!(6)),
        ("-(3)", json!(-3)),
        ("--3", json!(3)),
        ("'a' + 'b'", json!("ab")),
        ("[1] + [2]", json!([1, 2])),
        ("b'a' + b'b' == b'ab'", json!(true)),
    ]);
    check_fails(&[
        ("9223372036854775807 + 1", Kind::Arithmetic),
        ("-9223372036854775808 / -1", Kind::Arithmetic),
        ("-9223372036854775808 % -1", Kind::Arithmetic),
        ("-(-9223372036854775808)", Kind::Arithmetic),
        ("9223372036854775807 * 2", Kind::Arithmetic),
        ("1u - 2u", Kind::Arithmetic),
        ("1 / 0", Kind::Arithmetic),
        ("1 % 0", Kind::Arithmetic),
        ("1u / 0u", Kind::Arithmetic),
        ("dyn(1) + dyn(1.0)", Kind::WrongType),
        ("dyn('a') + dyn(1)", Kind::WrongType),
    ]);
}

#[test]
fn comparison() {
    check(&[
        ("1 == 1.0 && 1u == 1 && 1.0 == 1u", json!(true)),
        ("1 < 1.5 && 2u > 1.5 && 1 <= 1u", json!(true)),
        // Beyond 2^53 a conversion would round.
        ("9007199254740993 == 9007199254740992.0", json!(false)),
        ("9223372036854775807 < 9223372036854775808.0", json!(true)),
        ("-1 < 18446744073709551615u", json!(true)),
        ("'a' < 'b' && 'B' < 'a'", json!(true)),
        ("false < true", json!(true)),
        ("dyn(1) == dyn('1')", json!(false)),
        ("null == null", json!(true)),
        ("[1, 2] == [1.0, 2u]", json!(true)),
        ("[1, 2] == [1]", json!(false)),
        ("{'a': 1} == {'a': 1.0}", json!(true)),
        ("{'a': 1} == {'b': 1}", json!(false)),
        ("double('NaN') == double('NaN')", json!(false)),
        ("double('NaN') < 1", json!(false)),
        ("1 in [1.0]", json!(true)),
        ("'a' in {'a': 1} && !('b' in {'a': 1})", json!(true)),
        ("2 in {2u: 1}", json!(true)),
    ]);
    check_fails(&[
        ("dyn(1) < dyn('1')", Kind::WrongType),
        ("dyn([1]) < dyn([2])", Kind::WrongType),
        ("1 in dyn(1)", Kind::WrongType),
    ]);
}

#[test]
fn what_decides_makes_up_for_a_failure() {
    check(&[
        ("false && 1 / 0 == 1", json!(false)),
        ("1 / 0 == 1 && false", json!(false)),
        ("true || 1 / 0 == 1", json!(true)),
        ("1 / 0 == 1 || true", json!(true)),
        ("[0, 1].exists(x, 1 / x == 1)", json!(true)),
        ("[0, 1].all(x, 1 / x == 2)", json!(false)),
        ("true ? 1 : 1 / 0", json!(1)),
    ]);
    check_fails(&[
        ("1 / 0 == 1 && true", Kind::Arithmetic),
        ("false || 1 / 0 == 1", Kind::Arithmetic),
        ("[0, 1].all(x, 1 / x == 1)", Kind::Arithmetic),
        ("[0, 1].exists(x, 1 / x == 2)", Kind::Arithmetic),
        ("1 / 0 == 1 ? 1 : 2", Kind::Arithmetic),
        ("dyn(1) || false", Kind::WrongType),
    ]);
}

#[test]
fn macros() {
    check(&[
        ("[1, 2, 3].map(x, x * 2)", json!([2, 4, 6])),
        ("[1, 2, 3].map(x, x > 1, x * 2)", json!([4, 6])),
        ("[1, 2, 3].filter(x, x != 2)", json!([1, 3])),
        ("[1, 2].all(x, x > 0) && ![1, 2].all(x, x > 1)", json!(true)),
        ("[].all(x, false) && ![].exists(x, true)", json!(true)),
        (
            "[1, 2].exists_one(x, x > 1) && ![2, 2].existsOne(x, x > 1)",
            json!(true),
        ),
        ("{'a': 1, 'b': 2}.map(k, k)", json!(["a", "b"])),
        ("{'a': 1}.exists(k, k == 'a')", json!(true)),
        (
            "[[1, 2], [3]].map(x, x.map(y, y + size(x)))",
            json!([[3, 4], [4]]),
        ),
        // A variable of a macro hides what is outside.
        ("[1].map(user, user)", json!([1])),
        ("[[1]].map(x, x.map(x, x + 1))", json!([[2]])),
        (
            "endpoint.labels.map(label, endpoint.labels[label])",
            json!(["production"]),
        ),
        ("user.groups.filter(g, g.startsWith('s'))", json!(["staff"])),
    ]);
    check_fails(&[
        ("[0].map(x, 1 / x)", Kind::Arithmetic),
        ("[0, 1].filter(x, 1 / x == 1)", Kind::Arithmetic),
        ("[0].exists_one(x, 1 / x == 1)", Kind::Arithmetic),
        ("dyn(1).map(x, x)", Kind::WrongType),
        ("[1].filter(x, dyn(x))", Kind::WrongType),
    ]);
}

#[test]
fn fields_and_keys() {
    check(&[
        ("user.username", json!("ada")),
        ("user['username']", json!("ada")),
        ("user.id", json!("00000000-0000-0000-0000-000000000007")),
        ("user.role", json!("operator")),
        ("groups == user.groups", json!(true)),
        (
            "address + '/' + request.address",
            json!("10.1.2.3/10.1.2.3"),
        ),
        ("time == request.time", json!(true)),
        ("session.methods", json!(["password", "totp"])),
        ("session.source == null", json!(true)),
        ("session.age_s", json!(7200)),
        (
            "application.slug + endpoint.protocol + provider.name",
            json!("linuxsshmachines"),
        ),
        ("endpoint.labels.stage", json!("production")),
        ("user.attributes.ssh.port + 1", json!(2223)),
        ("user.attributes['like-this']", json!(1)),
        ("user.attributes.hosts[1]", json!("b")),
        ("user.attributes.big", json!(u64::MAX)),
        ("connection_settings.username", json!("typed")),
        ("[1, 2][1]", json!(2)),
        ("{'a': {'b': 1}}.a.b", json!(1)),
        ("{1: 'x'}[1u]", json!("x")),
    ]);
    check_fails(&[
        ("user.attributes.missing", Kind::Missing),
        ("user.attributes.missing.deeper", Kind::Missing),
        ("user.attributes.nothing.deeper", Kind::Missing),
        ("user.attributes.team.deeper", Kind::WrongType),
        ("[1][1]", Kind::Missing),
        ("[1][-1]", Kind::Missing),
        ("{'a': 1}['b']", Kind::Missing),
        ("user[user.name]", Kind::Missing),
        ("{'a': 1, user.username: 1, 'ada': 2}", Kind::BadValue),
        ("{dyn(1.5): 1}", Kind::WrongType),
    ]);
}

#[test]
fn whether_a_field_is_there() {
    check(&[
        ("has(user.attributes.team)", json!(true)),
        ("has(user.attributes.missing)", json!(false)),
        ("has(user.attributes.nothing)", json!(true)),
        ("has(user.attributes.ssh.port)", json!(true)),
        ("has({'a': 1}.a) && !has({'a': 1}.b)", json!(true)),
        ("has(user.username)", json!(true)),
        (
            "has(user.attributes.missing) ? user.attributes.missing : 'none'",
            json!("none"),
        ),
        ("'like-this' in user.attributes", json!(true)),
    ]);
    check_fails(&[
        ("has(user.attributes.missing.deeper)", Kind::Missing),
        ("has(user.attributes.team.deeper)", Kind::WrongType),
    ]);
}

#[test]
fn texts() {
    check(&[
        (
            "'abc'.startsWith('ab') && 'abc'.endsWith('bc') && 'abc'.contains('b')",
            json!(true),
        ),
        ("size('äö') + 'äö'.size()", json!(4)),
        ("'aÄ'.lowerAscii() + 'aä'.upperAscii()", json!("aÄAä")),
        ("'  a b '.trim()", json!("a b")),
        ("'a,b,c'.split(',')", json!(["a", "b", "c"])),
        ("'a,b,c'.split(',', 2)", json!(["a", "b,c"])),
        ("'a,b'.split(',', 0)", json!([])),
        ("'a,b'.split(',', -1)", json!(["a", "b"])),
        ("'aä'.split('')", json!(["a", "ä"])),
        ("''.split(',')", json!([""])),
        (
            "['a', 'b'].join('-') + ['a', 'b'].join() + [].join(',')",
            json!("a-bab"),
        ),
        (
            "'a.b.c'.replace('.', '-') + 'a.b.c'.replace('.', '-', 1)",
            json!("a-b-ca-b.c"),
        ),
        ("'aaa'.replace('a', 'b', 0)", json!("aaa")),
        ("'ab'.replace('', '-')", json!("-a-b-")),
        (
            "'häuser'.substring(1) + 'häuser'.substring(1, 3)",
            json!("äuseräu"),
        ),
        ("'abc'.substring(3)", json!("")),
        (
            "'häuser'.indexOf('user') * 10 + 'abc'.indexOf('x')",
            json!(19),
        ),
        (
            "'ab12'.matches('^[a-z]+[0-9]{2}$') && !'ab1'.matches('[0-9]{2}')",
            json!(true),
        ),
        ("matches('Ä', r'^\\pL$')", json!(true)),
    ]);
    check_fails(&[
        ("'abc'.substring(4)", Kind::Missing),
        ("'abc'.substring(-1)", Kind::Missing),
        ("'abc'.substring(2, 1)", Kind::BadValue),
        ("dyn(1).startsWith('a')", Kind::WrongType),
        ("[dyn('a'), dyn(1)].join()", Kind::WrongType),
    ]);
}

#[test]
fn conversions() {
    check(&[
        ("int('42') + int(1.9) + int(-1.9) + int(3u)", json!(45)),
        ("uint(3) + uint('4') + uint(1.5)", json!(8)),
        ("double('1.5') + double(1) + double(2u)", json!(4.5)),
        (
            "string(1) + string(1.5) + string(true) + string(2u) + string(b'x')",
            json!("11.5true2x"),
        ),
        (
            "string(timestamp('2026-01-15T09:30:00+01:00'))",
            json!("2026-01-15T08:30:00Z"),
        ),
        ("string(duration('1h1.5s'))", json!("3601.5s")),
        ("bool('true') && !bool('False')", json!(true)),
        ("bytes('ä') == b'\\xc3\\xa4'", json!(true)),
        ("int(timestamp('1970-01-01T00:01:00Z'))", json!(60)),
        (
            "timestamp(60) == timestamp('1970-01-01T00:01:00Z')",
            json!(true),
        ),
        (
            "[type(1), type(1u), type(1.0), type(''), type(b''), type(true)] == [int, uint, double, string, bytes, bool]",
            json!(true),
        ),
        (
            "type(null) == null_type && type([]) == list && type({}) == map && type(int) == type",
            json!(true),
        ),
        (
            "type(time) == timestamp && type(duration('1s')) == duration && type(user) == map",
            json!(true),
        ),
    ]);
    check_fails(&[
        ("int('x')", Kind::BadValue),
        ("int(1e30)", Kind::Arithmetic),
        ("int(double('NaN'))", Kind::Arithmetic),
        ("int(18446744073709551615u)", Kind::Arithmetic),
        ("uint(-1)", Kind::Arithmetic),
        ("double('x')", Kind::BadValue),
        ("bool('yes')", Kind::BadValue),
        ("string([1])", Kind::WrongType),
        ("string(b'\\xff')", Kind::BadValue),
        ("int(null)", Kind::WrongType),
        ("timestamp(9223372036854775807)", Kind::Arithmetic),
        ("timestamp(user.name)", Kind::BadValue),
        ("duration(user.name)", Kind::BadValue),
        ("{'x': double('inf')}", Kind::WrongResult),
        ("b'bytes'", Kind::WrongResult),
        ("int", Kind::WrongResult),
    ]);
}

#[test]
fn times() {
    check(&[
        (
            "time.getFullYear() * 10000 + time.getMonth() * 100 + time.getDate()",
            json!(20_260_015),
        ),
        (
            "time.getDayOfMonth() * 100 + time.getDayOfYear()",
            json!(1414),
        ),
        ("time.getDayOfWeek()", json!(4)),
        (
            "time.getHours() * 100 + time.getMinutes() + time.getSeconds()",
            json!(830),
        ),
        ("time.getHours('Europe/Berlin')", json!(9)),
        ("time.getMinutes('Asia/Kolkata')", json!(0)),
        ("time.getDate('Pacific/Kiritimati')", json!(15)),
        ("time - session.created_at", json!("7200s")),
        ("(time - session.created_at).getMinutes()", json!(120)),
        ("time - duration('30m')", json!("2026-01-15T08:00:00Z")),
        ("duration('30m') + time", json!("2026-01-15T09:00:00Z")),
        (
            "duration('1h') + duration('30m') - duration('1s')",
            json!("5399s"),
        ),
        (
            "duration('90s') > duration('1m') && duration('60s') == duration('1m')",
            json!(true),
        ),
        ("duration('-1.5s').getMilliseconds()", json!(-500)),
        ("time < timestamp('2026-01-15T08:30:00.001Z')", json!(true)),
        ("time.getMilliseconds()", json!(0)),
    ]);
    check_fails(&[
        ("time + duration('2000000000h')", Kind::Arithmetic),
        ("time.getHours(user.name)", Kind::BadValue),
    ]);
}

#[test]
fn windows_of_time() {
    check(&[
        (
            "in_time_window(time, '08:00', '18:00', 'Europe/Berlin')",
            json!(true),
        ),
        (
            "in_time_window(time, '09:30', '09:31', 'Europe/Berlin')",
            json!(true),
        ),
        (
            "in_time_window(time, '08:00', '09:30', 'Europe/Berlin')",
            json!(false),
        ),
        ("in_time_window(time, '08:30', '24:00', 'UTC')", json!(true)),
        // Over midnight.
        ("in_time_window(time, '22:00', '09:00', 'UTC')", json!(true)),
        (
            "in_time_window(time, '22:00', '06:00', 'UTC')",
            json!(false),
        ),
        (
            "in_time_window(timestamp('2026-01-15T23:00:00Z'), '22:00', '06:00', 'UTC')",
            json!(true),
        ),
        // The clocks go forward in Berlin on 29 March 2026 at 01:00 UTC.
        (
            "in_time_window(timestamp('2026-03-29T00:30:00Z'), '01:00', '02:00', 'Europe/Berlin')",
            json!(true),
        ),
        (
            "in_time_window(timestamp('2026-03-29T01:30:00Z'), '03:00', '04:00', 'Europe/Berlin')",
            json!(true),
        ),
        ("weekday(time, 'UTC')", json!("thursday")),
        (
            "weekday(timestamp('2026-01-15T23:30:00Z'), 'Europe/Berlin')",
            json!("friday"),
        ),
    ]);
    check_fails(&[
        (
            "in_time_window(time, user.name, '18:00', 'UTC')",
            Kind::BadValue,
        ),
        ("weekday(time, user.name)", Kind::BadValue),
    ]);
}

#[test]
fn networks() {
    check(&[
        ("in_network(address, '10.0.0.0/8')", json!(true)),
        ("in_network(address, '10.1.2.3')", json!(true)),
        ("in_network(address, '192.168.0.0/16')", json!(false)),
        (
            "in_network(address, ['192.168.0.0/16', '10.0.0.0/8'])",
            json!(true),
        ),
        ("in_network(address, [])", json!(false)),
        ("in_network('::ffff:10.1.2.3', '10.0.0.0/8')", json!(true)),
        ("in_network('10.1.2.3', '::ffff:10.0.0.0/104')", json!(true)),
        ("in_network('fd00::1', 'fd00::/8')", json!(true)),
        ("in_network('fd00::1', '10.0.0.0/8')", json!(false)),
        ("in_network('10.1.2.3', '::/0')", json!(false)),
        ("in_network('10.1.2.3', '0.0.0.0/0')", json!(true)),
        ("in_network('10.1.2.3', '10.9.9.9/8')", json!(true)),
        (
            "in_network(address, user.attributes.hosts.filter(x, false))",
            json!(false),
        ),
    ]);
    check_fails(&[
        ("in_network(user.name, '10.0.0.0/8')", Kind::BadValue),
        ("in_network(address, user.name)", Kind::BadValue),
        ("in_network(address, user.attributes.hosts)", Kind::BadValue),
        ("in_network(session.source, '10.0.0.0/8')", Kind::WrongType),
    ]);
}

#[test]
fn groups_and_methods() {
    check(&[
        (
            "in_group('staff') && in_group('Ünïx') && !in_group('Staff')",
            json!(true),
        ),
        ("has_method('totp') && !has_method('webauthn')", json!(true)),
        ("in_group(user.attributes.team)", json!(false)),
    ]);
}
