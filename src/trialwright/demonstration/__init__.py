"""The demonstration study DEMO-HAEC-01: invented people and participants, real actions."""
