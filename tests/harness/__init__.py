"""The harness: starts an implementation of the chapter and observes it from outside."""
