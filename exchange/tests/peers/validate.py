"""Validates RAS messages with hl7apy and resources with the official JSON schema; exit 1 when one is not valid.

validate.py hl7 FOLDER | validate.py schema FOLDER SCHEMA
"""
import json
import pathlib
import sys


def hl7(folder):
    from hl7apy.consts import VALIDATION_LEVEL
    from hl7apy.exceptions import HL7apyException
    from hl7apy.parser import parse_message
    from hl7apy.validation import Validator

    for path in sorted(pathlib.Path(folder).glob("*.hl7")):
        text = path.read_bytes().decode()
        report = path.with_suffix(".report")
        try:
            message = parse_message(text, validation_level=VALIDATION_LEVEL.TOLERANT, find_groups=True)
            valid = Validator.validate(message, report_file=str(report))
            said = report.read_text() if report.exists() else ""
        except HL7apyException as error:
            valid, said = False, str(error)
        report.unlink(missing_ok=True)
        yield path.name, valid and "Error" not in said, said.strip().replace("\n", "; ")


def schema(folder, schema_file):
    import jsonschema

    whole = json.loads(pathlib.Path(schema_file).read_text())
    checks = {}
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        resource = json.loads(path.read_text())
        resources = [entry["resource"] for entry in resource["entry"]] if resource["resourceType"] == "Bundle" else [resource]
        for one in resources:
            kind = one["resourceType"]
            if kind not in checks:
                checks[kind] = jsonschema.Draft6Validator({"$ref": f"#/definitions/{kind}", "definitions": whole["definitions"]})
            problems = [error.message[:200] for error in checks[kind].iter_errors(one)]
            yield f"{path.name} {kind}", not problems, "; ".join(problems)


results = list(hl7(sys.argv[2]) if sys.argv[1] == "hl7" else schema(sys.argv[2], sys.argv[3]))
for name, valid, said in results:
    if not valid:
        print(f"{name}: {said}")
bad = sum(not valid for _, valid, _ in results)
print(f"{len(results) - bad} valid, {bad} not")
sys.exit(1 if bad or not results else 0)
