"""Reads one run's reports with the parsers of others and holds them against the JSON report."""

import json
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import jsonschema
import junitparser

stem, schema = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())


def read(ending):
    return Path(f"{stem}.{ending}").read_text(encoding="utf-8")


report = json.loads(read("json"))
findings = report["findings"]
assert findings, "there is nothing to compare"
rules = sorted(finding["rule"] for finding in findings)
places = sorted((f["location"]["file"], f["location"]["start"]["line"]) for f in findings)

sarif = json.loads(read("sarif"))
jsonschema.Draft4Validator(schema).validate(sarif)
run = sarif["runs"][0]
reported = [result for result in run["results"] if "suppressions" not in result]
assert sorted(result["ruleId"] for result in reported) == rules
dismissed = report["summary"]["suppressed"] + report["summary"]["in_baseline"]
assert len(run["results"]) == len(findings) + dismissed
states = [result.get("baselineState") for result in run["results"]]
assert all(states) or not any(states)
assert states.count("unchanged") == report["summary"]["in_baseline"]
for result in run["results"]:
    known = run["tool"]["driver"]["rules"]
    assert "ruleIndex" not in result or known[result["ruleIndex"]]["id"] == result["ruleId"]
prints = [result["partialFingerprints"]["bucketlint/v1"] for result in run["results"]]
assert len(set(prints)) == len(prints)

# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
issues = json.loads(read("gitlab"))
for issue in issues:
    assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
    assert issue["description"] and issue["check_name"] and not issue["location"]["path"].startswith("./")
assert sorted((i["location"]["path"], i["location"]["positions"]["begin"]["line"]) for i in issues) == places
assert len({issue["fingerprint"] for issue in issues}) == len(issues)

junit = junitparser.JUnitXml.fromfile(f"{stem}.junit")
cases = [case for suite in junit for case in suite]
assert len(cases) == len(findings)
failed = [case for case in cases if any(isinstance(r, junitparser.Failure) for r in case.result)]
assert len(failed) == sum(finding["severity"] != "note" for finding in findings)

checkstyle = ElementTree.fromstring(read("checkstyle").encode())
errors = [(f.get("name"), int(e.get("line"))) for f in checkstyle.iter("file") for e in f.iter("error")]
assert sorted(errors) == places

lines = [json.loads(line) for line in read("rdjsonl").splitlines()]
assert sorted((d["location"]["path"], d["location"]["range"]["start"]["line"]) for d in lines) == places

commands = read("github").splitlines()
assert len(commands) == len(findings)
assert all(command.startswith(("::error file=", "::warning file=", "::notice file=")) for command in commands)
print(f"{len(findings)} findings and {dismissed} that are not reported agree in every format")
