"""Validates OpenLineage events, a line each, with the schemas of the specification's archive: the
event itself, and every facet with the schema it names."""

import json
import sys
import tarfile

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

archive, path = sys.argv[1:]
schemas = {}
with tarfile.open(archive) as files:
    for member in files:
        name = member.name
        if "/spec/" in name and name.endswith(".json") and "/tests/" not in name:
            try:
                schema = json.load(files.extractfile(member))
            except (ValueError, AttributeError):
                continue
            if isinstance(schema, dict) and "$id" in schema:
                schemas[schema["$id"]] = schema
registry = Registry().with_resources(
    (name, Resource.from_contents(schema)) for name, schema in schemas.items()
)


def check(value, reference):
    if reference.partition("#")[0] not in schemas:
        sys.exit(f"there is no schema {reference}")
    validator = Draft202012Validator(
        {"$ref": reference}, registry=registry, format_checker=FormatChecker()
    )
    for error in validator.iter_errors(value):
        sys.exit(f"{reference}: {error.json_path}: {error.message}")


facets = set()


def check_facets(value):
    if isinstance(value, dict):
        if "_schemaURL" in value:
            facets.add(value["_schemaURL"].rpartition("/")[2])
            check(value, value["_schemaURL"])
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            check_facets(part)


with open(path, encoding="utf-8") as lines:
    events = [json.loads(line) for line in lines]
for event in events:
    check(event, event["schemaURL"])
    check_facets(event)
wanted = {
    "SchemaDatasetFacet",
    "ColumnLineageDatasetFacet",
    "OutputStatisticsOutputDatasetFacet",
    "JobTypeJobFacet",
    "ErrorMessageRunFacet",
}
if wanted - facets:
    sys.exit(f"no event has {wanted - facets}")
print(len(events), "events are valid")
