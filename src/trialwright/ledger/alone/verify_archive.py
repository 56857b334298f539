"""Check an archived study with Python's standard library alone, beside `verify_ledger.py`.

    python3 -I -S verify_archive.py [FOLDER] [--public-key HEX]

FOLDER is the unpacked archive, by default the one in which this file lies. Every file is compared
with the manifest, the ledger with its signed heads, and what the ledger says of the protocol's
versions, the data cuts, the signatures and the attachments with the files; of a sealed attachment
that it is there, as its hash stands sealed in the ledger. Exit code 0: nothing found; 1: findings;
2: can't read.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import sys


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def beside(name):
    """A module that lies beside this file, whatever the path of modules is."""
    place = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".py")
    spec = importlib.util.spec_from_file_location(name, place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def files_in(folder, below=""):
    """The names of all files below a folder of the archive, as the manifest writes them."""
    found = set()
    for root, _, files in os.walk(os.path.join(folder, below)):
        for each in files:
            found.add(os.path.relpath(os.path.join(root, each), folder).replace(os.sep, "/"))
    return found


def rows_in(folder, name):
    """What a list of the archive tells; nothing where it is missing, as the manifest says then."""
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return []


def check_manifest(folder):
    """Files that are missing, changed, or not named."""
    named = {}
    with open(os.path.join(folder, "MANIFEST.sha256"), encoding="utf-8") as file:
        for line in file:
            digest, _, name = line.rstrip("\n").partition("  ")
            named[name] = digest
    there = files_in(folder)
    there.discard("MANIFEST.sha256")
    there = {each for each in there if "__pycache__" not in each}
    for name in sorted(set(named) - there):
        yield f"{name} is missing"
    for name in sorted(there - set(named)):
        yield f"{name} isn't in the manifest"
    for name in sorted(there & set(named)):
        if sha256(os.path.join(folder, *name.split("/"))) != named[name]:
            yield f"{name} was changed"


def last_values(path):
    """What the open chain says last of each field, (entity, id) to {field: text}, and the
    (entity, id) of which the sealed one speaks.
    """
    found, sealed = {}, set()
    with open(path, encoding="utf-8") as file:
        next(file)
        for text in file:
            row = json.loads(text)
            value = row.get("values", {}).get("new")
            if row["chain"] == "sealed":
                sealed.add((row["entity"], row["id"]))
            if row["chain"] == "open" and value and "text" in value:
                found.setdefault((row["entity"], row["id"]), {})[row["field"]] = value["text"]
    return found, sealed


def check_contents(folder, said):
    """Versions of the protocol and cuts that the ledger names and that aren't there as it says."""
    files = os.listdir(os.path.join(folder, "protocol"))
    kept = {sha256(os.path.join(folder, "protocol", each)) for each in files}
    cuts = {each["name"]: each["sha256"] for each in rows_in(folder, "cuts.json")}
    signatures = {each["id"]: each["content_hash"] for each in rows_in(folder, "signatures.json")}
    for (entity, key), fields in sorted(said.items()):
        if entity == "protocol_version" and fields.get("sha256") not in kept:
            yield f"the protocol of version {fields.get('version')} isn't here as it was signed"
        if entity == "cut" and cuts.get(fields.get("name")) != fields.get("sha256"):
            yield f"the data cut {fields.get('name')} isn't here as it was made"
        if entity == "signature" and signatures.get(key) != fields.get("content_hash"):
            yield f"the signature {key} isn't here as it was given"


def check_attachments(folder, said, sealed):
    """Files that were attached and aren't here as the ledger has them, and files of none."""
    there, belonging = files_in(folder, "attachments"), set()
    listed = {each["id"]: each for each in rows_in(folder, "attachments.json")}
    for key in sorted(key for entity, key in sealed if entity == "attachment"):
        name = f"attachments/{key}.sealed"
        belonging.add(name)
        if name not in there:
            yield f"{name} is missing, the file of a sealed attachment"
    for (entity, key), fields in sorted(said.items()):
        if entity != "attachment":
            continue
        code = said.get(("participant", fields.get("participant_id")), {}).get("code")
        number, removed = fields.get("number"), bool(fields.get("removed_at"))
        which = f"attachment {number} of {code}"
        told = listed.pop(key, {})
        here = (told.get("participant"), str(told.get("number")), told.get("sha256"))
        as_said = here == (code, number, fields.get("sha256"))
        if not as_said or bool(told.get("removed_at")) != removed:
            yield f"attachments.json: {which} isn't told as the ledger has it"
        name = told.get("file")
        if removed or not name:
            continue
        belonging.add(name)
        if name not in there:
            yield f"{name} is missing, the file of {which}"
        elif sha256(os.path.join(folder, *name.split("/"))) != fields.get("file"):
            yield f"{name} is not the file that was attached, {which}"
    for told in listed.values():
        which = f"attachment {told['number']} of {told['participant']}"
        yield f"attachments.json tells of {which}, which the ledger hasn't ({told['id']})"
    for name in sorted(there - belonging):
        yield f"{name} belongs to no attachment"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("folder", nargs="?", default=here, help="the unpacked archive")
    parser.add_argument("--public-key", action="append", help="from paper: 64 hex digits")
    chosen = parser.parse_args(arguments)
    sys.dont_write_bytecode = True
    ledger = beside("verify_ledger")
    export = os.path.join(chosen.folder, "ledger.jsonl")
    publics = [bytes.fromhex(key) for key in chosen.public_key or []]
    try:
        findings = list(check_manifest(chosen.folder))
        with open(export, encoding="utf-8") as file:
            heads = os.path.join(chosen.folder, "heads")
            found, summary = ledger.verify(file, heads, publics)
        findings += found
        said, sealed = last_values(export)
        findings += check_contents(chosen.folder, said)
        findings += check_attachments(chosen.folder, said, sealed)
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        print(f"Can't read it: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    for finding in findings:
        print(finding)
    print(f"{summary}: {len(findings)} findings" if findings else f"{summary}: nothing found")
    if not chosen.public_key:
        print("The public key came with the archive; compare it with the one on paper.")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
