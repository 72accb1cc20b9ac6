//! Notices.

use alloc::format;

use crate::bedside::Notice;
use crate::phrase::Phrase;
use crate::phrase::write::{phrase, span};
use crate::policy::Policy;

pub(in crate::phrase) fn notice(notice: Notice, policy: &Policy) -> Phrase {
    let span = |time| span(time, "segundos", "minutos");
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
            let characters = policy.other_note_characters;
            let action = format!("Elija un motivo; «otro» necesita al menos {characters} caracteres.");
            phrase("Respuesta incompleta", "", action)
        }
        Notice::ValueNotPossible => phrase("Este valor no es posible", "", "Mídalo e introdúzcalo de nuevo."),
        Notice::CannotChart => {
            phrase("Esta dosis no se puede registrar así", "Quizá ya esté registrada.", "")
        }
        Notice::MayNotCorrect => phrase(
            "Usted no puede corregir esta entrada",
            format!(
                "Puede quien la administró durante {}; después, una enfermera encargada.",
                span(policy.correct_within)
            ),
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
        Notice::MustNotBeGiven => phrase(
            "Esto no debe administrarse ahora",
            "Lo detiene el paciente, una alergia, o la orden y su antigüedad.",
            "Escanee la pulsera para ver por qué y llame al prescriptor.",
        ),
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
            format!("Todo se debe introducir en {} tras el PIN.", span(policy.witness_within)),
            "Escanee de nuevo la tarjeta del testigo.",
        ),
        Notice::WitnessDiffers => phrase(
            "El testigo introdujo otra cantidad",
            "Ambas cantidades quedan registradas. Nada se registra como desechado.",
            "Mídanlo juntos de nuevo y vuelvan a introducir el desecho.",
        ),
        Notice::WitnessReadsAnother => phrase(
            "El testigo introdujo otra velocidad u otro bolo",
            "Ambos quedan registrados. No se registra ninguna administración.",
            "Miren juntos la bomba y la orden, y vuelvan a introducirlo.",
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
