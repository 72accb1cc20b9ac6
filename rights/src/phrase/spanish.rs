//! The Spanish table, in the form of address of a hospital (usted). Units keep the abbreviations that ISMP accepts.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use jiff::SignedDuration;

use super::write::{capital, phrase};
use super::{Phrase, Words};
use crate::bedside::Notice;
use crate::custody::Disposal;
use crate::entered::{Observation, Wanted};
use crate::history::Outcome;
use crate::person::Role;
use crate::product::{Form, RecallClass, Release, Route};
use crate::quantity::Unit;
use crate::rate::RateOrder;
use crate::request::{Mismatch, Side};
use crate::scan::{ScanFault, ScanFaultKind};
use crate::verdict::{Class, Evidence, Right, Variance};

/// Said of the second of two equal wall times.
pub(super) const SECOND: &str = "2.ª";

pub(super) fn variance(variance: &Variance, class: Class, words: &Words<'_>) -> Phrase {
    let Phrase { title, detail, action } = text(variance, words);
    let title = if class.stops() { format!("Alto: {title}") } else { capital(&title) };
    Phrase { title, detail, action }
}

#[expect(clippy::too_many_lines, reason = "one table, one row for each variance")]
fn text(variance: &Variance, words: &Words<'_>) -> Phrase {
    let q = |quantity| words.quantity(quantity);
    let t = |at| words.time(at);
    match variance {
        Variance::NotAWristband(kind) => phrase(
            format!("esto es {}, no una pulsera", thing(kind)),
            "",
            "Escanee primero la pulsera en la muñeca del paciente.",
        ),
        Variance::CodeFaulty(faults) => phrase(
            "este código no se puede usar",
            faults_in_words(faults),
            "Escanee el otro código o pregunte a la farmacia.",
        ),
        Variance::BandScanOld(lasts) => phrase(
            "lectura de la pulsera demasiado antigua",
            format!("Una lectura de la pulsera vale {}.", duration(*lasts)),
            "Escanee la pulsera de nuevo.",
        ),
        Variance::PatientUnknown => phrase(
            "paciente desconocido",
            "Ningún paciente tiene este número de pulsera.",
            "Compruebe la pulsera con el paciente; pida una nueva a admisión.",
        ),
        Variance::PatientAmbiguous => phrase(
            "número de pulsera repetido",
            "Más de un paciente tiene este número.",
            "No administre nada. Llame a admisión.",
        ),
        Variance::OldBand => phrase(
            "pulsera antigua",
            "Se imprimió una pulsera más nueva para este paciente. Esta puede ser una copia.",
            "Escanee la pulsera de la muñeca; retire esta.",
        ),
        Variance::BandSerialUnknown => phrase(
            "la pulsera no se puede confirmar",
            "No se sabe qué pulsera se imprimió la última.",
            "Pida a admisión que imprima una nueva.",
        ),
        Variance::Discharged => {
            phrase("paciente dado de alta", "", "Llame a admisión si el paciente sigue aquí.")
        }
        Variance::Deceased => {
            phrase("paciente registrado como fallecido", "", "Llame a la enfermera encargada.")
        }
        Variance::NotAdmitted => {
            phrase("paciente no ingresado", "No consta ningún ingreso en curso.", "Llame a admisión.")
        }
        Variance::OtherWard => phrase(
            "el paciente consta en otra unidad",
            "",
            "Administre solo si el paciente está aquí; elija el motivo.",
        ),
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
        Variance::NotStarted(at) => phrase(
            "la orden aún no ha empezado",
            format!("Empieza: {}.", t(*at)),
            "No la administre todavía.",
        ),
        Variance::Stopped(at) => phrase(
            "orden suspendida",
            at.map(|at| format!("Suspendida: {}.", t(at))).unwrap_or_default(),
            "No administre nada. Devuelva o deseche lo abierto.",
        ),
        Variance::Ended(at) => phrase(
            "la orden ha terminado",
            format!("Terminó: {}.", t(*at)),
            "No administre nada. Pregunte al prescriptor.",
        ),
        Variance::NotVerified => phrase(
            "no verificada por un farmacéutico",
            "",
            "Llame al farmacéutico; registre a quién llamó y por qué no puede esperar.",
        ),
        Variance::OnHold => phrase("orden en pausa", "", "No la administre. Pregunte al prescriptor."),
        Variance::RequestChanged => {
            phrase("la orden cambió desde la lectura", "", "Lea la orden tal como está ahora.")
        }
        Variance::OneTimeGiven(at, by) => phrase(
            "dosis única ya administrada",
            format!("Administrada: {}, por {by}.", t(*at)),
            "No administre nada.",
        ),
        Variance::ChoiceNeeded(count) => {
            phrase("¿qué dosis?", format!("Corresponden {count} órdenes u horas."), "Elija una.")
        }
        Variance::AlreadyCharted(outcome_, at, by) => phrase(
            "ya registrada",
            format!("{}: {}, por {by}.", capital(outcome(*outcome_)), t(*at)),
            "No administre nada.",
        ),
        Variance::NothingScheduled => phrase(
            "no hay ninguna dosis programada ahora",
            "",
            "Revise la lista de pendientes o pregunte a la farmacia.",
        ),
        Variance::Unscheduled(text) => phrase(
            "la farmacia debe leer el horario",
            format!("Indicado así: {text}"),
            "Llame al farmacéutico.",
        ),
        Variance::NotComparable(ordered, package) => phrase(
            "la dosis no se puede comparar",
            format!("Indicado: {}; envase: {}.", q(ordered), q(package)),
            "Llame al farmacéutico.",
        ),
        Variance::Under(total, ordered) => phrase(
            "menos de lo indicado",
            format!("En la mano: {} de {}.", q(total), q(ordered)),
            "Escanee el siguiente envase o diga por qué se da menos.",
        ),
        Variance::Over(total, ordered) => phrase(
            "más de lo indicado",
            format!("En la mano: {}; indicado: {}.", q(total), q(ordered)),
            "Devuelva el último envase o corrija la cantidad.",
        ),
        Variance::MeasureOut(_, ordered, part) => phrase(
            "administre solo una parte de este envase",
            format!("Indicado {}: tome {}.", q(ordered), q(part)),
            "Introduzca la cantidad que ha preparado.",
        ),
        Variance::PartNotPossible(part) => phrase(
            "esta parte no se puede administrar",
            format!("{} no se puede tomar de este envase.", capital(&q(part))),
            "Corrija la cantidad o devuélvalo.",
        ),
        Variance::OutOfRange(total, low, high) => phrase(
            "fuera del intervalo indicado",
            format!("En la mano: {}; indicado: de {} a {}.", q(total), q(low), q(high)),
            "Corrija la dosis.",
        ),
        Variance::DailyMaximum(total, maximum) => phrase(
            "por encima del máximo diario",
            format!("Con esta dosis {} en 24 horas; máximo {}.", q(total), q(maximum)),
            "Llame al prescriptor o al farmacéutico.",
        ),
        Variance::DailyTotalUnknown => {
            phrase("el total de 24 horas no se puede calcular", "", "Llame al farmacéutico.")
        }
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
        Variance::AllergyIngredient(text) => phrase(
            "el paciente es alérgico a esto",
            format!("Registrado: {text}."),
            "No lo administre. Llame al prescriptor.",
        ),
        Variance::AllergyClass(text) => phrase(
            "alergia a esta clase",
            format!("Registrado: {text}."),
            "Compruébelo con el paciente; diga por qué se puede administrar.",
        ),
        Variance::AllergyAccepted(text) => phrase(
            "alergia aceptada por prescriptor o farmacéutico",
            format!("Registrado: {text}."),
            "Vigile al paciente.",
        ),
        Variance::AllergyTextOnly(text) => phrase(
            "alergia que la máquina no puede comprobar",
            format!("Registrado: {text}."),
            "Léala y compruébela con el paciente.",
        ),
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
        Variance::ClockUnknown => phrase("reloj del puesto sin comparar últimamente", "", ""),
        Variance::PatientMerged => phrase(
            "esta historia se unió a otra",
            "No se administra nada más con este número.",
            "Pida a admisión que imprima una nueva.",
        ),
        Variance::BeingGivenElsewhere(by, since) => phrase(
            "otra enfermera está administrando esta dosis",
            format!("{by}, desde: {}.", t(*since)),
            "No la administre. Pregunte a la otra enfermera.",
        ),
        Variance::BagChange(since) => {
            phrase("bolsa siguiente de una infusión en curso", format!("En curso desde: {}.", t(*since)), "")
        }
        Variance::PatchStillOn(at, by) => phrase(
            "un parche anterior sigue puesto",
            format!("Puesto: {}, por {by}.", t(*at)),
            "Retírelo y regístrelo primero.",
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
        Variance::NoRateOrdered => phrase(
            "no hay velocidad indicada",
            "Una infusión sin velocidad no se puede comprobar.",
            "Llame al prescriptor.",
        ),
        Variance::BandSeenElsewhere(at) => phrase(
            "esta pulsera se acaba de ver en otro puesto",
            format!("Vista allí: {}.", t(*at)),
            "Busque una copia de la pulsera. Siga solo con una segunda enfermera.",
        ),
        Variance::BirthYearWrong(year) => phrase(
            "paciente equivocado o año equivocado",
            format!("Escrito: {year}. Esta pulsera es de alguien nacido en otro año."),
            "Pregunte de nuevo nombre y fecha de nacimiento y escanee la pulsera de la muñeca.",
        ),
        Variance::AllergiesChanged => phrase(
            "cambiaron las alergias o los avisos",
            "Cambiaron desde que usted abrió a este paciente por última vez.",
            "Léalos tal como están ahora.",
        ),
        Variance::DoNotGive(text) => phrase(
            "marcado: no administrar",
            format!("Anotado: {text}"),
            "No la administre. Pregunte al prescriptor.",
        ),
        Variance::InstructionFlagged(text) => {
            phrase("lea la instrucción", format!("Indicado con: {text}"), "Confirme que la ha leído.")
        }
        Variance::OrdersChanged(names) => phrase(
            "hay órdenes nuevas o cambiadas",
            format!("Desde que usted miró por última vez: {}.", names.join(", ")),
            "Revíselas antes de la primera dosis.",
        ),
        Variance::OnCallGiven(at, by) => phrase(
            "dosis a demanda ya administrada",
            format!("Administrada: {}, por {by}.", t(*at)),
            "No administre nada.",
        ),
        Variance::NotByScale(dose, seen) => phrase(
            "no es la dosis de la escala móvil",
            format!("{}: {} pide {}.", value_name(seen), q(&seen.value), q(dose)),
            "Corrija la dosis o llame al prescriptor.",
        ),
        Variance::NoScaleRow(seen) => phrase(
            "valor fuera de la escala móvil",
            format!("{}: {}; {}.", value_name(seen), q(&seen.value), t(seen.at)),
            "No administre nada. Llame al prescriptor.",
        ),
        Variance::ScaleSaysNone(seen) => phrase(
            "ninguna dosis con este valor",
            format!("{}: {}; {}.", value_name(seen), q(&seen.value), t(seen.at)),
            "No administre nada. Regístrela como retenida.",
        ),
        Variance::WeightUnknown => {
            phrase("falta el peso para una dosis por peso", "", "Pese al paciente o llame al farmacéutico.")
        }
        Variance::WeightOld(at) => phrase(
            "peso demasiado antiguo para una dosis por peso",
            format!("Medido: {}.", t(*at)),
            "Pese al paciente o llame al farmacéutico.",
        ),
        Variance::NotByWeight(ordered, by_weight) => phrase(
            "la dosis indicada no corresponde al peso",
            format!("Indicado: {}; por peso: {}.", q(ordered), q(by_weight)),
            "Llame al prescriptor o al farmacéutico.",
        ),
        Variance::RateDiffers(set, ordered) => phrase(
            "la velocidad de la bomba no es la indicada",
            format!("Ajustada: {}; indicada: {}.", words.rate(set), ordered_rate(ordered, words)),
            "Corrija la bomba.",
        ),
        Variance::RateNotComparable(ordered) => phrase(
            "la velocidad no se puede comparar",
            format!("Indicado: {}.", ordered_rate(ordered, words)),
            "Llame al farmacéutico; una velocidad por peso necesita un peso.",
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
        Variance::ObservationMissing(what, _, last) => phrase(
            format!("falta un valor: {}", observation(what.as_str())),
            last.as_ref().map_or_else(
                || "La orden depende de él.".into(),
                |seen| format!("Último: {}; {}; demasiado antiguo.", q(&seen.value), t(seen.at)),
            ),
            "Mídalo ahora e introduzca el valor.",
        ),
        Variance::HoldParameter(seen, hold) => phrase(
            "valor en el que la dosis se retiene",
            format!(
                "{}: {}. Indicado: retener {} {}.",
                value_name(seen),
                q(&seen.value),
                match hold.side {
                    Side::Below => "por debajo de",
                    Side::Above => "por encima de",
                },
                q(&hold.limit),
            ),
            "Reténgala. Para administrarla, llame al prescriptor o al farmacéutico.",
        ),
        Variance::Contraindicated(ingredient, at) => phrase(
            "no se deben administrar juntos",
            format!("{} se administró: {}.", capital(ingredient.as_str()), t(*at)),
            "Llame al prescriptor o al farmacéutico.",
        ),
        Variance::NilByMouth => {
            phrase("el paciente está en ayunas", "", "Pida otra vía o diga por qué se puede administrar.")
        }
        Variance::Hazardous => phrase(
            "medicamento peligroso",
            "",
            "Use la protección de la lista del centro; deseche todo en los residuos peligrosos.",
        ),
        Variance::ValueMissing(wanted) => missing(wanted),
        Variance::BandNotScanned => phrase(
            "pulsera no escaneada",
            "La identidad se escribió, no se leyó de la pulsera.",
            "Diga por qué no se puede escanear. Un segundo profesional lo confirma. Se pide una pulsera nueva.",
        ),
        Variance::TypedIdentityDiffers => phrase(
            "el testigo escribió otra fecha de nacimiento",
            "Los dos no dicen lo mismo. Ambos datos quedan registrados.",
            "No administre nada. Pregunte de nuevo al paciente o haga imprimir una pulsera nueva.",
        ),
        Variance::ControlledNeedsBand => phrase(
            "una sustancia controlada necesita la pulsera",
            "La pulsera no se escaneó.",
            "No la administre. Haga imprimir una pulsera nueva y escanéela.",
        ),
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
    }
}

fn ordered_rate(ordered: &RateOrder, words: &Words<'_>) -> String {
    match ordered {
        RateOrder::Exact(rate) => words.rate(rate),
        RateOrder::Range(low, high) => format!("de {} a {}", words.rate(low), words.rate(high)),
    }
}

fn missing(wanted: &Wanted) -> Phrase {
    match wanted {
        Wanted::Observation(what, _) => phrase(
            format!("falta un valor: {}", observation(what.as_str())),
            "La orden depende de él y ningún valor es bastante reciente.",
            "Mídalo ahora e introduzca el valor.",
        ),
        Wanted::BirthYear => phrase(
            "otro paciente de aquí tiene un nombre parecido",
            "",
            "Pregunte al paciente su año de nacimiento y escríbalo.",
        ),
        Wanted::CountInHand => phrase(
            "¿cuántos hay en la mano?",
            "Este código no tiene número de serie.",
            "Cuente los envases e introduzca el número.",
        ),
        Wanted::Site => phrase("¿dónde se pone?", "", "Elija el sitio."),
        Wanted::PainScore => {
            phrase("puntuación de dolor", "", "Pregunte al paciente: 0 es sin dolor, 10 el peor.")
        }
        Wanted::Route => {
            phrase("¿por qué vía?", "Este producto no es para la vía indicada.", "Elija la vía.")
        }
        Wanted::PumpRate => {
            phrase("¿a qué velocidad va la bomba?", "", "Introduzca lo que muestra la bomba.")
        }
        Wanted::Crushed => phrase("¿triturado?", "Se administra por sonda.", "Diga si se trituró."),
        Wanted::GivenAt => phrase("¿cuándo se administró?", "", "Introduzca la hora."),
    }
}

/// The name of a value, as the beginning of a sentence.
fn value_name(seen: &Observation) -> String {
    capital(observation(seen.what.as_str()))
}

/// A site of the body; a code that the table does not know is its words.
pub(super) fn site(code: &str) -> String {
    let (side, part) = match code.split_once('-') {
        Some(("left", part)) => (", lado izquierdo", part),
        Some(("right", part)) => (", lado derecho", part),
        _ => ("", code),
    };
    let part = match part {
        "abdomen" => "abdomen",
        "chest" => "pecho",
        "deltoid" => "deltoides",
        "flank" => "flanco",
        "thigh" => "muslo",
        "upper-arm" => "brazo",
        "upper-back" => "parte superior de la espalda",
        "vastus-lateralis" => "vasto lateral",
        "ventrogluteal" => "zona ventroglútea",
        _ => return code.replace('-', " "),
    };
    [part, side].concat()
}

/// The name of a vital sign or laboratory value; a code that the table does not know is shown as it is.
fn observation(code: &str) -> &str {
    match code {
        "heart-rate" => "frecuencia cardíaca",
        "systolic-blood-pressure" => "presión arterial sistólica",
        "diastolic-blood-pressure" => "presión arterial diastólica",
        "respiratory-rate" => "frecuencia respiratoria",
        "oxygen-saturation" => "saturación de oxígeno",
        "body-temperature" => "temperatura",
        "body-weight" => "peso",
        "glucose" => "glucosa",
        "potassium" => "potasio",
        "inr" => "índice INR",
        unknown => unknown,
    }
}

pub(super) fn evidence(evidence: &Evidence, words: &Words<'_>) -> Phrase {
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

pub(super) fn notice(notice: Notice) -> Phrase {
    match notice {
        Notice::NotABadge => phrase("Esto no es una tarjeta", "", "Escanee el código de su tarjeta."),
        Notice::UnknownBadge => phrase("Tarjeta desconocida", "", "Pregunte a la enfermera encargada."),
        Notice::RoleMayNotGive => phrase(
            "Esta función no puede administrar medicación aquí",
            "",
            "Pida a una enfermera que inicie sesión.",
        ),
        Notice::LockedOut => phrase(
            "Demasiados PIN erróneos",
            "Esta tarjeta está bloqueada por un tiempo.",
            "Pregunte a la enfermera encargada.",
        ),
        Notice::AnswerIncomplete => {
            phrase("Respuesta incompleta", "", "Elija un motivo; «otro» necesita al menos 10 caracteres.")
        }
        Notice::ValueNotPossible => {
            phrase("Este valor no es posible", "", "Introdúzcalo de nuevo con su hora.")
        }
        Notice::CannotChart => {
            phrase("Esta dosis no se puede registrar así", "Quizá ya esté registrada.", "")
        }
        Notice::MayNotCorrect => phrase(
            "Usted no puede corregir esta entrada",
            "Puede quien la administró durante una hora; después, una enfermera encargada.",
            "Pregunte a la enfermera encargada.",
        ),
        Notice::RateNotOrdered => phrase(
            "Esta velocidad no está indicada",
            "",
            "Ajuste la velocidad indicada o llame al prescriptor.",
        ),
        Notice::BolusNotOrdered => {
            phrase("Este bolo no está indicado", "", "No dé ningún bolo. Llame al prescriptor.")
        }
        Notice::BandAgain => {
            phrase("Escanee la pulsera de nuevo", "La última lectura es demasiado antigua.", "")
        }
        Notice::RecordUnreadable => phrase(
            "No se pudo leer un dato de este paciente",
            "La lista de órdenes o alergias no está completa.",
            "Llame a la farmacia antes de decir que algo no está indicado.",
        ),
        Notice::WitnessIsGiver => {
            phrase("El testigo debe ser otra persona", "", "Otro profesional escanea su propia tarjeta.")
        }
        Notice::WitnessNotLicensed => {
            phrase("Esta función no puede ser testigo", "", "Pida a una enfermera o a un farmacéutico.")
        }
        Notice::WitnessTooLate => phrase(
            "El testigo tardó demasiado",
            "Todo se debe introducir en un minuto tras el PIN.",
            "Escanee de nuevo la tarjeta del testigo.",
        ),
        Notice::WitnessDiffers => phrase(
            "El testigo introdujo otra cantidad",
            "Ambas cantidades quedan registradas. Nada se registra como desechado.",
            "Mídanlo juntos de nuevo y vuelvan a introducir el desecho.",
        ),
        Notice::WrongPin => phrase("PIN erróneo", "", "Escríbalo de nuevo."),
        Notice::PackageNotKnown => {
            phrase("El registro de medicamentos no conoce este envase", "", "Escanee el envase de la dosis.")
        }
        Notice::AmountNotPossible => phrase(
            "Esta cantidad no es posible",
            "",
            "Introdúzcala en la unidad del envase o de su principio activo.",
        ),
        Notice::RecordOnPaper => {
            phrase("Este puesto no puede registrar", "", "Registre en papel y llame al técnico.")
        }
    }
}

const fn disposal(how: Disposal) -> &'static str {
    match how {
        Disposal::Wasted => "desechado",
        Disposal::Returned => "devuelto",
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Nurse => "enfermera",
        Role::ChargeNurse => "enfermera encargada",
        Role::Pharmacist => "farmacéutico",
        Role::Student => "estudiante",
        Role::Provider => "médico o prescriptor",
        Role::Auditor => "auditor",
        Role::Administrator => "administrador",
    }
}

fn in_hand(words: &Words<'_>) -> Option<String> {
    words.in_hand.map(|names| format!("{}, {}", names.name, form(names.form, names.release)))
}

fn mismatch_title(mismatches: &[Mismatch]) -> String {
    match mismatches {
        [Mismatch::Release] => "tipo de liberación equivocado".into(),
        [Mismatch::Form] => "forma equivocada".into(),
        [Mismatch::Form, Mismatch::Release] => "forma y tipo de liberación equivocados".into(),
        _ => "medicamento equivocado".into(),
    }
}

fn thing(kind: &str) -> &'static str {
    match kind {
        "wristband" => "una pulsera",
        "badge" => "una tarjeta",
        "package" => "un envase de medicamento",
        "dose" => "una etiqueta de dosis",
        _ => "un código desconocido",
    }
}

fn faults_in_words(faults: &[ScanFault]) -> String {
    let all: Vec<String> = faults.iter().map(fault).collect();
    all.join(" ")
}

fn fault(fault: &ScanFault) -> String {
    let part = &fault.part;
    let what = match fault.kind {
        ScanFaultKind::NotRecognised => return "No es un formato que use este centro.".into(),
        ScanFaultKind::Ambiguous => return "Varios códigos a la vez: muestre uno.".into(),
        ScanFaultKind::NotMarkedGs1 => return format!("{part}: una copia, no un símbolo GS1."),
        ScanFaultKind::CheckDigit => "dígito de control",
        ScanFaultKind::Length => "longitud",
        ScanFaultKind::Character => "carácter",
        ScanFaultKind::Date => "fecha",
        ScanFaultKind::UnknownIdentifier => "identificador desconocido",
        ScanFaultKind::Separator => "separador",
        ScanFaultKind::Repeated => "repetido",
        ScanFaultKind::Pairing => "necesita o excluye otra parte",
        ScanFaultKind::Symbology => "no permitido en este tipo de símbolo",
    };
    let found = fault.found.as_ref().map(|found| format!(" {found}")).unwrap_or_default();
    let expected =
        fault.expected.as_ref().map(|expected| format!(", se esperaba {expected}")).unwrap_or_default();
    format!("{part}: {what}{found}{expected}.")
}

/// A duration in the largest whole unit that says it.
fn duration(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().abs();
    if seconds >= 2 * 3_600 {
        format!("{} horas", seconds / 3_600)
    } else if seconds >= 120 {
        format!("{} minutos", seconds / 60)
    } else {
        format!("{seconds} segundos")
    }
}

const fn recall(class: RecallClass) -> &'static str {
    class.name()
}

pub(super) const fn right(right: Right) -> &'static str {
    match right {
        Right::Patient => "Paciente",
        Right::Medication => "Medicamento",
        Right::Dose => "Dosis",
        Right::Route => "Vía",
        Right::Time => "Hora",
    }
}

pub(super) const fn route(route: Route) -> &'static str {
    match route {
        Route::Oral => "por boca",
        Route::Intravenous => "en vena (IV)",
        Route::Intramuscular => "en músculo (IM)",
        Route::Subcutaneous => "bajo la piel (subcutánea)",
        Route::Transdermal => "parche en la piel",
        Route::Rectal => "por el recto",
        Route::Inhaled => "inhalada",
        Route::Topical => "sobre la piel",
        Route::Ophthalmic => "en el ojo",
        Route::Sublingual => "bajo la lengua",
        Route::Nasogastric => "por sonda gástrica",
    }
}

pub(super) fn form(form: Form, release: Release) -> String {
    let name = match form {
        Form::Tablet => "tableta",
        Form::Capsule => "cápsula",
        Form::OralSolution => "líquido oral",
        Form::Injection => "inyección",
        Form::Patch => "parche",
        Form::Suppository => "supositorio",
        Form::Inhaler => "inhalador",
        Form::Topical => "crema o pomada",
        Form::EyeDrops => "gotas oculares",
    };
    match (release, form) {
        (Release::Extended, _) => format!("{name} de liberación prolongada"),
        (Release::Delayed, _) => format!("{name} de liberación retardada"),
        (Release::Immediate, Form::Tablet | Form::Capsule) => format!("{name} de liberación inmediata"),
        (Release::Immediate, _) => name.to_string(),
    }
}

pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Given => "administrada",
        Outcome::Partial => "administrada en parte",
        Outcome::Held => "retenida",
        Outcome::Refused => "rechazada",
        Outcome::NotGiven => "no administrada",
        Outcome::Missing => "falta, pedida a la farmacia",
    }
}

pub(super) const fn unit(unit: Unit, one: bool) -> &'static str {
    match (unit, one) {
        (Unit::Kilogram, _) => "kg",
        (Unit::Gram, _) => "g",
        (Unit::Milligram, _) => "mg",
        (Unit::Microgram, _) => "mcg",
        (Unit::Nanogram, _) => "nanogramos",
        (Unit::Litre, _) => "L",
        (Unit::Millilitre, _) => "mL",
        (Unit::InternationalUnit | Unit::UspUnit, true) => "unidad",
        (Unit::InternationalUnit | Unit::UspUnit, false) => "unidades",
        (Unit::Milliequivalent, _) => "mEq",
        (Unit::Millimole, _) => "mmol",
        (Unit::Mole, _) => "mol",
        (Unit::Tablet, true) => "tableta",
        (Unit::Tablet, false) => "tabletas",
        (Unit::Capsule, true) => "cápsula",
        (Unit::Capsule, false) => "cápsulas",
        (Unit::Patch, true) => "parche",
        (Unit::Patch, false) => "parches",
        (Unit::Suppository, true) => "supositorio",
        (Unit::Suppository, false) => "supositorios",
        (Unit::Puff, true) => "inhalación",
        (Unit::Puff, false) => "inhalaciones",
        (Unit::Spray, true) => "pulverización",
        (Unit::Spray, false) => "pulverizaciones",
        (Unit::Drop, true) => "gota",
        (Unit::Drop, false) => "gotas",
        (Unit::Application, true) => "aplicación",
        (Unit::Application, false) => "aplicaciones",
        (Unit::PerMinute, _) => "por minuto",
        (Unit::MillimetreOfMercury, _) => "mmHg",
        (Unit::Percent, _) => "%",
        (Unit::MilligramPerDecilitre, _) => "mg/dL",
        (Unit::GramPerLitre, _) => "g/L",
        (Unit::NanogramPerMillilitre, _) => "nanogramos/mL",
        (Unit::MillimolePerLitre, _) => "mmol/L",
        (Unit::MilliequivalentPerLitre, _) => "mEq/L",
        (Unit::Inr, _) => "INR",
        (Unit::Celsius, _) => "\u{b0}C",
        (Unit::Score, true) => "punto",
        (Unit::Score, false) => "puntos",
    }
}

pub(super) const fn month(month: i8) -> &'static str {
    match month {
        1 => "ene",
        2 => "feb",
        3 => "mar",
        4 => "abr",
        5 => "may",
        6 => "jun",
        7 => "jul",
        8 => "ago",
        9 => "sept",
        10 => "oct",
        11 => "nov",
        _ => "dic",
    }
}

#[expect(clippy::too_many_lines, reason = "one table, one row for each code")]
pub(super) fn reason(code: &str) -> &str {
    match code {
        "procedure" => "Procedimiento",
        "patient-request" => "A petición del paciente",
        "clustered-care" => "Cuidados agrupados",
        "transport" => "Traslado",
        "first-dose-retimed" => "Primera dosis reprogramada",
        "prescriber-ordered" => "Lo ordenó el prescriptor",
        "from-pharmacy" => "Llegó tarde de la farmacia",
        "off-unit" => "Paciente fuera de la unidad",
        "asleep" => "Paciente dormido",
        "npo-or-procedure" => "Ayunas o procedimiento",
        "iv-access" => "Acceso venoso",
        "awaiting-result" => "A la espera de análisis o constante",
        "workload" => "Carga de trabajo",
        "refused-earlier" => "Rechazada antes",
        "downtime" => "Sistema caído",
        "scanner" => "Lector",
        "refused" => "El paciente la rechazó",
        "npo" => "En ayunas",
        "on-pass" => "Paciente con permiso",
        "vomiting" => "Vómitos",
        "no-iv-access" => "Sin acceso venoso",
        "tube-not-usable" => "Sonda no utilizable",
        "not-available" => "Medicamento no disponible",
        "order-unclear" => "Orden poco clara, prescriptor avisado",
        "parameter-out-of-range" => "Constante o análisis fuera de límites",
        "allergy-suspected" => "Sospecha de alergia",
        "adverse-reaction-suspected" => "Sospecha de reacción adversa",
        "given-elsewhere" => "Administrada en otro lugar",
        "duplicate-order" => "Orden duplicada",
        "deceased-or-discharged" => "Fallecido o dado de alta",
        "given-by-other-discipline" => "Administrada por otra disciplina",
        "self-administered" => "Autoadministrada",
        "remainder-later" => "El resto más tarde",
        "remainder-wasted" => "El resto desechado",
        "remainder-refused" => "El resto rechazado",
        "pharmacist-advised" => "Lo aconsejó el farmacéutico",
        "benefit-outweighs-risk" => "El beneficio supera el riesgo",
        "tolerated-before" => "Tolerado antes",
        "pain" => "Dolor",
        "fever" => "Fiebre",
        "nausea" => "Náuseas",
        "anxiety" => "Ansiedad",
        "agitation" => "Agitación",
        "insomnia" => "Insomnio",
        "constipation" => "Estreñimiento",
        "diarrhoea" => "Diarrea",
        "cough" => "Tos",
        "dyspnoea" => "Falta de aire",
        "itching" => "Picor",
        "dizziness" => "Mareo",
        "headache" => "Dolor de cabeza",
        "high-blood-pressure" => "Presión arterial alta",
        "low-blood-pressure" => "Presión arterial baja",
        "high-glucose" => "Glucosa alta",
        "low-glucose" => "Glucosa baja",
        "muscle-spasm" => "Espasmo muscular",
        "seizure" => "Convulsión",
        "wheezing" => "Sibilancias",
        "withdrawal" => "Abstinencia",
        "not-taken" => "Al final no se tomó",
        "wrong-patient-charted" => "Registrada en el paciente equivocado",
        "wrong-dose-charted" => "Dosis registrada errónea",
        "wrong-time-charted" => "Hora registrada errónea",
        "charted-twice" => "Registrada dos veces",
        "effective" => "Hizo efecto",
        "partly-effective" => "Hizo efecto en parte",
        "not-effective" => "No hizo efecto",
        "adverse-effect" => "Efecto adverso",
        "worn-as-ordered" => "Llevado según lo indicado",
        "order-stopped" => "Orden suspendida",
        "skin-reaction" => "Reacción cutánea",
        "fell-off" => "Se cayó",
        "titrated" => "Ajustada según respuesta",
        "completed" => "Terminada",
        "damaged" => "Pulsera dañada",
        "missing-reprint-asked" => "Falta la pulsera, reimpresión pedida",
        "cannot-be-reached" => "Pulsera inaccesible",
        "neonate-band-on-crib" => "Neonato, pulsera en la cuna",
        "equipment" => "Equipo",
        "emergency" => "Emergencia",
        "no-barcode" => "Sin código de barras",
        "unreadable" => "Código de barras ilegible",
        "not-in-table" => "No registrado",
        "wrong-strength-in-table" => "Concentración registrada errónea",
        "opened-for-preparation" => "Abierto para preparar",
        "partial-dose" => "Dosis parcial",
        "dropped" => "Se cayó al suelo",
        "refused-after-opening" => "Rechazada tras abrir",
        "order-changed-after-preparation" => "Orden cambiada tras preparar",
        "spilled" => "Derramado",
        "expired-after-opening" => "Caducado tras abrir",
        "vomited" => "Vomitado",
        "line-primed" => "Purgado de la línea",
        "patch-removed" => "Parche retirado",
        "cardiac-arrest" => "Paro cardíaco",
        "respiratory-failure" => "Insuficiencia respiratoria",
        "anaphylaxis" => "Anafilaxia",
        "haemorrhage" => "Hemorragia",
        "severe-hypoglycaemia" => "Glucosa muy baja",
        "rapid-sedation" => "Sedación rápida",
        "systems-down" => "Sistemas caídos",
        "other" => "Otro (escriba por qué)",
        unknown => unknown,
    }
}
