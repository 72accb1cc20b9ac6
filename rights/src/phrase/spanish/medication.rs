//! Right medication: M1 to M11.

use alloc::format;

use crate::phrase::families::{conditions, dose, patient, request, route_and_time, safety};
use crate::phrase::spanish::names::{disposal, duration, form, mismatch_title, recall, thing};
use crate::phrase::spanish::values::in_hand;
use crate::phrase::write::phrase;
use crate::phrase::{Phrase, Words};
use crate::verdict::Variance;

#[expect(clippy::too_many_lines, reason = "one table, one row for each variance")]
pub(super) fn text(variance: &Variance, words: &Words<'_>) -> Option<Phrase> {
    let t = |at| words.time(at);
    Some(match variance {
        Variance::NotAPackage(kind) => phrase(
            format!("esto es {}, no un medicamento", thing(kind)),
            "",
            "Escanee el envase del medicamento.",
        ),
        Variance::PackageScanOld(lasts) => phrase(
            "lectura del envase demasiado antigua",
            format!("Una lectura del envase vale {}.", duration(*lasts)),
            "Devuélvalo y escanee el envase de nuevo.",
        ),
        Variance::ProductUnknown => phrase(
            "código de barras no registrado",
            "La farmacia no ha vinculado este código.",
            "No lo administre. Envíelo a la farmacia o use otro envase.",
        ),
        Variance::ProductAmbiguous => phrase(
            "el código corresponde a más de un producto",
            "El código solo no dice qué producto es.",
            "No lo administre. Envíelo a la farmacia o escanee su otro código.",
        ),
        Variance::DifferentProducts => {
            phrase("productos distintos en la mano", "Una dosis es un solo producto.", "Devuelva uno.")
        }
        Variance::OtherPatientsDose => {
            phrase("esta dosis es de otro paciente", "", "Devuélvala. Busque la dosis de este paciente.")
        }
        Variance::DoseUnknown => phrase(
            "etiqueta de dosis desconocida",
            "La farmacia no tiene esa dosis.",
            "No la administre. Pregunte a la farmacia.",
        ),
        Variance::PackageUsed(at) => {
            phrase("envase ya usado", format!("Registrado: {}.", t(*at)), "Use un envase nuevo.")
        }
        Variance::PackageTwice => phrase(
            "el mismo envase escaneado dos veces",
            "Este mismo envase ya está en la mano.",
            "Devuélvalo una vez y escanee el siguiente envase.",
        ),
        Variance::Expired(last) => phrase(
            "caducado",
            format!("Utilizable hasta: {}.", words.date(last.date())),
            "Devuélvalo a la farmacia.",
        ),
        Variance::BeyondUse(at) => phrase(
            "pasada la hora límite de uso",
            format!("Utilizable hasta: {}.", t(*at)),
            "Devuélvalo a la farmacia.",
        ),
        Variance::ExpiredSince(last) => phrase(
            "caducó después de la dosis",
            format!("Utilizable hasta: {}.", t(*last)),
            "Compruebe la hora de administración; diga por qué se registra después.",
        ),
        Variance::ExpiryUnknown => {
            phrase("la caducidad no está en el código", "", "Lea la fecha de caducidad en el envase.")
        }
        Variance::Recalled(lot, class) => phrase(
            "lote retirado",
            format!("Lote {lot}, retirada de clase {}.", recall(*class)),
            "Devuélvalo a la farmacia; use otro lote.",
        ),
        Variance::LotUnknown => phrase("el lote no está en el código", "", ""),
        Variance::NotOrdered => phrase(
            "no indicado para este paciente",
            in_hand(words).map(|name| format!("Escaneado: {name}.")).unwrap_or_default(),
            "Devuélvalo. Revise la lista de pendientes.",
        ),
        Variance::Differs { ordered, ordered_form, ordered_release, mismatches } => phrase(
            mismatch_title(mismatches),
            format!(
                "Indicado: {ordered}, {}. Escaneado: {}.",
                form(*ordered_form, *ordered_release),
                in_hand(words).unwrap_or_else(|| "otro producto".into()),
            ),
            "Devuélvalo. Traiga el producto indicado.",
        ),
        Variance::LookAlike(other) => {
            phrase("se parece o suena igual", format!("No confundir con {other}."), "")
        }
        Variance::NotUnitOfUse(_) => {
            phrase("esto es una caja o un envase múltiple", "", "Escanee el envase de la dosis individual.")
        }
        Variance::PackageDisposed(how, at) => phrase(
            format!("envase ya {}", disposal(*how)),
            format!("Registrado: {}.", t(*at)),
            "Use un envase nuevo. Avise a la farmacia.",
        ),
        Variance::VerbalOrderNeeded => phrase(
            "no indicado por escrito",
            in_hand(words).map(|name| format!("Escaneado: {name}.")).unwrap_or_default(),
            "Introduzca la dosis y la vía indicadas de palabra.",
        ),
        Variance::VerbalOrder => phrase(
            "orden verbal",
            "Ninguna orden escrita lo pide.",
            "Haga que se escriba y vincúlela a esta dosis a tiempo.",
        ),
        Variance::PackageNotScanned => phrase(
            "envase no escaneado",
            "Se escribieron el NDC y el lote.",
            "Diga por qué no se puede escanear. Un segundo profesional lo comprueba.",
        ),
        Variance::MustBeScanned => phrase(
            "este medicamento se debe escanear",
            "Es un medicamento controlado o de alto riesgo.",
            "No lo administre de este envase. Traiga uno que se pueda escanear.",
        ),
        Variance::CountDiffers(scanned, said) => phrase(
            "el recuento no es lo escaneado",
            format!("Escaneados: {scanned}; en la mano: {said}. Ambos quedan registrados."),
            "Devuélvalos y escanee cada envase una vez.",
        ),
        patient!() | request!() | dose!() | route_and_time!() | conditions!() | safety!() => return None,
    })
}
