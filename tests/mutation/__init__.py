"""Mutants of the application: small changes, each of which a test has to notice.

    tox -e mutation                              # all of app/, on two processes
    tox -e mutation -- --since main              # the lines that a branch changes
    tox -e mutation -- --only app/forms.py       # paths that start so
    tox -e mutation -- --unit                    # by unit tests only
    tox -e mutation -- --every --only app/login  # every killer, not only the first

A mutant changes one span of one file (`operators`, `regexes`, `templates`): an
argument, an element, a string, a number, a comparison, a condition, a statement, a
decorator, a part of a regular expression; in functions, classes and modules. (mutmut 3
leaves out decorated functions, and with them all views; cosmic-ray takes 4 s a mutant.
Here it is 0.2 s of processor time if the first tests notice the mutant.)

The tests that run the changed lines are tried first (`selection`), by coverage's
contexts: unit tests, then, for the survivors, the modules of integration tests that run
the function on a served site, and last those that need PostgreSQL. Each worker forks
from an interpreter that has imported pytest and the libraries, in a copy of the
checkout (`worker`, `runner`), so that an interrupted run leaves nothing behind.

Results are kept in .tox/mutation/results.jsonl, and tried again only if the module or
the tests that they depend on have changed. mutation.json is in Stryker's schema, with
the ids of behaviours as `killedBy`; mutation.html is a summary.

The exit status is 1 if a mutant survives. One that no test can notice is argued in
equivalents.toml; a row there that matches no mutant, or whose mutant is killed, fails
the run, and so do more rows than 3 % of the mutants.
"""
