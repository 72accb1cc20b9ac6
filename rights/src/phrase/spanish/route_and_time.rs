//! Right route and right time: R1 to R3, T1 to T10.

use alloc::format;

use crate::phrase::families::{conditions, dose, medication, patient, request, safety};
use crate::phrase::spanish::names::{duration, outcome, route, site};
use crate::phrase::write::{capital, phrase};
use crate::phrase::{Phrase, Words};
use crate::verdict::Variance;

pub(super) fn text(variance: &Variance, words: &Words<'_>) -> Option<Phrase> {
    let q = |quantity| words.quantity(quantity);
    let t = |at| words.time(at);
    Some(match variance {
        Variance::RouteDiffers(ordered) => phrase(
            "vía equivocada para este producto",
            format!("Indicado: {}; este producto no es para esa vía.", route(*ordered)),
            "Devuélvalo. Traiga el producto para la vía indicada.",
        ),
        Variance::Early(due) => phrase(
            "temprano",
            format!("Prevista: {}.", t(*due)),
            "Espere o diga por qué se administra antes.",
        ),
        Variance::EarlyAfterLast(due, last) => phrase(
            "demasiado pronto tras la última dosis",
            format!("Última dosis: {}; prevista: {}.", t(*last), t(*due)),
            "Llame al prescriptor o al farmacéutico, o espere.",
        ),
        Variance::Late(due) => {
            phrase("tarde", format!("Estaba prevista: {}.", t(*due)), "Diga por qué se retrasa.")
        }
        Variance::LatePastMiddle(due, next) => phrase(
            "tarde, más cerca de la dosis siguiente",
            format!("Estaba prevista: {}; la siguiente: {}.", t(*due), t(*next)),
            "Llame al prescriptor o al farmacéutico: darla tarde u omitirla.",
        ),
        Variance::TooSoon(last, next) => phrase(
            "demasiado pronto",
            format!("Última dosis: {}. Permitida desde: {}.", t(*last), t(*next)),
            "Espere o llame al prescriptor.",
        ),
        Variance::TooSoonBefore(later, next) => phrase(
            "demasiado cerca de la dosis siguiente",
            format!(
                "Se administró una dosis: {}. Después de esta estaba permitida desde: {}.",
                t(*later),
                t(*next)
            ),
            "Compruebe la hora de administración. Llame al prescriptor.",
        ),
        Variance::CountReached(count) => phrase(
            "límite de 24 horas alcanzado",
            format!("{count} dosis en 24 horas."),
            "Llame al prescriptor.",
        ),
        Variance::ReasonAsked => phrase("dosis según necesidad: ¿para qué?", "", "Elija el motivo."),
        Variance::SameIngredientRecently(at, outcome_) => phrase(
            "el mismo principio activo hace poco",
            format!("{}: {}.", capital(outcome(*outcome_)), t(*at)),
            "Compruebe que no es una segunda dosis; diga por qué se administra.",
        ),
        Variance::LaterGiven(at) => phrase(
            "ya se administró una dosis posterior",
            format!("Administrada: {}.", t(*at)),
            "No administre nada para la hora anterior.",
        ),
        Variance::ClockOff(off) => phrase(
            "el reloj del puesto está mal",
            format!("Difiere en {}.", duration(*off)),
            "Registre en papel. Llame al técnico.",
        ),
        Variance::ClockUnknown => phrase("reloj del puesto sin comparar últimamente", "", ""),
        Variance::PatchStillOn(at, by) => phrase(
            "un parche anterior sigue puesto",
            format!("Puesto: {}, por {by}.", t(*at)),
            "Retírelo y regístrelo primero.",
        ),
        Variance::PatchElsewhere(at, by) => phrase(
            "un parche de otra unidad puede seguir puesto",
            format!("Puesto: {}, por {by}.", t(*at)),
            "Búsquelo y retírelo. Indique por qué está retirado.",
        ),
        Variance::RouteNotAllowed(charted) => phrase(
            "vía no permitida por la orden",
            format!("Elegido: {}.", route(*charted)),
            "Elija una vía permitida o llame al prescriptor.",
        ),
        Variance::SiteNotOfRoute(code) => phrase(
            "este sitio no corresponde a la vía",
            format!("Elegido: {}.", site(code.as_str())),
            "Elija otro sitio.",
        ),
        Variance::SameSite(code, at) => phrase(
            "el mismo sitio que la última vez",
            format!("{}: {}.", capital(&site(code.as_str())), t(*at)),
            "Considere otro sitio.",
        ),
        Variance::MustNotBeCrushed => phrase(
            "esto no se debe triturar",
            "Triturado, lo liberaría todo de golpe o haría daño.",
            "No lo administre. Pida otra forma a la farmacia.",
        ),
        Variance::AmountReached(total, maximum) => phrase(
            "cantidad de 24 horas alcanzada",
            format!("Con esta dosis {} en 24 horas; permitido {}.", q(total), q(maximum)),
            "Llame al prescriptor.",
        ),
        patient!() | medication!() | request!() | dose!() | conditions!() | safety!() => return None,
    })
}
