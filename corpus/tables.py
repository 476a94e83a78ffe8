"""The tables of this room: collections, documents, versions, texts, layouts, sketches, passages, `seq`, purges.

A document row is only an identity. What it says at a given time is a version; versions and passages carry the
`seq` that added and the one that removed them, so that any state of the store can be read at any later time.
"""

from typing import Final

import sqlalchemy as sa

metadata = sa.MetaData()

# A SQLite table counts in 64-bit integers only when the column is INTEGER; PostgreSQL needs BIGINT for the same.
BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# `added_seq` of what is written in advance (`index.shadow`): no state of the store ever reaches it.
SHADOW_SEQ: Final = 2**62

store_state = sa.Table(
    "store_state",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("seq", BigInt, nullable=False),
    sa.Column("store_id", sa.Text, nullable=False),
    # `seq` counted downwards: tells a counter that was changed on the disk.
    sa.Column("countdown", BigInt, nullable=False, server_default="0"),
)

collections = sa.Table(
    "collections",
    metadata,
    sa.Column("number", BigInt, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("removed_at", sa.Text),
    sa.Column("checksum", BigInt, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("number", BigInt, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("collection", BigInt, sa.ForeignKey("collections.number"), nullable=False),
    sa.Column("uri", sa.Text, nullable=False),
    sa.Column("external_id", sa.Text, nullable=False),
    # The document that this one is an attachment of.
    sa.Column("parent", BigInt, sa.ForeignKey("documents.number")),
    sa.Column("checksum", BigInt, nullable=False, server_default="0"),
    sa.UniqueConstraint("collection", "uri", name="documents_by_source"),
    sa.Index("documents_by_parent", "parent"),
    sqlite_autoincrement=True,
)

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("number", BigInt, primary_key=True),
    sa.Column("document", BigInt, sa.ForeignKey("documents.number"), nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("parser_version", sa.Text, nullable=False),
    sa.Column("original", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("metadata", sa.Text, nullable=False),
    sa.Column("page_starts", sa.Text, nullable=False),
    sa.Column("sections", sa.Text, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("checksum", sa.Text, nullable=False),
    sa.Column("added_seq", BigInt, nullable=False),
    sa.Column("removed_seq", BigInt),
    # JSON objects, "{}" where there is nothing to say: `records.Shape`, `records.ReadReport`, `records.Given`.
    sa.Column("shape", sa.Text, nullable=False, server_default="{}"),
    sa.Column("report", sa.Text, nullable=False, server_default="{}"),
    sa.Column("given", sa.Text, nullable=False, server_default="{}"),
    sa.Index("versions_by_document", "document", "removed_seq"),
    sa.Index("versions_by_added_seq", "added_seq"),
    sa.Index("versions_by_removed_seq", "removed_seq"),
    # Not for searching: SQLite's check compares indexes with tables, and so tells changes of what has no checksum.
    sa.Index("versions_by_created_at", "created_at"),
    sqlite_autoincrement=True,
)

texts = sa.Table(
    "texts",
    metadata,
    sa.Column("version", BigInt, sa.ForeignKey("versions.number"), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("checksum", sa.Text, nullable=False),
)

layouts = sa.Table(
    "layouts",
    metadata,
    sa.Column("version", BigInt, sa.ForeignKey("versions.number"), primary_key=True),
    # 0: the rows of sheets. From 1 on: the character boxes of that page.
    sa.Column("part", sa.Integer, primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Column("checksum", BigInt, nullable=False),
)

sketches = sa.Table(
    "sketches",
    metadata,
    sa.Column("version", BigInt, sa.ForeignKey("versions.number"), primary_key=True),
    # Of `corpus.near_duplicates`.
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Column("checksum", BigInt, nullable=False),
)

passages = sa.Table(
    "passages",
    metadata,
    sa.Column("number", BigInt, primary_key=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("document", BigInt, sa.ForeignKey("documents.number"), nullable=False),
    sa.Column("version", BigInt, sa.ForeignKey("versions.number"), nullable=False),
    sa.Column("start", BigInt, nullable=False),
    sa.Column("end", BigInt, nullable=False),
    sa.Column("added_seq", BigInt, nullable=False),
    sa.Column("removed_seq", BigInt),
    # With the second column, or else SQLite looks for those in force of a version among all that are in force.
    sa.Index("passages_by_version", "version", "removed_seq"),
    sa.Index("passages_by_added_seq", "added_seq"),
    sa.Index("passages_by_removed_seq", "removed_seq"),
    sqlite_autoincrement=True,
)

# What is left of purged documents. Ids may say something of the document, their hashes do not.
purged = sa.Table(
    "purged",
    metadata,
    sa.Column("id_sha256", sa.Text, primary_key=True),
    sa.Column("seq", BigInt, nullable=False),
    sa.Index("purged_by_seq", "seq"),
)

# An index that stands before the removal of these passages still holds them.
purged_passages = sa.Table(
    "purged_passages",
    metadata,
    sa.Column("number", BigInt, primary_key=True),
    sa.Column("added_seq", BigInt, nullable=False),
    sa.Column("removed_seq", BigInt, nullable=False),
    sa.Index("purged_passages_by_removed_seq", "removed_seq"),
)
