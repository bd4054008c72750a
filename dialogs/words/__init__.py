"""The words people use, by language: data for the emergency reading and the options."""
