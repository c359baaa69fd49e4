"""FHIR under foreign eyes: PyPI's `fhir.resources` and npm's `@medplum/core`."""

import copy
import json
import subprocess
from pathlib import Path

from fhir.resources.R4B import get_fhir_model_class

MEDPLUM = Path(__file__).parent / "medplum.mjs"
KINDS = {"Bundle", "Patient", "Provenance", "Task", "AuditEvent", "OperationOutcome", "CapabilityStatement",
         "Consent"}


def must_be_valid(resources: list[dict]) -> None:
    """Both read every resource; before that, both refuse each with a fault planted in it."""
    missing = KINDS - {resource["resourceType"] for resource in resources}
    if missing:
        raise SystemExit(f"none was read of {', '.join(sorted(missing))}")
    planted = [broken for resource in resources for broken in with_faults(resource)]
    for reader, verdicts in [("fhir.resources", fhir_resources), ("@medplum/core", medplum)]:
        for broken, verdict in zip(planted, verdicts(planted), strict=True):
            if verdict == "ok":
                raise SystemExit(f"{reader} accepts what is broken: {json.dumps(broken)[:1500]}")
        for resource, verdict in zip(resources, verdicts(resources), strict=True):
            if verdict != "ok":
                raise SystemExit(f"{reader}: {verdict}: {json.dumps(resource)[:1500]}")
        print(f"{reader}: refuses {len(planted)} resources with planted faults, reads all {len(resources)}")


def with_faults(resource: dict):
    """An element that there is not, a date that is none, and without what must be there."""
    faults = {
        "Task": [{"intent": None}, {"authoredOn": "yesterday"}],
        "AuditEvent": [{"recorded": None}, {"agent": None}],
        "Provenance": [{"target": None}, {"recorded": "yesterday"}],
        "Patient": [{"birthDate": "yesterday"}],
        "OperationOutcome": [{"issue": None}],
        "CapabilityStatement": [{"fhirVersion": None}],
        "Bundle": [{"type": None}],
        "Consent": [{"status": None}, {"dateTime": "yesterday"}],
    }[resource["resourceType"]]
    for fault in [{"nonsense": True}, *faults]:
        whole = copy.deepcopy(resource) | fault
        yield {name: value for name, value in whole.items() if value is not None}


def fhir_resources(resources: list[dict]) -> list[str]:
    return [verdict(resource) for resource in resources]


def verdict(resource: dict) -> str:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValueError as refusal:
        return str(refusal)
    return "ok"


def medplum(resources: list[dict]) -> list[str]:
    lines = "".join(json.dumps(resource) + "\n" for resource in resources)
    done = subprocess.run(["node", str(MEDPLUM)], input=lines, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{MEDPLUM.name}:\n{done.stderr[-3000:]}")
    return done.stdout.splitlines()
