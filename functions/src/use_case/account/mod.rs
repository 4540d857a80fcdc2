//! What people do with their own accounts: confirming who they are, second
//! factors, the password, sign-ins and API tokens.
//!
//! What changes how one signs in asks for [`Confirmed`]: a browser's sign-in
//! whose user proved within the last minutes who they are.

mod confirmation;
mod factor;
mod passkey;
mod password;
mod sign_ins;
mod tokens;
mod totp;

pub(crate) use confirmation::Confirmed;
pub use confirmation::{
    Confirmation, ConfirmationQuestion, ConfirmedAnswer, NotConfirmed, confirm, question,
};
pub use factor::{AccountError, AddedFactor, FactorView, factors, new_recovery_codes, rename};
pub use factor::{remove, remove_all};
pub use passkey::{PasskeyEnrolment, add as add_passkey, enrol as enrol_passkey};
pub(crate) use password::verify as verify_password;
pub use password::{PasswordChangeError, change as change_password, has_password};
pub use sign_ins::{SignInView, end as end_sign_in, end_others, list as sign_ins};
pub use tokens::{create as create_token, delete as delete_token, list as tokens};
pub use totp::{TotpEnrolment, confirm as confirm_totp, enrol as enrol_totp};
