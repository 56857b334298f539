"""The door: pages on which a study is begun, set up, signed, activated, amended and closed."""
