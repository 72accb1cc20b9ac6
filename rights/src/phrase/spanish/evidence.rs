//! How something was established.

use alloc::format;

use crate::phrase::spanish::names::{route, site};
use crate::phrase::spanish::values::value_name;
use crate::phrase::write::{capital, phrase};
use crate::phrase::{Phrase, Words};
use crate::verdict::Evidence;

pub(in crate::phrase) fn evidence(evidence: &Evidence, words: &Words<'_>) -> Phrase {
    let title = match evidence {
        Evidence::BandScanned => "Pulsera escaneada".into(),
        Evidence::PackageResolved => "Envase escaneado".into(),
        Evidence::DoseOfThisPatient => "Etiquetado para este paciente".into(),
        Evidence::PackageUnused => "Envase sin usar".into(),
        Evidence::ExpiresAt(last) => format!("Utilizable hasta: {}", words.date(last.date())),
        Evidence::LotNotRecalled(lot) => format!("Lote {lot} no retirado"),
        Evidence::SatisfiesRequest(_) => "Según lo indicado".into(),
        Evidence::RequestInForce => "La orden está activa".into(),
        Evidence::PharmacistVerified(_) => "Verificada por un farmacéutico".into(),
        Evidence::DoseExact(dose) => format!("{}, exactamente lo indicado", words.quantity(dose)),
        Evidence::DoseMeasured(dose, ordered) => {
            let (dose, ordered) = (words.quantity(dose), words.quantity(ordered));
            format!("{dose}, lo más cerca de {ordered} (lo indicado) que se puede medir")
        }
        Evidence::DoseInRange(dose) => format!("{}, dentro del intervalo indicado", words.quantity(dose)),
        Evidence::DailyTotal(total, maximum) => {
            format!("{} de un máximo de {} en 24 horas", words.quantity(total), words.quantity(maximum))
        }
        Evidence::RouteFits(fits) => capital(route(*fits)),
        Evidence::InWindow(due) => format!("Prevista: {}", words.time(*due)),
        Evidence::NoWindow => "Dosis única o primera: sin horario fijo".into(),
        Evidence::IntervalElapsed => "Permitida ahora".into(),
        Evidence::Indicated(reason) => {
            format!("Para: {}, según lo indicado", words.reason(reason).to_lowercase())
        }
        Evidence::NoAllergy => "Ninguna alergia registrada le afecta".into(),
        Evidence::BirthYearFits => "El año de nacimiento coincide".into(),
        Evidence::DoseByScale(dose, seen) => {
            format!(
                "{} según la escala, {} {}",
                words.quantity(dose),
                value_name(seen),
                words.quantity(&seen.value)
            )
        }
        Evidence::DoseByWeight(seen) => format!("Corresponde al peso de {}", words.quantity(&seen.value)),
        Evidence::RateAsOrdered(rate) => format!("Bomba a {}, según lo indicado", words.rate(rate)),
        Evidence::RouteAllowed(allowed) => format!("{}, según permite la orden", capital(route(*allowed))),
        Evidence::PutAt(code) => capital(&site(code.as_str())),
        Evidence::MayBeTubed => "Se puede dar así por sonda".into(),
        Evidence::WithinParameter(seen) => {
            format!("{} {}: administrar", value_name(seen), words.quantity(&seen.value))
        }
        Evidence::PainScored(score) => format!("Dolor: {score} de 10"),
        Evidence::PackagesCounted(count) => format!("{count} envases contados"),
        Evidence::Witnessed(who) => format!("Comprobado de forma independiente por {who}"),
        Evidence::WasteAddsUp(left) => format!("Todo justificado: {}", words.quantity(left)),
    };
    phrase(title, "", "")
}
