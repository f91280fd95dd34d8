"""Holds what Watchfire writes for others to what those others expect: `peer.py FORMAT FILE`, one line for each file."""

import collections
import contextlib
import copy
import io
import json
import re
import sys
import xml.etree.ElementTree


def stix(path):
    import stix2
    from stix2validator import ValidationOptions, validate_file

    result = validate_file(path, ValidationOptions(version="2.1"))
    errors = [str(error) for one in result.object_results for error in one.errors]
    warnings = [str(warning) for one in result.object_results for warning in one.warnings]
    with open(path, encoding="utf-8") as file:
        bundle = stix2.parse(json.load(file), allow_custom=True)
    # Identifiers of cyber-observable objects must be those that the library computes for the same properties.
    for found in bundle.objects:
        named = {"id", "type", "spec_version", "object_marking_refs"}
        if isinstance(found, stix2.v21.base._Observable):
            again = type(found)(allow_custom=True, **{key: found[key] for key in found if key not in named})
            if again.id != found.id:
                errors.append(f"{found.id} should be {again.id}")
    kinds = collections.Counter(re.sub(r"[a-z0-9-]+--[0-9a-f-]{36}|'[^']*'|\d+", "_", warning)[:80] for warning in warnings)
    for kind, count in kinds.most_common():
        print(f"        warning, {count} times: {kind}")
    return f"{len(bundle.objects)} objects, {len(warnings)} warnings", errors


def misp(path):
    import os

    import jsonschema
    import pymisp

    with open(path, encoding="utf-8") as file:
        text = json.load(file)
    errors = []
    schema = os.path.join(os.path.dirname(pymisp.__file__), "data", "schema-lax.json")
    if os.path.exists(schema):
        with open(schema, encoding="utf-8") as file:
            validator = jsonschema.Draft7Validator(json.load(file))
        for error in list(validator.iter_errors(text))[:5]:
            errors.append(f"schema: {list(error.path)}: {error.message[:200]}")
    event = pymisp.MISPEvent()
    event.load(copy.deepcopy(text))
    again = json.loads(event.to_json())
    again = again.get("Event", again)
    own = text["Event"]
    # Empty lists are left out.
    attributes, objects = again.get("Attribute", []), again.get("Object", [])
    for mine, theirs in zip(own["Attribute"], attributes):
        for key in ("uuid", "type", "category", "value", "to_ids"):
            if mine[key] != theirs[key]:
                errors.append(f"{mine['uuid']}: {key} {mine[key]!r} becomes {theirs[key]!r}")
    if len(own["Attribute"]) != len(attributes) or len(own["Object"]) != len(objects):
        errors.append("something was lost")
    describe = pymisp.MISPEvent().describe_types["category_type_mappings"]
    inner = [attribute for one in own["Object"] for attribute in one["Attribute"]]
    for attribute in own["Attribute"] + inner:
        if attribute["type"] not in describe.get(attribute["category"], []):
            errors.append(f"no {attribute['type']} in {attribute['category']}")
    return f"{len(own['Attribute'])} attributes, {len(own['Object'])} objects", sorted(set(errors))


def ocsf(path):
    from py_ocsf_models.events.findings.detection_finding import DetectionFinding

    errors, count = [], 0
    with open(path, encoding="utf-8") as file:
        for line in file:
            event = json.loads(line)
            count += 1
            try:
                DetectionFinding(**event)
            except Exception as error:  # whatever the model objects to
                errors.append(str(error)[:400])
    return f"{count} findings", sorted(set(errors))[:5]


def xlsx(path):
    import openpyxl

    book = openpyxl.load_workbook(path)
    errors = []
    for sheet in book:
        if sheet.freeze_panes != "A2" or not sheet.auto_filter.ref:
            errors.append(f"{sheet.title}: no filter, or its names are not frozen")
        for row in sheet.iter_rows():
            errors.extend(f"{sheet.title}: {cell.coordinate} is a formula" for cell in row if cell.data_type == "f")
    return ", ".join(f"{sheet.title} {sheet.max_row - 1}" for sheet in book), errors


def openioc(path):
    tree = xml.etree.ElementTree.parse(path)
    return f"{sum(1 for one in tree.iter() if one.tag.endswith('IndicatorItem'))} items", []


def main():
    kind, path = sys.argv[1:3]
    with contextlib.redirect_stderr(io.StringIO()):
        told, errors = globals()[kind](path)
    print(f"{kind:<8}{'ok' if not errors else 'WRONG':<6}{path.rsplit('/', 1)[-1]}: {told}")
    for error in errors[:20]:
        print(f"        {error}")
    return bool(errors)


if __name__ == "__main__":
    sys.exit(main())
