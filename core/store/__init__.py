"""The only floor that knows SQL dialects: tables, database, types."""
