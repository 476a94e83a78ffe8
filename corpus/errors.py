"""The errors that users see: each says what is wrong and what to do next.

Everything else that is raised is a defect of Pincite.
"""


class PinciteError(Exception):
    """An error with a message for the user.

    `exit_code` is what the command line ends with: 1 done in part, 2 wrong use, 3 cannot run.
    `http_status` and `slug` make the problem document of the HTTP interface.
    """

    exit_code = 3
    http_status = 500
    slug = "internal"
    title = "Pincite cannot run"


class BadInputError(PinciteError):
    """What was asked or given is wrong; the message names the value and what is accepted."""

    exit_code = 2
    http_status = 422
    slug = "bad-input"
    title = "The input is not valid"


class NotSetUpError(BadInputError):
    """What was asked for needs a setting that is not made; the message says which."""

    http_status = 400
    slug = "not-set-up"
    title = "A setting is missing"


class NotFoundError(PinciteError):
    """The named document, collection, version, page or job does not exist."""

    exit_code = 2
    http_status = 404
    slug = "not-found"
    title = "Not found"


class GoneError(NotFoundError):
    """The document was there and was purged."""

    http_status = 410
    slug = "gone"
    title = "Purged"


class ConflictError(BadInputError):
    """A document id or a source is bound to another document already."""

    http_status = 409
    slug = "conflict"
    title = "Something else has that name"


class UnreadableError(PinciteError):
    """A document cannot be read: encrypted, damaged, empty, too large, or of an unknown format."""

    exit_code = 1
    http_status = 422
    slug = "unreadable-document"
    title = "The document cannot be read"


class TooLargeError(UnreadableError):
    """A document or a request is larger than the limit that is set."""

    http_status = 413
    slug = "too-large"
    title = "Too large"


class LockedError(PinciteError):
    """Another process is writing to this home."""

    http_status = 503
    slug = "locked"
    title = "Another process is writing"


class UnfinishedError(PinciteError):
    """What was asked is done but for a rest, which the same command does when it is run again."""

    exit_code = 1
    http_status = 503
    slug = "unfinished"
    title = "Not finished"


class ModelError(PinciteError):
    """A model is missing, altered, or not the one that the index was built with."""

    http_status = 503
    slug = "model"
    title = "A model is missing or does not fit"


class DamagedError(PinciteError):
    """Stored data does not match its checksum, or the store is older than an index made from it."""

    http_status = 500
    slug = "damaged"
    title = "Stored data is damaged"


class ReindexError(PinciteError):
    """What was made anew is not what it should be, and was not put in force."""

    slug = "reindex"
    title = "The vectors made anew are not right"


class CannotListenError(PinciteError):
    """The address or port to serve on is taken or not allowed."""

    slug = "cannot-listen"
    title = "Cannot listen"


class EndpointError(PinciteError):
    """The endpoint cannot be reached, is too slow, refuses, or answers with something else."""

    http_status = 502
    slug = "endpoint"
    title = "The endpoint for generated text failed"
