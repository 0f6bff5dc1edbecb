# shellcheck shell=bash
# To be sourced: puts `reconciler` on the PATH, for this step and, on GitHub, for those that follow.
# What is installed is said in ci/requirements.txt; a machine that has the command already is left as it is.
if ! command -v reconciler > /dev/null; then
  reconciler_venv=${RUNNER_TEMP:-$HOME}/reconciler-venv
  python3 -m venv "$reconciler_venv"
  "$reconciler_venv/bin/pip" install --quiet --disable-pip-version-check --requirement ci/requirements.txt
  PATH=$reconciler_venv/bin:$PATH
  if [ -n "${GITHUB_PATH:-}" ]; then
    echo "$reconciler_venv/bin" >> "$GITHUB_PATH"
  fi
fi
