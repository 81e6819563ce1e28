"""What a target may leave out, said instead of skipped."""


class NotOffered(Exception):
    """
    The target does not have what a behaviour is about; the message says what.

    In a contract run this is a verdict of its own. For our own microblog it is an
    error like any other: everything in the catalogue is offered there.
    """
