#!/usr/bin/env python3
"""Writes what each fuzz target starts from, made of the fixtures and, where BUCKETLINT_CORPUS names one, the corpus.

usage: seeds.py OUT
"""
import hashlib, json, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
LARGEST = 16384
# of the corpus, so many files at most, of all sizes
MOST = 300


def files(root):
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and os.path.getsize(path) <= LARGEST:
                yield path


def read(path):
    with open(path, "rb") as file:
        return file.read()


def seed(target, content):
    folder = os.path.join(sys.argv[1], target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, hashlib.sha256(content).hexdigest()[:16]), "wb") as file:
        file.write(content)


def is_template(path):
    return path.endswith((".yaml", ".yml", ".json", ".template"))


fixtures = [path for path in files(os.path.join(HERE, "../fixtures")) if not path.endswith("expected.json")]
corpus = os.environ.get("BUCKETLINT_CORPUS")
others = sorted((path for path in files(corpus) if is_template(path)), key=os.path.getsize) if corpus else []
others = others[:: len(others) // MOST + 1]

cases = {}
for path in fixtures:
    cases.setdefault(os.path.dirname(path), []).append(path)
for case in cases.values():
    texts = [read(path) for path in case if is_template(path) and not path.endswith("bucketlint.yaml")]
    joined = b"\0".join(texts[:3])
    if joined and len(joined) <= LARGEST:
        seed("template", joined)
for path in others:
    seed("template", read(path))

for path in fixtures + others:
    content = read(path)
    if b'"Statement"' in content:
        seed("policy_text", content)
        try:
            for resource in (json.loads(content).get("Resources") or {}).values():
                document = resource.get("Properties", {}).get("PolicyDocument")
                if document:
                    seed("policy_text", json.dumps(document).encode())
        except (ValueError, AttributeError):
            pass

for folder in ("rules", "examples", "fixtures"):
    for path in files(os.path.join(HERE, "..", folder)):
        name = os.path.basename(path)
        rule = folder == "rules" and name.endswith(".yaml")
        settings = "bucketlint" in name or "samconfig" in name or "param" in path or "baseline" in name
        if rule or settings:
            seed("inputs", read(path))
baseline = {"file": "stack.yaml", "rule": "policy/missing", "subject": "lab-data", "fingerprint": "0" * 16, "count": 1}
seed("inputs", json.dumps({"version": 1, "findings": [baseline]}).encode())
for target in ("structure", "many_files", "policy_parts", "includes", "reports"):
    for number in range(8):
        # these are made of choices, so that any bytes do
        seed(target, hashlib.sha256(bytes([number])).digest() * 16)
for location in ("parts/part.yaml", "../secret.yaml", "link.yaml", "s3://bucket/part.yaml", "./parts/../.secret.yaml"):
    seed("includes", location.encode() + b"BucketName: lab-data\n")
