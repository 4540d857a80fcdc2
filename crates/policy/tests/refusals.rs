//! What is refused where it is written: code, place and hint.

#![allow(clippy::unwrap_used)]

use causeway_policy::{CompileError, Expression, Purpose};

fn refusal(source: &str, purpose: Purpose) -> CompileError {
    match Expression::compile(source, purpose) {
        Ok(_) => panic!("{source} was taken"),
        Err(error) => error,
    }
}

/// Source, code, line, column, words of the message, words of the hint.
type Case<'a> = (&'a str, &'a str, u32, u32, &'a str, &'a str);

fn check(cases: &[Case<'_>]) {
    let mut wrong = Vec::new();
    for (source, code, line, column, message, hint) in cases {
        let error = refusal(source, Purpose::Policy);
        let found = error.hint.as_deref().unwrap_or_default();
        let is_right = error.code == *code
            && (error.line, error.column) == (*line, *column)
            && error.message.contains(message)
            && found.contains(hint)
            && hint.is_empty() == error.hint.is_none();
        if !is_right {
            wrong.push(format!("{source}: {} {error}", error.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn syntax() {
    let code = "expression_syntax";
    check(&[
        ("", code, 1, 1, "empty", ""),
        ("  // nothing", code, 1, 13, "empty", ""),
        ("true &&", code, 1, 8, "not the end", ""),
        ("true &&\n  )", code, 2, 3, "not `)`", ""),
        ("(true", code, 1, 6, "needs `)`", ""),
        ("[1, 2", code, 1, 6, "`,` or `]`", ""),
        ("{'a' 1}", code, 1, 6, "needs `:`", ""),
        ("true true", code, 1, 6, "should end here", ""),
        ("true and false", code, 1, 6, "should end here", "`&&`"),
        ("not true", code, 1, 1, "a value should stand here", "`!`"),
        ("user.name = 'x'", code, 1, 11, "single `=`", "`==`"),
        ("true & false", code, 1, 6, "single `&`", "`&&`"),
        ("true | false", code, 1, 6, "single `|`", "`||`"),
        ("'abc", code, 1, 1, "does not end", "'"),
        ("'a\nb'", code, 1, 1, "does not end", "'"),
        (r"'\q'", code, 1, 2, "escape", "\\\\"),
        (r"'\ud800'", code, 1, 2, "escape", "\\\\"),
        ("1abc", code, 1, 2, "letter follows a number", "quotes"),
        ("9223372036854775808 > 1", code, 1, 1, "too large", ""),
        ("1e999 > 1.0", code, 1, 1, "too large", ""),
        ("0x", code, 1, 1, "hexadecimal", ""),
        ("\u{201c}a\u{201d}", code, 1, 1, "typographer", "write \""),
        ("ünï", code, 1, 1, "means nothing", "ASCII"),
        ("true # comment", code, 1, 6, "comment", "//"),
        ("user.in", code, 1, 6, "after a dot", "[\"in\"]"),
        ("user.'x'", code, 1, 6, "after it", "like-this"),
        ("return true", code, 1, 1, "kept for later", ""),
        ("if true", code, 1, 1, "kept for later", "condition ?"),
        ("true ? 1", code, 1, 9, "needs `:`", ""),
        ("1 +* 2", code, 1, 4, "not `*`", ""),
        ("Duration{seconds: 1}", code, 1, 9, "should end here", ""),
        (".user", code, 1, 1, "not `.`", ""),
        // Columns count characters.
        ("'äöü' == ", code, 1, 10, "not the end", ""),
    ]);
}

#[test]
fn names() {
    check(&[
        (
            "usr.name == ''",
            "unknown_variable",
            1,
            1,
            "`usr`",
            "`user`",
        ),
        (
            "username == 'ada'",
            "unknown_variable",
            1,
            1,
            "`username`",
            "user.username",
        ),
        ("x == 1", "unknown_variable", 1, 1, "`x`", "there is `user`"),
        ("True", "unknown_variable", 1, 1, "`True`", "`true`"),
        (
            "value == 1",
            "unknown_variable",
            1,
            1,
            "a policy has no `value`",
            "`user`",
        ),
        (
            "connection_settings.a == 1",
            "unknown_variable",
            1,
            1,
            "has no",
            "it has",
        ),
        ("[1].all(x, y > 0)", "unknown_variable", 1, 12, "`y`", "`x`"),
        (
            "user.grups == []",
            "unknown_field",
            1,
            6,
            "user has no field `grups`",
            "user.groups",
        ),
        (
            "user.telephone == ''",
            "unknown_field",
            1,
            6,
            "telephone",
            "user has `id`",
        ),
        (
            "endpoint.protcol == 'ssh'",
            "unknown_field",
            1,
            10,
            "protcol",
            "endpoint.protocol",
        ),
        (
            "user['grups'] == []",
            "unknown_field",
            1,
            6,
            "grups",
            "groups",
        ),
        ("has(user.grups)", "unknown_field", 1, 10, "grups", "groups"),
        (
            "lenght(groups) > 1",
            "unknown_function",
            1,
            1,
            "lenght()",
            "",
        ),
        (
            "len(groups) > 1",
            "unknown_function",
            1,
            1,
            "len()",
            "size(x)",
        ),
        (
            "startswith(user.name, 'a')",
            "unknown_function",
            1,
            1,
            "startswith",
            "",
        ),
        (
            "user.name.startswith('a')",
            "unknown_function",
            1,
            11,
            "startswith",
            "startsWith",
        ),
        (
            "startsWith(user.name, 'a')",
            "unknown_function",
            1,
            1,
            "behind a dot",
            "string.startsWith",
        ),
        (
            "user.name.in_group('a')",
            "unknown_function",
            1,
            11,
            "does not stand behind",
            "in_group(string)",
        ),
        (
            "ak_is_group_member(user)",
            "unknown_function",
            1,
            1,
            "ak_",
            "in_group",
        ),
        (
            "{user: 1}.user == 1",
            "wrong_type",
            1,
            2,
            "key cannot be user",
            "",
        ),
        (
            "{username: 1}.username == 1",
            "unknown_variable",
            1,
            2,
            "username",
            "\"username\"",
        ),
    ]);
}

#[test]
fn arguments() {
    let code = "wrong_arguments";
    check(&[
        (
            "in_group()",
            code,
            1,
            1,
            "does not take 0 arguments",
            "in_group(string)",
        ),
        (
            "in_group('a', 'b')",
            code,
            1,
            1,
            "does not take 2 arguments",
            "in_group(string)",
        ),
        (
            "in_group(1)",
            code,
            1,
            10,
            "argument 1 of in_group() cannot be int",
            "in_group",
        ),
        (
            "groups.startsWith('a')",
            code,
            1,
            1,
            "does not work on list of string",
            "string.startsWith",
        ),
        (
            "user.name.startsWith(1)",
            code,
            1,
            22,
            "argument 1",
            "startsWith(string)",
        ),
        ("has(user)", code, 1, 1, "takes one field", "in map"),
        ("has(user.name, 1)", code, 1, 1, "takes one field", "in map"),
        (
            "groups.all(x)",
            code,
            1,
            8,
            "takes a name and an expression",
            "",
        ),
        ("groups.all('x', true)", code, 1, 12, "a new name", ""),
        (
            "all(groups, x, true)",
            code,
            1,
            1,
            "stands behind a list",
            "",
        ),
        (
            "user.name.matches(user.email)",
            code,
            1,
            24,
            "written out",
            "contains",
        ),
        ("size(1) > 0", code, 1, 6, "cannot be int", "size(string)"),
    ]);
}

#[test]
fn types() {
    let code = "wrong_type";
    check(&[
        ("!user.name", code, 1, 1, "`!` needs", "compare"),
        ("groups && true", code, 1, 1, "`&&` needs", "size(x)"),
        ("user || true", code, 1, 1, "`||` needs", "user != null"),
        (
            "user.name ? true : false",
            code,
            1,
            11,
            "a condition needs",
            "compare",
        ),
        (
            "groups == 'staff'",
            code,
            1,
            8,
            "list of string and string",
            "x in list",
        ),
        ("'staff' in user.name", code, 1, 9, "`in`", "contains"),
        ("['a'] in groups", code, 1, 7, "`in`", "exists"),
        ("1 in groups", code, 1, 3, "`in`", ""),
        ("user.name + 1 == ''", code, 1, 11, "`+`", "string(x)"),
        ("1 + 1.5 > 2.0", code, 1, 3, "`+`", "double(x)"),
        ("1.5 % 2.0 == 0.0", code, 1, 5, "`%`", "one type"),
        (
            "time > '2026-01-01T00:00:00Z'",
            code,
            1,
            6,
            "`>`",
            "timestamp(",
        ),
        (
            "time - session.created_at < 3600",
            code,
            1,
            27,
            "`<`",
            "duration(",
        ),
        ("user.name == 5", code, 1, 11, "`==`", ""),
        ("groups[0] == 1", code, 1, 11, "`==`", ""),
        ("groups['a'] == 'a'", code, 1, 8, "by its number", "in list"),
        ("user.name.length == 1", code, 1, 11, "no fields", ".size()"),
        ("(1).all(x, true)", code, 1, 2, "list or map, not int", ""),
        ("groups.all(x, x)", code, 1, 15, "all() asks of each", ""),
        ("-user.name == ''", code, 1, 1, "`-` needs a number", ""),
        ("weekday(time, 'UTC') < 5", code, 1, 22, "`<`", ""),
    ]);
}

#[test]
fn values_that_are_written_out() {
    let code = "bad_value";
    check(&[
        (
            "in_network(address, '10.0.0/8')",
            code,
            1,
            21,
            "no network",
            "",
        ),
        (
            "in_network(address, ['10.0.0.0/8', 'x'])",
            code,
            1,
            36,
            "no network",
            "",
        ),
        (
            "in_network(address, '10.0.0.0/33')",
            code,
            1,
            21,
            "no network",
            "",
        ),
        (
            "in_time_window(time, '8:00', '18:00', 'UTC')",
            code,
            1,
            22,
            "no hour",
            "",
        ),
        (
            "in_time_window(time, '08:00', '18:60', 'UTC')",
            code,
            1,
            31,
            "no hour",
            "",
        ),
        (
            "in_time_window(time, '08:00', '18:00', 'Europe/Berlim')",
            code,
            1,
            40,
            "time zone",
            "",
        ),
        ("time.getHours('Mars') > 1", code, 1, 15, "time zone", ""),
        ("has_method('otp')", code, 1, 12, "no such method", ""),
        (
            "session.age_s > 1 && time > timestamp('x')",
            code,
            1,
            39,
            "no time",
            "",
        ),
        (
            "duration('5 minutes') > duration('1s')",
            code,
            1,
            10,
            "no duration",
            "",
        ),
        ("user.name.matches('(')", code, 1, 19, "unclosed group", ""),
        (
            "user.name.matches('a{1000}{1000}')",
            code,
            1,
            19,
            "too large",
            "",
        ),
        (
            "{'a': 1, 'a': 2}.a == 1",
            code,
            1,
            10,
            "stands in the map already",
            "",
        ),
    ]);
}

#[test]
fn results() {
    let check = |source: &str, purpose: Purpose, message: &str, hint: &str| {
        let error = refusal(source, purpose);
        assert_eq!(error.code, "wrong_result", "{source}: {error}");
        assert!(error.message.contains(message), "{source}: {error}");
        assert!(error.hint.unwrap_or_default().contains(hint), "{source}");
    };
    check(
        "'yes'",
        Purpose::Policy,
        "a policy must give `true` or `false`, and this gives string",
        "==",
    );
    check("user.groups", Purpose::Policy, "list of string", "compare");
    check("1", Purpose::PromptValidation, "int", "compare");
    check(
        "user.username",
        Purpose::PropertyMapping,
        "must give a map",
        "{\"username\"",
    );
    check(
        "[1]",
        Purpose::Stage,
        "must give a map",
        "connection_settings",
    );
    check(
        "claims.groups == []",
        Purpose::SourceAttributes,
        "bool",
        "claims.department",
    );
    check("{'a': 1}", Purpose::PromptDefault, "map", "");
    for (source, purpose) in [
        ("user.attributes.allowed", Purpose::Policy),
        ("user.attributes", Purpose::PropertyMapping),
        ("claims", Purpose::SourceAttributes),
        ("request.address", Purpose::PromptDefault),
        (
            "value == connection_settings.username",
            Purpose::PromptValidation,
        ),
    ] {
        assert!(Expression::compile(source, purpose).is_ok(), "{source}");
    }
}

#[test]
fn each_purpose_has_its_variables() {
    for (source, purpose) in [
        ("{'a': user.name}", Purpose::SourceAttributes),
        ("{'a': in_group('x')}", Purpose::SourceAttributes),
        ("{'a': claims.x}", Purpose::PropertyMapping),
        ("{'a': value}", Purpose::Stage),
        ("claims.x", Purpose::Policy),
    ] {
        let error = refusal(source, purpose);
        assert!(error.code.starts_with("unknown_"), "{source}: {error}");
    }
}

#[test]
fn an_error_is_said_in_a_line() {
    let error = refusal("user.name ==\n  usr.name", Purpose::Policy);
    assert_eq!(
        error.to_string(),
        "line 2, column 3: there is no variable `usr`; did you mean `user`?"
    );
}
