//! The Authorization header (RFC 6750 section 2.1, RFC 9110 section 11.4).

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use super::unauthenticated::Unauthenticated;

/// The longest token that is accepted, in bytes: API Gateway's limit for all headers together.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const MAX_TOKEN_BYTES: usize = 10_240;

/// Returns the token in the request's only Authorization header.
///
/// The scheme's name is case-insensitive and may be followed by several spaces (RFC 9110 section
/// 11.4). Another scheme counts as no credentials at all (RFC 6750 section 3.1). API Gateway joins
/// repeated headers with a comma, which no token contains, so they are refused either way.
pub fn token(headers: &HeaderMap) -> Result<&str, Unauthenticated> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Unauthenticated::MissingToken)?;
    if values.next().is_some() {
        return Err(Unauthenticated::MalformedHeader);
    }
    let value = value
        .to_str()
        .map_err(|_| Unauthenticated::MalformedHeader)?;
    let (scheme, token) = value
        .split_once(' ')
        .ok_or(Unauthenticated::MalformedHeader)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Unauthenticated::MissingToken);
    }
    let token = token.trim_matches(' ');
    let is_token =
        !token.is_empty() && token.len() <= MAX_TOKEN_BYTES && token.bytes().all(is_token_byte);
    if is_token {
        Ok(token)
    } else {
        Err(Unauthenticated::MalformedHeader)
    }
}

/// A character of `b64token` (RFC 6750 section 2.1).
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<String, Unauthenticated> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().unwrap());
        }
        token(&headers).map(str::to_owned)
    }

    #[test]
    fn the_scheme_is_case_insensitive_and_may_be_followed_by_spaces() {
        for value in [
            "Bearer a.b.c",
            "bearer a.b.c",
            "BEARER a.b.c",
            "Bearer   a.b.c ",
            "bEaReR a.b.c",
        ] {
            assert_eq!(read(&[value]).as_deref(), Ok("a.b.c"), "{value:?}");
        }
    }

    #[test]
    fn no_header_and_another_scheme_are_missing_credentials() {
        assert_eq!(read(&[]), Err(Unauthenticated::MissingToken));
        assert_eq!(read(&["Basic dTpw"]), Err(Unauthenticated::MissingToken));
    }

    #[test]
    fn everything_else_is_malformed() {
        let long = format!("Bearer {}", "a".repeat(MAX_TOKEN_BYTES + 1));
        for value in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer\ta.b.c",
            "a.b.c",
            "Bearer a b",
            "Bearer a.b.c,Bearer a.b.c",
            "Bearer \"a.b.c\"",
            "Bearer a.b.c;",
            "Bearera.b.c",
            "Bearer ü",
            &long,
        ] {
            assert_eq!(
                read(&[value]),
                Err(Unauthenticated::MalformedHeader),
                "{value:?}"
            );
        }
        assert_eq!(
            read(&["Bearer a.b.c", "Bearer a.b.c"]),
            Err(Unauthenticated::MalformedHeader)
        );
    }
}
