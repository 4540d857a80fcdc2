//! Adding an authenticator app: a seed is shown, then a code proves that the
//! app has it.

use causeway_identity::totp::{SEED_LENGTH, Seed};
use causeway_model::id::FactorId;
use causeway_model::object::FactorKind;
use causeway_table::FactorChanges;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use zeroize::Zeroizing;

use super::Confirmed;
use super::factor::{
    AccountError, AddedFactor, check_factor_name, find, made, note, write_with_codes,
};
use crate::access::Caller;
use crate::app::App;
use crate::use_case::attempts;
use crate::use_case::second_factor::{self, FactorError, TotpSecret};

/// Whose codes they are, as apps show it.
const ISSUER: &str = "Causeway";
/// What an app is called that its user did not name.
const NAME_DEFAULT: &str = "Authenticator app";

/// What is shown of a seed, once.
#[derive(Debug)]
pub struct TotpEnrolment {
    /// The factor; not good for anything until it is confirmed.
    pub id: FactorId,
    /// The seed, for typing in.
    pub secret: Zeroizing<String>,
    /// The seed as a URL.
    pub otpauth_url: Zeroizing<String>,
    /// The URL as a picture (SVG).
    pub qr_svg: Zeroizing<String>,
}

/// Draws a seed. One that was drawn before and never confirmed is forgotten.
///
/// # Errors
/// [`AccountError`].
pub async fn enrol(
    app: &App,
    caller: &Caller,
    name: Option<&str>,
) -> Result<TotpEnrolment, AccountError> {
    Confirmed::of(caller, app.now())?;
    let name = name.unwrap_or(NAME_DEFAULT);
    check_factor_name(name)?;
    let user = caller.user();
    let table = app.table().factors();
    let stored = table.of_user(user.id).await?;
    let forgotten = stored
        .iter()
        .filter(|stored| !stored.factor.confirmed)
        .fold(FactorChanges::of(user.id), |changes, stored| {
            changes.remove(stored.factor.id)
        });
    let mut random = [0; SEED_LENGTH];
    app.randomness().fill(&mut random);
    let seed = Seed::new(random);
    let made = made(app, user, FactorKind::Totp, name, &TotpSecret::new(&seed)).await?;
    table.write(&forgotten.create(made.clone())).await?;
    let otpauth_url = seed.url(ISSUER, &user.username);
    Ok(TotpEnrolment {
        id: made.factor.id,
        secret: seed.to_base32(),
        qr_svg: Zeroizing::new(picture(&otpauth_url)),
        otpauth_url,
    })
}

/// Takes the first code of a new app; from now on a sign-in asks for one.
///
/// # Errors
/// [`AccountError`].
pub async fn confirm(
    app: &App,
    caller: &Caller,
    id: FactorId,
    code: &str,
) -> Result<AddedFactor, AccountError> {
    Confirmed::of(caller, app.now())?;
    let user = caller.user();
    let stored = app.table().factors().of_user(user.id).await?;
    let mut after = find(stored.clone(), id)?;
    if after.factor.confirmed || after.factor.kind != FactorKind::Totp {
        return Err(AccountError::NotFound);
    }
    attempts::count_code(app, user.id)
        .await
        .map_err(FactorError::from)?;
    let secret: TotpSecret = second_factor::open(app, &after)
        .await
        .map_err(FactorError::from)?;
    let secret = secret
        .use_up(app, code)
        .map_err(|error| FactorError::Seal(error.into()))?;
    let secret = secret.ok_or(FactorError::Wrong)?;
    let before = after.version;
    after.secret = second_factor::seal(app, id, &secret)
        .await
        .map_err(FactorError::from)?;
    after.factor.confirmed = true;
    after.version += 1;
    let changes = FactorChanges::of(user.id).replace(before, after.clone());
    let recovery_codes = write_with_codes(app, caller, changes, &stored).await?;
    note(app, caller, "totp_added").await?;
    Ok(AddedFactor {
        factor: after.factor,
        recovery_codes,
    })
}

/// The URL as a QR code; empty when it does not fit into one.
fn picture(url: &str) -> String {
    QrCode::with_error_correction_level(url, EcLevel::M)
        .map(|code| {
            code.render::<svg::Color<'_>>()
                .min_dimensions(200, 200)
                .build()
        })
        .unwrap_or_default()
}
