"""The databases of sites: SQLite files, PostgreSQL databases, stored users."""
