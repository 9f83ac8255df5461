"""Tests that need a server: PostgreSQL or MariaDB on its standard port of this machine."""
