# `make -f elsewhere/Makefile` works in that folder.
HERE := $(shell dirname "$(strip $(MAKEFILE_LIST))")
ifneq ($(HERE),.)
GOALS := $(or $(MAKECMDGOALS),help)
.PHONY: $(GOALS)
$(GOALS):
	@$(MAKE) --no-print-directory -C "$(HERE)" $@
else

PYTHON ?= python3

# pyenv's shims run only the chosen versions; tox may use all that are installed, and
# those that .ci/pythons brought.
EMPTY :=
PYENV := $(wildcard $(HOME)/.pyenv/versions/3.1[1-5].*/bin)
export PATH := $(PATH)$(subst $(EMPTY) ,,$(PYENV:%=:%)):$(CURDIR)/.tox/pythons/bin
export UV_PYTHON_DOWNLOADS ?= never

.PHONY: help run test judge matrix clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1: \2/p' Makefile

run: .venv/installed ## serve the microblog at http://127.0.0.1:5000
	@.venv/bin/flask db upgrade
	@.venv/bin/flask run || { status=$$?; \
		[ $$status != 1 ] || echo "To use another port: FLASK_RUN_PORT=5001 make run" >&2; \
		exit $$status; }

test: .tox/bootstrap/installed ## lint, types, the suite on this Python, coverage
	@.tox/bootstrap/bin/tox run

judge: .tox/bootstrap/installed ## judge another implementation: make judge TARGET=../mine
	@.tox/bootstrap/bin/tox run -qq -e contract -- --target "$(TARGET)"

matrix: .tox/bootstrap/installed ## the suite on all Pythons here, lowest and newest versions
	@rm -rf .tox/results
	@.tox/bootstrap/bin/tox run -m matrix; status=$$?; \
		.tox/bootstrap/bin/python .ci/matrix.py && exit $$status

clean: ## remove what was built; the database and the logs stay
	rm -rf .venv .tox htmlcov

.venv/installed: pyproject.toml
	$(environment)
	@.venv/bin/pip install --quiet --editable .
	@touch $@

.tox/bootstrap/installed: Makefile
	$(environment)
	@.tox/bootstrap/bin/pip install --quiet tox tox-uv
	@touch $@

# A new virtual environment around the target, or one line that says what is missing.
define environment
@$(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("This needs Python 3.11 or newer; name one with: make PYTHON=...")'
@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. On Debian: apt install python3-venv" >&2; exit 1; }
@echo "Installing into $(@D)/, this once ..."
@$(PYTHON) -m venv --clear $(@D)
endef

endif
