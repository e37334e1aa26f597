"""Runs the shell of action.yml and of the jobs in docs/ci.md where downloads are served from here, and reads what it leaves.

Usage: run.py DIRECTORY. What the page shows is left in DIRECTORY/pages, the shell in DIRECTORY/shell.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import junitparser
import tree_sitter
import tree_sitter_groovy
import yaml
from sarif import loader

ROOT = Path(__file__).resolve().parents[2]
WORK = Path(sys.argv[1]).resolve()
MANIFEST = tomllib.loads((ROOT / "Cargo.toml").read_text())
SHARED = MANIFEST["workspace"]["package"]
VERSION = SHARED["version"]
ACCOUNT = "123456789012"
# fixtures/example as the README shows it: two errors and a warning
FINDINGS = 3
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]

CURL = """#!/bin/sh
# serves what a release has; knows the flags that are used
out=
urls=
while [ $# -gt 0 ]; do
    case $1 in
    --output) out=$2; shift ;;
    --retry) shift ;;
    https://*) urls="$urls $1" ;;
    esac
    shift
done
for url in $urls; do
    case $url in
    https://github.com/bucketlint/bucketlint/releases/download/v%(version)s/*) ;;
    *) exit 22 ;;
    esac
    file=${url##*/}
    cp "%(release)s/$file" "${out:-$file}" || exit 22
done
"""
# not on every machine that this runs on, but on every one that the action runs on
UNZIP = """#!/bin/sh
python3 -m zipfile -e "$2" . && chmod +x */bucketlint
"""


def prepare():
    """The archives of a release, under the names that its own script gives them, and what fetches and unpacks them."""
    release, tools = WORK / "release", WORK / "tools"
    tools.mkdir()
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())
    targets = [entry["target"] for entry in workflow["jobs"]["program"]["strategy"]["matrix"]["include"]]
    assert len(targets) == len(set(targets)) == 7, targets
    for target in targets:
        subprocess.run([ROOT / ".ci/archive.sh", target, ROOT / "target/debug/bucketlint", release], check=True, stdout=subprocess.DEVNULL)
    for name, text in [("curl", CURL % {"version": VERSION, "release": release}), ("unzip", UNZIP)]:
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    # what cargo-binstall would fetch, by its documented templates
    binstall = MANIFEST["package"]["metadata"]["binstall"]
    for target in targets:
        how = {**binstall, **binstall.get("overrides", {}).get(target, {})}
        suffix = {"tgz": ".tar.gz", "zip": ".zip"}[how["pkg-fmt"]]
        values = {"repo": SHARED["repository"], "version": VERSION, "target": target, "bin": "bucketlint", "binary-ext": "", "archive-suffix": suffix}
        fill = lambda text: re.sub(r"\{ ([a-z-]+) \}", lambda found: values[found[1]], text)
        url = fill(how["pkg-url"])
        assert url.startswith(f"https://github.com/bucketlint/bucketlint/releases/download/v{VERSION}/"), url
        archive = release / url.rsplit("/", 1)[1]
        unpacked = WORK / "unpacked" / target
        shutil.unpack_archive(archive, unpacked)
        assert (unpacked / fill(how["bin-dir"])).is_file(), how["bin-dir"]
    return tools


def repository(name, broken):
    """A user's repository: the example, or a bucket with nothing amiss."""
    path = WORK / "repositories" / name
    example = ROOT / "fixtures/example" if broken else ROOT / "fixtures/policy/missing/quiet/policy-and-trail-in-other-files"
    shutil.copytree(example, path)
    return path


def environment(tools, **more):
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PATH": f"{tools}:{os.environ['PATH']}", **{name: str(value) for name, value in more.items()}}


def failures(path):
    cases = [case for suite in junitparser.JUnitXml.fromfile(str(path)) for case in suite]
    return sum(any(isinstance(result, junitparser.Failure) for result in case.result) for case in cases)


# --- the action


def action(tools, name, inputs, broken=True, system="Linux-X64", more=()):
    """Runs every `run` of action.yml as the runner does. Returns the exit status, the log, and what steps hand on."""
    definition = yaml.safe_load((ROOT / "action.yml").read_text())
    unknown = set(inputs) - set(definition["inputs"])
    assert not unknown, f"the action has no inputs {unknown}"
    values = {key: entry["default"] for key, entry in definition["inputs"].items()} | inputs
    cwd = repository(name, broken)
    for path, text in more:
        (cwd / path).write_text(text)
    temp = WORK / "runner" / name
    temp.mkdir(parents=True)
    files = {variable: temp / variable.lower() for variable in ("GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.touch()
    runner_os, arch = system.split("-")
    env = environment(tools, GITHUB_ACTION_PATH=ROOT, RUNNER_TEMP=temp, RUNNER_OS=runner_os, RUNNER_ARCH=arch, **files)
    status, log = 0, ""
    for step in definition["runs"]["steps"]:
        if "run" not in step or status != 0:
            continue
        assert step["shell"] == "bash" and "${{" not in step["run"]
        given = {key: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: values[found[1]], text) for key, text in step["env"].items()}
        assert not any("${{" in text for text in given.values())
        script = temp / "step.sh"
        script.write_text(step["run"])
        added = files["GITHUB_PATH"].read_text().splitlines()
        path = ":".join([*reversed(added), env["PATH"]])
        ran = subprocess.run([*BASH, script], cwd=cwd, env={**env, **given, "PATH": path}, capture_output=True, text=True)
        status, log = ran.returncode, log + ran.stdout + ran.stderr
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
    return status, log, outputs, files["GITHUB_STEP_SUMMARY"].read_text(), cwd


def commands(log):
    """The lines that the runner takes for commands, as its ActionCommandManager does: `##[` may stand anywhere."""
    stopped, out = None, []
    for line in log.splitlines():
        if stopped:
            stopped = None if line.strip() == f"::{stopped}::" else stopped
        elif found := re.match(r"\s*::stop-commands::(.+)", line):
            stopped = found[1]
        elif line.lstrip().startswith("::") or "##[" in line:
            out.append(line)
    assert stopped is None, "the runner is left deaf"
    return out


def annotations(log):
    return [line for line in commands(log) if re.match(r"::(error|warning|notice) file=", line)]


HOSTILE = """Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: lab-hostile
      AccessControl: "PublicRead ##[add-mask]1 ``` </summary>"
      OwnershipControls: {Rules: [{ObjectOwnership: "\\n::set-output name=status::0\\n``````"}]}
"""


def try_hostile(tools):
    """What files say neither becomes a command of the runner's nor ends the block in the summary."""
    inputs = {"control-account": ACCOUNT}
    status, log, _, summary, _ = action(tools, "hostile", inputs, more=[("hostile.yaml", HOSTILE)])
    assert status == 1 and "##[add-mask]" in log and "set-output" in log, log
    assert commands(log) == annotations(log) and len(annotations(log)) > FINDINGS, log
    fence = re.search("^(`+)text$", summary, re.M)[1]
    closing = [line for line in summary.splitlines() if re.fullmatch(f" {{0,3}}{fence}`*\\s*", line)]
    assert len(closing) == 1 and summary.endswith(f"{fence}\n") and "``````" in summary, summary


def try_action(tools, shown):
    """`shown` are the inputs of the job on the page."""
    status, log, outputs, summary, cwd = action(tools, "as-shown", shown)
    assert status == 1 and outputs == {"status": "1", "sarif-file": "bucketlint.sarif"}, log
    assert f"bucketlint {VERSION}" in log
    assert len(annotations(log)) == FINDINGS, log
    assert "::error file=policies.yaml,line=14,endLine=14,col=20,endColumn=50,title=policy/wrong-principal::" in log
    assert "2 errors, 1 warning, 0 notes" in log and "2 errors, 1 warning, 0 notes" in summary
    assert loader.load_sarif_file(str(cwd / outputs["sarif-file"])).get_result_count() == FINDINGS

    status, log, outputs, summary, cwd = action(tools, "clean", {**shown, "sarif": "true"}, broken=False)
    assert status == 0 and outputs == {"status": "0", "sarif-file": "bucketlint.sarif"}, log
    assert annotations(log) == [] and "0 errors, 0 warnings" in summary
    assert loader.load_sarif_file(str(cwd / "bucketlint.sarif")).get_result_count() == 0

    every = {
        "paths": "buckets.yaml\npolicies.yaml\n",
        "control-account": f"{ACCOUNT}\n",
        "profile": "quilt-8",
        "fail-on": "never",
        "args": "--trail\nelsewhere\n",
        "annotations": "false",
        "sarif": "true",
        "sarif-file": "out/b u.sarif",
        "config": "settings.yaml",
        "version": f"v{VERSION}",
    }
    status, log, outputs, _, cwd = action(tools, "no-settings", every)
    assert status == 2 and "settings.yaml" in log and outputs == {"status": "2"}, log
    del every["config"]
    status, log, outputs, _, cwd = action(tools, "every-input", every, system="macOS-ARM64")
    assert status == 0 and outputs == {"status": "0", "sarif-file": "out/b u.sarif"}, log
    assert "profile quilt-8" in log and "checked 2 files" in log and annotations(log) == []
    assert loader.load_sarif_file(str(cwd / "out/b u.sarif")).get_result_count() > 0

    try_hostile(tools)
    for system in ("Linux-ARM64", "macOS-X64", "Windows-X64"):
        status, log, *_ = action(tools, system, {"control-account": ACCOUNT}, system=system)
        assert status == 1 and len(annotations(log)) == FINDINGS, log
    status, log, *_ = action(tools, "no-such-machine", {}, system="Windows-ARM64")
    assert status == 2 and "::error::bucketlint has no program for Windows on ARM64" in log, log
    status, log, *_ = action(tools, "no-such-release", {"version": "9.9.9"})
    assert status == 2 and "::error::bucketlint 9.9.9 is not to be had" in log, log
    archive = WORK / "release" / f"bucketlint-{VERSION}-x86_64-unknown-linux-musl.tar.gz"
    whole = archive.read_bytes()
    archive.write_bytes(whole + b"\0")
    status, log, *_ = action(tools, "tampered", {})
    archive.write_bytes(whole)
    assert status == 2 and "is not what was released" in log, log


# --- the jobs on the page


def page():
    """The titled blocks of docs/ci.md."""
    blocks = dict(re.findall(r"\n```\w+ title=(\S+)\n(.*?)\n```", (ROOT / "docs/ci.md").read_text(), re.S))
    for title, text in blocks.items():
        (WORK / "pages" / title).parent.mkdir(parents=True, exist_ok=True)
        (WORK / "pages" / title).write_text(text + "\n")
    return blocks


def gitlab(text):
    job = yaml.safe_load(text)["bucketlint"]
    reports = job["artifacts"]["reports"]
    assert job["artifacts"]["when"] == "always"
    return job["variables"], job["before_script"] + job["script"], [("junit", reports["junit"]), ("codequality", reports["codequality"])]


def codebuild(text):
    """The keys are those of https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html."""
    spec = yaml.safe_load(text)
    assert set(spec) == {"version", "env", "phases", "reports"} and spec["version"] == 0.2
    phases = list(spec["phases"])
    assert phases == [name for name in ("install", "pre_build", "build", "post_build") if name in phases]
    assert all(set(phase) == {"commands"} for phase in spec["phases"].values())
    commands = [command for phase in spec["phases"].values() for command in phase["commands"]]
    (report,) = spec["reports"].values()
    assert set(report) == {"files", "file-format"} and report["file-format"] == "JUNITXML"
    return spec["env"]["variables"], commands, [("junit", file) for file in report["files"]]


def jenkins(text):
    groovy = tree_sitter.Parser(tree_sitter.Language(tree_sitter_groovy.language()))
    assert not groovy.parse(text.encode()).root_node.has_error
    variables = dict(re.findall(r"^ +([A-Z_]+) = '([^']*)'$", text, re.M))
    (script,) = re.findall(r"sh '''\n(.*?)'''", text, re.S)
    # Groovy reads backslashes in such strings, and the shell has to get what is shown
    assert "\\" not in script
    (junit,) = re.findall(r"^ +junit '([^']+)'$", text, re.M)
    (checkstyle,) = re.findall(r"checkStyle\(pattern: '([^']+)'", text)
    return variables, textwrap.dedent(script).splitlines(), [("junit", junit), ("checkstyle", checkstyle)]


READERS = {
    "junit": failures,
    "codequality": lambda path: len(json.loads(path.read_text())),
    "checkstyle": lambda path: len(list(ElementTree.parse(path).iter("error"))),
}


def try_job(tools, name, job):
    variables, commands, reports = job
    assert variables["CONTROL_ACCOUNT"] == ACCOUNT
    shell = WORK / "shell" / f"{name}.sh"
    shell.parent.mkdir(exist_ok=True)
    shell.write_text("\n".join(["#!/bin/sh", *commands, ""]))
    for broken in (True, False):
        cwd = repository(f"{name}-{broken}", broken)
        # not everybody may write there
        bin = WORK / "bin" / cwd.name
        bin.mkdir(parents=True)
        script = WORK / "bin" / f"{cwd.name}.sh"
        script.write_text(shell.read_text().replace("/usr/local/bin", str(bin)))
        env = environment(f"{bin}:{tools}", **variables)
        ran = subprocess.run(["sh", "-e", script], cwd=cwd, env=env, capture_output=True, text=True)
        assert ran.returncode == int(broken), f"{name}: {ran.returncode}\n{ran.stdout}{ran.stderr}"
        assert "2 errors, 1 warning" in ran.stdout if broken else "0 errors, 0 warnings" in ran.stdout, ran.stdout
        for kind, file in reports:
            count = READERS[kind](cwd / file)
            assert count == (FINDINGS if broken else 0), f"{name}: {file} has {count}"


def main():
    tools = prepare()
    blocks = page()
    assert sorted(blocks) == [".github/workflows/buckets.yml", ".gitlab-ci.yml", "Jenkinsfile", "buildspec.yml"]
    workflow = yaml.safe_load(blocks[".github/workflows/buckets.yml"])
    step = workflow["jobs"]["bucketlint"]["steps"][-1]
    assert step["uses"] == f"bucketlint/bucketlint@v{VERSION}"
    try_action(tools, {key: {True: "true", False: "false"}.get(value, value) for key, value in step["with"].items()})
    try_job(tools, "gitlab", gitlab(blocks[".gitlab-ci.yml"]))
    try_job(tools, "codebuild", codebuild(blocks["buildspec.yml"]))
    try_job(tools, "jenkins", jenkins(blocks["Jenkinsfile"]))
    print("the action and three jobs find what is there, find nothing where nothing is, and leave reports that others read")


main()
