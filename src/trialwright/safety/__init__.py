"""Rules of safety as pure code: grades, clocks, tables of events, where a stopping rule stands.

Nothing here knows a trial, a database or a law: what a law gives comes in as a setting.
"""
