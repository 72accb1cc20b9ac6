//! The request: O1 to O9.

use alloc::format;

use crate::phrase::families::{conditions, dose, medication, patient, route_and_time, safety};
use crate::phrase::spanish::names::outcome;
use crate::phrase::write::{capital, phrase};
use crate::phrase::{Phrase, Words};
use crate::verdict::Variance;

pub(super) fn text(variance: &Variance, words: &Words<'_>) -> Option<Phrase> {
    let t = |at| words.time(at);
    Some(match variance {
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
        Variance::EndedSince(at) => phrase(
            "la orden terminó después de la dosis",
            format!("Suspendida o terminada: {}.", t(*at)),
            "Compruebe la hora de administración; diga por qué se registra después.",
        ),
        Variance::NotVerified => phrase(
            "no verificada por un farmacéutico",
            "",
            "Llame al farmacéutico; registre a quién llamó y por qué no puede esperar.",
        ),
        Variance::OnHold => phrase("orden en pausa", "", "No la administre. Pregunte al prescriptor."),
        Variance::HeldSince(at) => phrase(
            "orden puesta en pausa después de la dosis",
            format!("En pausa desde: {}.", t(*at)),
            "Compruebe la hora de administración; diga por qué se registra después.",
        ),
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
        Variance::BeingGivenElsewhere(by, since) => phrase(
            "otra enfermera está administrando esta dosis",
            format!("{by}, desde: {}.", t(*since)),
            "No la administre. Pregunte a la otra enfermera.",
        ),
        Variance::BagChange(since) => {
            phrase("bolsa siguiente de una infusión en curso", format!("En curso desde: {}.", t(*since)), "")
        }
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
        patient!() | medication!() | dose!() | route_and_time!() | conditions!() | safety!() => return None,
    })
}
