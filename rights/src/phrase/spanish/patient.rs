//! Right patient: P1 to P9.

use alloc::format;

use crate::phrase::families::{conditions, dose, medication, request, route_and_time, safety};
use crate::phrase::spanish::names::{duration, faults_in_words, thing};
use crate::phrase::write::phrase;
use crate::phrase::{Phrase, Words};
use crate::verdict::Variance;

pub(super) fn text(variance: &Variance, words: &Words<'_>) -> Option<Phrase> {
    let t = |at| words.time(at);
    Some(match variance {
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
        Variance::PatientMerged => phrase(
            "esta historia se unió a otra",
            "No se administra nada más con este número.",
            "Pida a admisión que imprima una nueva.",
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
        medication!() | request!() | dose!() | route_and_time!() | conditions!() | safety!() => return None,
    })
}
