"""
The tables userlink_sessions and userlink_transactions.

They are written out here and not taken from the package: a migration does the same for ever. Tables that are there
already, made by ``create_all()``, are kept.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "userlink_0001"
down_revision = None
branch_labels = ("userlink",)
depends_on = None


def upgrade() -> None:
    """Make the tables and their indexes."""
    text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
    op.create_table(
        "userlink_sessions",
        sa.Column("identifier", text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("issuer", text, nullable=False),
        sa.Column("subject", text, nullable=False),
        sa.Column("sid", text, nullable=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "userlink_transactions",
        sa.Column("identifier", text, primary_key=True),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        if_not_exists=True,
    )
    for table, *columns in (
        ("userlink_sessions", "issuer", "sid"),
        ("userlink_sessions", "issuer", "subject"),
        ("userlink_sessions", "expires_at"),
        ("userlink_transactions", "expires_at"),
    ):
        op.create_index("_".join((table, *columns)), table, columns, if_not_exists=True)


def downgrade() -> None:
    """Drop the tables: everybody is signed out."""
    op.drop_table("userlink_transactions")
    op.drop_table("userlink_sessions")
