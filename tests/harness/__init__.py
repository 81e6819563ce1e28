"""The harness: starts an implementation of the chapter and watches it from outside."""
