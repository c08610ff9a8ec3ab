//! The tokens that prove a guest's right to a hold, an order or a ticket.

use axum::http::HeaderMap;
use data_encoding::BASE64URL_NOPAD;
use marquee_ledger::command::Secret;

use super::extract::{Caller, Idempotency};
use crate::selling::rights::Asker;

/// The header with a hold's token.
pub(crate) const X_HOLD_TOKEN: &str = "x-hold-token";
/// The header with an order's token.
pub(crate) const X_ORDER_TOKEN: &str = "x-order-token";
/// The header with a ticket's token.
pub(crate) const X_TICKET_TOKEN: &str = "x-ticket-token";

/// A secret as its owner gets it.
pub(crate) fn text(secret: Secret) -> String {
    BASE64URL_NOPAD.encode(&secret.0.to_be_bytes())
}

/// The secret in a token. Text that is none proves as much as a token that was guessed: nothing.
pub(crate) fn secret(text: &str) -> Option<Secret> {
    let mut bytes = [0; 16];
    let is_token = text.len() == 22
        && BASE64URL_NOPAD.decode_mut(text.as_bytes(), &mut bytes).is_ok_and(|length| length == 16);
    is_token.then(|| Secret(u128::from_be_bytes(bytes)))
}

/// The secret in a header.
pub(crate) fn in_header(headers: &HeaderMap, name: &str) -> Option<Secret> {
    secret(headers.get(name)?.to_str().ok()?.trim())
}

/// A secret for what the request makes; a repetition gets the same.
pub(crate) fn fresh(idempotency: &Idempotency) -> Secret {
    let mut half = [0; 16];
    half.copy_from_slice(&idempotency.secret("hold")[..16]);
    Secret(u128::from_be_bytes(half))
}

/// Who asks for an order or a ticket.
pub(crate) fn asker(caller: &Caller, headers: &HeaderMap) -> Asker {
    let account = caller.account().ok().map(|signed| (signed.account, signed.roles));
    let [token, ticket_token] = [X_ORDER_TOKEN, X_TICKET_TOKEN].map(|name| in_header(headers, name));
    Asker { account, token, ticket_token }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_nothing_else_is_one() {
        let token = text(Secret(u128::MAX - 7));
        assert_eq!(secret(&token), Some(Secret(u128::MAX - 7)));
        for wrong in [
            "",
            "x",
            &token[1..],
            &format!("{token}A"),
            &format!("{}=", &token[1..]),
            "é".repeat(11).as_str(),
        ] {
            assert_eq!(secret(wrong), None, "{wrong}");
        }
    }
}
