"""Base and every model: what Alembic imports."""

from shop.db.base_class import Base
from shop.models.customer import Customer

__all__ = ["Base", "Customer"]
