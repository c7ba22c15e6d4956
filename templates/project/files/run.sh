#!/bin/sh
# Runs every experiment of experiments/ and keeps the runs in data/.
#
#   ./run.sh          preset quick: about a minute an experiment
#   ./run.sh paper    as precise as the report needs it
set -eu
cd "$(dirname "$0")"
assay=${ASSAY:-assay}
if ! command -v "$assay" >/dev/null; then
  echo "run.sh: there is no program $assay. Install Assay (scripts/install in its repository) and put it on your PATH," >&2
  echo "run.sh: or name it: ASSAY=/where/it/is/bin/assay ./run.sh" >&2
  exit 1
fi

failed=
for experiment in experiments/*.toml; do
  "$assay" run "$experiment" --preset "${1:-quick}" || failed="$failed $experiment"
done
if [ -n "$failed" ]; then
  echo "run.sh: failed:$failed; what is above says why" >&2
  exit 1
fi
