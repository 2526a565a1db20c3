"""Reads a file of Prometheus metrics with the parser of the official Python client."""

import sys

from prometheus_client.parser import text_string_to_metric_families

with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
seen = set()
for family in text_string_to_metric_families(text):
    if family.name in seen:
        sys.exit(f"{family.name} is there twice")
    seen.add(family.name)
    if not family.documentation or family.type in ("unknown", "untyped"):
        sys.exit(f"{family.name} has no help or no type")
    samples = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in family.samples]
    if not samples or len(set(samples)) != len(samples):
        sys.exit(f"{family.name} has no samples, or one twice")
    if family.type == "histogram":
        counts = [s.value for s in family.samples if s.name.endswith("_bucket")]
        total = [s.value for s in family.samples if s.name.endswith("_count")]
        if counts != sorted(counts) or counts[-1] != total[0]:
            sys.exit(f"{family.name}: buckets are not cumulative")
    print(family.name, family.type)
