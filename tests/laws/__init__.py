"""Laws: properties that are true for every value."""
