"""Tables and SQL: the only importer of sqlmodel and sqlalchemy."""
