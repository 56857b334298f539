"""The trial as written: frozen, typed nouns read from one YAML file, each fact with its origin."""
