"""Holds what `examples/resolved.rs` prints against cfn-lint's resolver, which tells every value a node may have."""

import collections
import json
import sys

from cfnlint.context import create_context_for_template
from cfnlint.decode import decode
from cfnlint.jsonschema import CfnTemplateValidator
from cfnlint.template import Template

# what cfn-lint takes pseudo parameters for; to us they are unknown but equal to themselves
PSEUDO = {
    "AWS::Region": "us-east-1",
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::StackName": "teststack",
    "AWS::URLSuffix": "amazonaws.com",
}


def mentions(node, name):
    return f'"{name}"' in json.dumps(node, default=str)


# what is known to differ, and why it may: name, and whether a node, our text and their values are of that kind
KNOWN = [
    ("a mapping by region has a value for each region; ours is unknown",
     lambda node, shown, theirs: mentions(node, "Fn::FindInMap") and mentions(node, "AWS::Region") and "${" in shown),
    ("an empty default stands for a value that is still to be given; ours is unknown",
     lambda node, shown, theirs: theirs == {""} and "Ref" in node and "${" in shown),
    ("of Fn::If ours is the branch of the default values, which cfn-lint cannot resolve; theirs is the other",
     lambda node, shown, theirs: "Fn::If" in node and not any(isinstance(one, str) and one in theirs for one in [shown])
     and (isinstance(node["Fn::If"][1], dict) or isinstance(node["Fn::If"][2], dict))),
]


def texts(values):
    """Booleans as CloudFormation writes them."""
    simple = [value for value in values if isinstance(value, (str, int, float, bool))]
    return {str(value).lower() if str(value) in ("True", "False") else str(value) for value in simple}


def validator(file):
    template, errors = decode(file)
    if errors or template is None:
        return None, None
    cfn = Template(file, template, regions=["us-east-1"])
    return template, CfnTemplateValidator({}).evolve(cfn=cfn, context=create_context_for_template(cfn))


count, known, wrong = collections.Counter(), collections.Counter(), []
by_file = collections.defaultdict(list)
for line in sys.stdin:
    item = json.loads(line)
    by_file[item["file"]].append(item)
for file, items in by_file.items():
    template, theirs = validator(file)
    if theirs is None:
        count["in files that cfn-lint does not take"] += len(items)
        continue
    for item in items:
        node = template
        for step in item["path"]:
            node = node[step]
        shown = item["shown"] if item["value"] is None else item["value"]
        for name, value in PSEUDO.items():
            shown = shown.replace("${" + name + "}", value)
        values = texts(value for value, _, error in theirs.resolve_value(node) if error is None)
        if shown in values:
            count["the same"] += 1
        elif not values:
            count["known to neither" if "${" in shown else "known to us alone"] += 1
        else:
            reason = next((reason for reason, concerns in KNOWN if concerns(node, shown, values)), None)
            if reason:
                known[reason] += 1
            else:
                wrong.append((file, item["path"], shown, sorted(values)[:3]))

print("values:", ", ".join(f"{number} {what}" for what, number in sorted(count.items())))
for reason, number in sorted(known.items()):
    print(f"known to differ: {number}: {reason}")
for one in wrong:
    print("DIFFERS:", *one)
sys.exit(1 if wrong or count["the same"] < 100 else 0)
