//! The way in and out.

use maud::html;

use super::{frame, text};
use crate::station::asked::Answer;

/// The form, with the token that its session carries.
pub(in crate::station) fn form(csrf: &str, refused: bool) -> Answer {
    let content = html! {
        @if refused { p.error role="alert" { (text::SIGN_IN_REFUSED) } }
        form.stack method="post" action="/sign-in" {
            input type="hidden" name="csrf" value=(csrf);
            label { (text::USER_ID) input name="id" autocomplete="username" required maxlength="64" autofocus; }
            label { (text::PASSWORD) input type="password" name="password" autocomplete="current-password" required maxlength="256"; }
            button.main { (text::SIGN_IN) }
        }
        p.note { (text::SIGN_IN_NOTE) }
    };
    frame::outside(if refused { 403 } else { 200 }, text::SIGN_IN, &content)
}
