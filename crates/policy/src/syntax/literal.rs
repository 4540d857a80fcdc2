//! Numbers, texts and bytes (language definition, section "Syntax": `INT_LIT`
//! to `BYTES_LIT`).

use super::Fault;
use super::lexer::{Cursor, Kind};

/// A number, which begins here.
pub(super) fn number(cursor: &mut Cursor<'_>) -> Result<Kind, Fault> {
    let rest = cursor.rest();
    let begin = cursor.fault("this number is too large");
    let digits =
        |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let kind = if let Some(hex) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
        let length = hex.len()
            - hex
                .trim_start_matches(|c: char| c.is_ascii_hexdigit())
                .len();
        if length == 0 {
            return Err(cursor.fault("a number in hexadecimal needs digits after `0x`"));
        }
        cursor.at += 2 + length;
        let value = u64::from_str_radix(&hex[..length], 16).map_err(|_| begin)?;
        whole(cursor, value)
    } else {
        let mut length = digits(rest);
        let mut is_double = false;
        if rest[length..].starts_with('.') && digits(&rest[length + 1..]) > 0 {
            length += 1 + digits(&rest[length + 1..]);
            is_double = true;
        }
        if let Some(exponent) = rest[length..].strip_prefix(['e', 'E']) {
            let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            let count = digits(unsigned);
            if count > 0 {
                length += 1 + (exponent.len() - unsigned.len()) + count;
                is_double = true;
            }
        }
        cursor.at += length;
        if is_double {
            match rest[..length].parse::<f64>() {
                Ok(value) if value.is_finite() => Kind::Double(value),
                _ => return Err(begin),
            }
        } else {
            let value = rest[..length].parse::<u64>().map_err(|_| begin)?;
            whole(cursor, value)
        }
    };
    if cursor
        .rest()
        .starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
    {
        return Err(cursor
            .fault("a letter follows a number at once")
            .hint("a name cannot begin with a digit; a text stands in quotes"));
    }
    Ok(kind)
}

fn whole(cursor: &mut Cursor<'_>, value: u64) -> Kind {
    if cursor.rest().starts_with(['u', 'U']) {
        cursor.at += 1;
        Kind::Uint(value)
    } else {
        Kind::Int(value)
    }
}

/// A text or bytes, if one begins here.
pub(super) fn text(cursor: &mut Cursor<'_>) -> Result<Option<Kind>, Fault> {
    let rest = cursor.rest();
    let mut prefix = 0;
    let (mut raw, mut bytes) = (false, false);
    for c in rest.chars().take(2) {
        match c {
            'r' | 'R' if !raw => raw = true,
            'b' | 'B' if !bytes => bytes = true,
            _ => break,
        }
        prefix += 1;
    }
    let quoted = &rest[prefix..];
    let Some(quote) = ["\"\"\"", "'''", "\"", "'"]
        .into_iter()
        .find(|quote| quoted.starts_with(quote))
    else {
        return Ok(None);
    };
    let begin = cursor
        .fault("this text does not end")
        .hint(format!("close it with {quote}"));
    cursor.at += prefix + quote.len();
    let mut out = Vec::new();
    loop {
        let rest = cursor.rest();
        if rest.starts_with(quote) {
            cursor.at += quote.len();
            break;
        }
        let Some(c) = rest.chars().next() else {
            return Err(begin);
        };
        if matches!(c, '\n' | '\r') && quote.len() == 1 {
            return Err(begin);
        }
        if c == '\\' && !raw {
            escape(cursor, bytes, &mut out)?;
        } else {
            out.extend_from_slice(&rest.as_bytes()[..c.len_utf8()]);
            cursor.at += c.len_utf8();
        }
    }
    if bytes {
        return Ok(Some(Kind::Bytes(out)));
    }
    // Escapes of a text give characters, never single bytes.
    match String::from_utf8(out) {
        Ok(text) => Ok(Some(Kind::Text(text))),
        Err(_) => Err(begin),
    }
}

fn escape(cursor: &mut Cursor<'_>, bytes: bool, out: &mut Vec<u8>) -> Result<(), Fault> {
    let wrong = cursor
        .fault("this escape means nothing")
        .hint("a backslash itself is written \\\\; r\"...\" takes everything as it stands");
    let rest = &cursor.rest()[1..];
    let Some(letter) = rest.chars().next() else {
        return Err(wrong);
    };
    let plain = match letter {
        'a' => Some(0x07),
        'b' => Some(0x08),
        'f' => Some(0x0c),
        'n' => Some(b'\n'),
        'r' => Some(b'\r'),
        't' => Some(b'\t'),
        'v' => Some(0x0b),
        '\\' => Some(b'\\'),
        '?' => Some(b'?'),
        '"' => Some(b'"'),
        '\'' => Some(b'\''),
        '`' => Some(b'`'),
        _ => None,
    };
    if let Some(byte) = plain {
        out.push(byte);
        cursor.at += 2;
        return Ok(());
    }
    let (digits, radix) = match letter {
        'x' | 'X' => (rest.get(1..3), 16),
        'u' if !bytes => (rest.get(1..5), 16),
        'U' if !bytes => (rest.get(1..9), 16),
        '0'..='3' => (rest.get(..3), 8),
        _ => (None, 16),
    };
    let Some(digits) = digits.filter(|digits| digits.chars().all(|c| c.is_digit(radix))) else {
        return Err(wrong);
    };
    let Ok(value) = u32::from_str_radix(digits, radix) else {
        return Err(wrong);
    };
    if bytes {
        out.push(u8::try_from(value).map_err(|_| wrong)?);
    } else {
        let character = char::from_u32(value).ok_or(wrong)?;
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    cursor.at += 1 + digits.len() + usize::from(radix == 16);
    Ok(())
}
