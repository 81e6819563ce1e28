"""Where sites keep their data: SQLite files, PostgreSQL databases, stored users."""
