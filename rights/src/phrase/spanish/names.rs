//! The words of the Spanish table: routes, forms, units, months, reasons.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use jiff::SignedDuration;

use crate::custody::Disposal;
use crate::history::Outcome;
use crate::person::Role;
use crate::product::{Form, RecallClass, Release, Route};
use crate::quantity::Unit;
use crate::request::Mismatch;
use crate::scan::{ScanFault, ScanFaultKind};
use crate::verdict::Right;

/// A site of the body; a code that the table does not know is its words.
pub(in crate::phrase) fn site(code: &str) -> String {
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
pub(in crate::phrase) fn observation(code: &str) -> &str {
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

pub(in crate::phrase) const fn disposal(how: Disposal) -> &'static str {
    match how {
        Disposal::Wasted => "desechado",
        Disposal::Returned => "devuelto",
    }
}

pub(in crate::phrase) const fn role(role: Role) -> &'static str {
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

pub(in crate::phrase) fn mismatch_title(mismatches: &[Mismatch]) -> String {
    match mismatches {
        [Mismatch::Release] => "tipo de liberación equivocado".into(),
        [Mismatch::Form] => "forma equivocada".into(),
        [Mismatch::Form, Mismatch::Release] => "forma y tipo de liberación equivocados".into(),
        _ => "medicamento equivocado".into(),
    }
}

pub(in crate::phrase) fn thing(kind: &str) -> &'static str {
    match kind {
        "wristband" => "una pulsera",
        "badge" => "una tarjeta",
        "package" => "un envase de medicamento",
        "dose" => "una etiqueta de dosis",
        _ => "un código desconocido",
    }
}

pub(in crate::phrase) fn faults_in_words(faults: &[ScanFault]) -> String {
    let all: Vec<String> = faults.iter().map(fault).collect();
    all.join(" ")
}

pub(in crate::phrase) fn fault(fault: &ScanFault) -> String {
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
pub(in crate::phrase) fn duration(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().abs();
    if seconds >= 2 * 3_600 {
        format!("{} horas", seconds / 3_600)
    } else if seconds >= 120 {
        format!("{} minutos", seconds / 60)
    } else {
        format!("{seconds} segundos")
    }
}

pub(in crate::phrase) const fn recall(class: RecallClass) -> &'static str {
    class.name()
}

pub(in crate::phrase) const fn right(right: Right) -> &'static str {
    match right {
        Right::Patient => "Paciente",
        Right::Medication => "Medicamento",
        Right::Dose => "Dosis",
        Right::Route => "Vía",
        Right::Time => "Hora",
    }
}

pub(in crate::phrase) const fn route(route: Route) -> &'static str {
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

pub(in crate::phrase) fn form(form: Form, release: Release) -> String {
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

pub(in crate::phrase) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Given => "administrada",
        Outcome::Partial => "administrada en parte",
        Outcome::Held => "retenida",
        Outcome::Refused => "rechazada",
        Outcome::NotGiven => "no administrada",
        Outcome::Missing => "falta, pedida a la farmacia",
    }
}

pub(in crate::phrase) const fn unit(unit: Unit, one: bool) -> &'static str {
    match (unit, one) {
        (Unit::Kilogram, _) => "kg",
        (Unit::Gram, _) => "g",
        (Unit::Milligram, _) => "mg",
        (Unit::Microgram, _) => "mcg",
        (Unit::Nanogram, true) => "nanogramo",
        (Unit::Nanogram, false) => "nanogramos",
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

pub(in crate::phrase) const fn month(month: i8) -> &'static str {
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
pub(in crate::phrase) fn reason(code: &str) -> &str {
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
        "prescriber-told" => "Prescriptor avisado",
        "only-one-taken" => "Solo se tomó una dosis",
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
