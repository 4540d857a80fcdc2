//! What somebody may have meant.

/// How far a name may be from the one that was meant, in letters.
const DISTANCE_MAX: usize = 2;
/// Longer names are not compared.
const COMPARED_LENGTH_MAX: usize = 32;

/// "did you mean `x`?", if something known is close to `name`.
pub(super) fn did_you_mean<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    known
        .map(|candidate| (distance(&lower, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            *distance <= DISTANCE_MAX && *distance * 2 <= candidate.len()
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| format!("did you mean `{candidate}`?"))
}

/// "`a`, `b` and `c`".
pub(super) fn one_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// A hint for a variable as other systems name it.
pub(super) fn variable(name: &str) -> Option<&'static str> {
    Some(match name {
        "True" => "write `true`",
        "False" => "write `false`",
        "None" | "nil" | "undefined" => "write `null`",
        "now" => "the time of the decision is `time`",
        "ip" | "client_ip" | "remote_addr" | "ak_client_ip" => {
            "the client's address is `address`; ask with in_network(address, \"10.0.0.0/8\")"
        }
        "username" => "write `user.username`",
        "device" | "host" | "machine" => "the machine is `endpoint`",
        "app" => "write `application`",
        "context" | "prompt_data" => "what the flow has set is `connection_settings`",
        "roles" | "role" => "write `user.role`",
        "labels" => "write `endpoint.labels`",
        "attributes" => "write `user.attributes`",
        "methods" => "write `session.methods`",
        _ => return None,
    })
}

/// A hint for a function as other systems name it.
pub(super) fn function(name: &str) -> Option<&'static str> {
    Some(match name {
        "len" | "length" | "count" => "write `size(x)`",
        "ak_is_group_member" | "is_member" | "isMember" | "has_group" => {
            "write in_group(\"staff\")"
        }
        "now" => "the time of the decision is the variable `time`",
        "str" => "write `string(x)`",
        "float" => "write `double(x)`",
        "lower" | "toLowerCase" | "to_lower" => "write `.lowerAscii()`",
        "upper" | "toUpperCase" | "to_upper" => "write `.upperAscii()`",
        "any" | "some" => "write `.exists(x, ...)`",
        "find" | "search" | "regex_match" => "write `.matches(\"...\")`",
        "includes" | "has_key" => "write `\"x\" in list`",
        "strip" => "write `.trim()`",
        "get" => "write `has(map.key) ? map.key : other`",
        "return" => "an expression is its own result",
        _ => return None,
    })
}

/// The number of letters to add, drop, change or swap with their neighbour to
/// come from one to the other (optimal string alignment).
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().take(COMPARED_LENGTH_MAX).collect();
    let other: Vec<char> = other.chars().take(COMPARED_LENGTH_MAX).collect();
    let mut rows = vec![vec![0; other.len() + 1]; one.len() + 1];
    for (row, cells) in rows.iter_mut().enumerate() {
        cells[0] = row;
    }
    for (column, cell) in rows[0].iter_mut().enumerate() {
        *cell = column;
    }
    for row in 1..=one.len() {
        for column in 1..=other.len() {
            let change = usize::from(one[row - 1] != other[column - 1]);
            let mut least = (rows[row - 1][column] + 1)
                .min(rows[row][column - 1] + 1)
                .min(rows[row - 1][column - 1] + change);
            let swapped = row > 1
                && column > 1
                && one[row - 1] == other[column - 2]
                && one[row - 2] == other[column - 1];
            if swapped {
                least = least.min(rows[row - 2][column - 2] + 1);
            }
            rows[row][column] = least;
        }
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_names_are_suggested_and_others_are_not() {
        let known = || ["username", "groups", "email", "id"].into_iter();
        let meant = |name| did_you_mean(name, known());
        assert_eq!(meant("usrename").unwrap(), "did you mean `username`?");
        assert_eq!(meant("group").unwrap(), "did you mean `groups`?");
        assert_eq!(meant("Email").unwrap(), "did you mean `email`?");
        assert_eq!(meant("telephone"), None);
        assert_eq!(meant("xy"), None);
    }
}
