//! Second persons and safe operation: W1 to W4, S2 to S4, and values that are asked.

use alloc::format;

use crate::phrase::families::{conditions, dose, medication, patient, request, route_and_time};
use crate::phrase::spanish::names::{duration, role};
use crate::phrase::spanish::values::{in_hand, missing};
use crate::phrase::write::{capital, phrase};
use crate::phrase::{Phrase, Words};
use crate::verdict::Variance;

pub(super) fn text(variance: &Variance, words: &Words<'_>) -> Option<Phrase> {
    let q = |quantity| words.quantity(quantity);
    let t = |at| words.time(at);
    Some(match variance {
        Variance::OrdersOld(age) => phrase(
            "órdenes no actualizadas",
            format!("Última actualización: hace {}.", duration(*age)),
            "Compruebe la orden en la historia; diga por qué no puede esperar.",
        ),
        Variance::OrdersAgeUnknown => phrase(
            "órdenes no actualizadas",
            "No se sabe cuándo se actualizaron por última vez.",
            "Compruebe la orden en la historia; diga por qué no puede esperar.",
        ),
        Variance::Backdated(at) => phrase(
            "registrada después de administrarse",
            format!("Administrada: {}.", t(*at)),
            "Diga por qué no se registró entonces.",
        ),
        Variance::GivenInTheFuture(at) => {
            phrase("esa hora aún no ha llegado", format!("Usted dijo: {}.", t(*at)), "Corrija la hora.")
        }
        Variance::GivenTooLongAgo(at) => phrase(
            "administrada hace demasiado para registrarla aquí",
            format!("Usted dijo: {}.", t(*at)),
            "Regístrela en papel y avise a la farmacia.",
        ),
        Variance::ValueMissing(wanted) => missing(wanted),
        Variance::WitnessRequired => phrase(
            "un segundo profesional debe comprobarlo",
            "",
            "Llame a un testigo. Escanea el envase e introduce la dosis sin ver la suya.",
        ),
        Variance::WitnessRecommended => phrase(
            "un segundo profesional debería comprobarlo",
            "",
            "Llame a un testigo o diga por qué se administra sin él.",
        ),
        Variance::WitnessIsGiver => {
            phrase("el testigo debe ser otra persona", "", "Pida a otro profesional con licencia.")
        }
        Variance::WitnessNotLicensed(role_) => phrase(
            "esta función no puede ser testigo",
            format!("Tarjeta de: {}.", role(*role_)),
            "Pida a una enfermera o a un farmacéutico.",
        ),
        Variance::WitnessTooLate(within) => phrase(
            "el testigo tardó demasiado",
            format!("Como máximo {} tras el PIN.", duration(*within)),
            "El testigo firma e introduce de nuevo.",
        ),
        Variance::WitnessDiffers(mine, theirs) => phrase(
            "el testigo dice otra cantidad",
            format!("Preparado: {}; el testigo introdujo: {}. Ambos quedan registrados.", q(mine), q(theirs)),
            "No siga. Comprueben juntos orden, producto y cálculo; después devuélvalo y prepárelo de nuevo.",
        ),
        Variance::WitnessRateDiffers(mine, theirs) => phrase(
            "el testigo dice otra velocidad",
            match theirs {
                Some(theirs) => format!(
                    "Ajustada: {}; el testigo introdujo: {}. Ambas quedan registradas.",
                    words.rate(mine),
                    words.rate(theirs)
                ),
                None => format!("Ajustada: {}; el testigo no introdujo ninguna.", words.rate(mine)),
            },
            "No la inicie. Comprueben juntos orden y bomba; después devuélvalo y prepárelo de nuevo.",
        ),
        Variance::WitnessOtherProduct(name) => phrase(
            "el testigo escaneó otro producto",
            format!(
                "En la mano: {}. El testigo escaneó {name}.",
                in_hand(words).unwrap_or_else(|| "otro producto".into())
            ),
            "No lo administre. Comprueben juntos el envase.",
        ),
        Variance::WasteDue(left, within) => phrase(
            "habrá que desechar el resto",
            format!("Sobra: {}.", capital(&q(left))),
            format!("Deséchelo ante un testigo antes de {}.", duration(*within)),
        ),
        Variance::WasteDiffers(left, wasted) => phrase(
            "el desecho no cuadra",
            format!("Sobrante: {}; desechado en total: {}.", q(left), q(wasted)),
            "Justifique el resto. Hasta entonces queda abierto como discrepancia.",
        ),
        Variance::WasteNotComparable(amount) => phrase(
            "esta cantidad no es parte del envase",
            capital(&q(amount)),
            "Introdúzcala en la unidad del envase o de su principio activo.",
        ),
        Variance::BreakGlass(until) => phrase(
            "acceso de emergencia",
            format!("Hasta: {}. Las comprobaciones se avisan, no se preguntan.", t(*until)),
            "Todo queda registrado. Haga escribir las órdenes después.",
        ),
        patient!() | medication!() | request!() | dose!() | route_and_time!() | conditions!() => return None,
    })
}
